"""Pages that no context owns: the first page, look and language, a person's account, and errors."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.templatetags.static import static
from django.test import Client
from django.urls import reverse

from airbnb.accounts.models import ApiToken, User
from tests.factories.rooms import listed_room, ready_photo

pytestmark = pytest.mark.django_db


def text_of(response: Any) -> str:
    """The page as one line of words, without tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.fixture
def client() -> Client:
    """A reader of English."""
    return Client(headers={"Accept-Language": "en"})


@pytest.fixture
def browser(client: Client, guest: Any) -> Client:
    """The guest, signed in."""
    client.force_login(guest)
    return client


class TestHome:
    """``/``."""

    def test_search_and_sign_in_are_there(self, client: Client) -> None:
        page = client.get("/").content.decode()
        assert re.search(r'<form action="/rooms/" method="get"', page)
        for name in ("q", "check_in", "check_out", "guests"):
            assert f'name="{name}"' in page
        assert reverse("account_login") in page

    def test_rooms_and_cities(self, client: Client, host: Any) -> None:
        room = listed_room(host)
        photo = ready_photo(room)
        response = client.get("/")
        page = response.content.decode()
        assert f"/rooms/{room.slug}/?check_in=" in page
        assert "total for 2 nights" in text_of(response)
        assert "/rooms/?city=gyeongju" in page
        assert photo.addresses["480"] in page

    def test_statements(self, client: Client, host: Any, django_assert_max_num_queries: Callable[..., Any]) -> None:
        for _ in range(4):
            listed_room(host)
        with django_assert_max_num_queries(12):
            client.get("/")

    def test_wrong_method(self, client: Client) -> None:
        assert client.post("/").status_code == 405


class TestLook:
    """Theme and language."""

    def test_theme_is_kept_on_the_device(self, client: Client) -> None:
        response = client.post("/theme/", {"theme": "dark", "next": "/rooms/"})
        assert response["Location"] == "/rooms/"
        assert '<html lang="en" data-theme="dark">' in client.get("/").content.decode()
        client.post("/theme/", {"theme": "system", "next": "/"})
        assert "data-theme=" not in client.get("/").content.decode().split("<head>")[0]

    def test_theme_never_leads_elsewhere(self, client: Client) -> None:
        response = client.post("/theme/", {"theme": "dark", "next": "https://elsewhere.example/"})
        assert response["Location"] == "/"
        assert client.get("/theme/").status_code == 405

    def test_language_is_kept_on_the_device_and_the_account(self, browser: Client, guest: User) -> None:
        browser.post("/language/", {"language": "ko", "next": "/"})
        assert '<html lang="ko"' in browser.get("/").content.decode()
        guest.refresh_from_db()
        assert guest.language == "ko"
        browser.post("/language/", {"language": "xx", "next": "/"})
        guest.refresh_from_db()
        assert guest.language == "ko"

    def test_the_account_speaks_where_the_device_does_not(self, guest: User) -> None:
        client = Client(headers={"Accept-Language": "ko"})
        assert '<html lang="ko"' in client.get("/").content.decode()
        client.force_login(guest)  # whose language is English
        assert '<html lang="en"' in client.get("/").content.decode()


class TestProfile:
    """``/account/profile/``."""

    def test_saves(self, browser: Client, guest: User) -> None:
        response = browser.post("/account/profile/", {"name": "이서윤", "phone": "010-1234-5678", "language": "ko"})
        guest.refresh_from_db()
        assert response.status_code == 302
        assert (guest.name, guest.phone, guest.language) == ("이서윤", "010-1234-5678", "ko")

    def test_mistakes_keep_what_was_typed(self, browser: Client, guest: User) -> None:
        response = browser.post("/account/profile/", {"name": "  ", "phone": "010-9999-9999", "language": "en"})
        guest.refresh_from_db()
        assert response.status_code == 422
        assert 'value="010-9999-9999"' in response.content.decode()
        assert guest.name == "서윤"

    def test_anonymous(self, client: Client) -> None:
        for path in ("/account/profile/", "/account/tokens/", "/host/start/"):
            assert client.get(path)["Location"] == f"{reverse('account_login')}?next={path}"


class TestTokens:
    """``/account/tokens/``."""

    def test_shown_once_then_closed(self, browser: Client, guest: User) -> None:
        made = browser.post("/account/tokens/", {"name": "calendar", "scopes": ["read"]}).content.decode()
        token = ApiToken.objects.get(user=guest)
        shown = re.search(r"bb_[\w-]{20,}", made)
        assert shown
        assert shown[0].startswith(token.prefix)
        assert shown[0] not in browser.get("/account/tokens/").content.decode()
        browser.post(reverse("account_token_revocation", args=[token.prefix]))
        token.refresh_from_db()
        assert token.revoked_at is not None

    def test_mistakes(self, browser: Client, guest: User) -> None:
        for scopes in ([], ["everything"], ["operate"]):
            response = browser.post("/account/tokens/", {"name": "x", "scopes": scopes})
            assert response.status_code == 422
        assert not ApiToken.objects.filter(user=guest).exists()

    def test_a_strangers_token_stays(self, browser: Client, stranger: User) -> None:
        from airbnb.accounts.services import create_token

        create_token(stranger, ["read"])
        prefix = ApiToken.objects.get(user=stranger).prefix
        browser.post(reverse("account_token_revocation", args=[prefix]))
        assert ApiToken.objects.get(user=stranger).revoked_at is None


class TestHostStart:
    """``/host/start/``."""

    def test_a_guest_becomes_a_host(self, browser: Client, guest: User) -> None:
        assert browser.get("/host/start/").status_code == 200
        assert browser.post("/host/start/")["Location"] == reverse("rooms_host:list")
        guest.refresh_from_db()
        assert guest.is_host
        assert browser.get("/host/start/").status_code == 302


class TestErrors:
    """Pages that say no."""

    def test_nothing_here(self, client: Client) -> None:
        response = client.get("/no/such/page/")
        assert response.status_code == 404
        assert "<html" in response.content.decode()

    def test_a_form_without_its_token(self, guest: User) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(guest)
        assert client.post("/account/profile/", {"name": "x"}).status_code == 403

    def test_private_pages_stay_out_of_caches(self, browser: Client) -> None:
        assert browser.get("/account/profile/")["Cache-Control"] == "private, no-store"

    def test_pages_allow_no_inline_script_or_style(self, browser: Client) -> None:
        response = browser.get("/")
        page = response.content.decode()
        assert "default-src 'self'" in response["Content-Security-Policy"]
        assert not re.search(r"<script(?![^>]*\ssrc=)[^>]*>", page)
        assert not re.search(r"\s(style|on\w+)=", page)
        assert "<style" not in page


def test_browsers_find_the_mark_on_pages_that_do_not_name_it(client: Client) -> None:
    answer = client.get("/favicon.ico")
    assert (answer.status_code, answer["Location"]) == (302, static("img/mark.svg"))

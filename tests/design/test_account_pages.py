"""The pages of an account and the pages of failure: what they say, and that their steps lead on."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils import translation

from airbnb import pages
from airbnb.accounts.models import User

FORM = {"name": "Maya Lindqvist", "email": "maya@example.com", "password1": "three plain words"}
LINK = re.compile(r"https?://[^/\s\"]+(/account/\S+?/)(?=[\s\"])")


@pytest.fixture(autouse=True)
def _english_device(client: Client) -> None:
    client.cookies["django_language"] = "en"


def link_in(message: Any) -> str:
    """The path of the first account link of a mail."""
    found = LINK.search(message.body)
    assert found
    return found.group(1)


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("path", ["login", "signup", "password/reset", "password/reset/done", "confirm-email"])
def test_the_pages_of_entrance_have_one_heading_and_their_language(client: Client, path: str, language: str) -> None:
    client.cookies["django_language"] = language
    html = client.get(f"/account/{path}/").content.decode()
    assert html.count("<h1>") == 1
    assert f'<html lang="{language}"' in html
    assert '<a class="skip" href="#main">' in html
    assert html.index('class="skip"') < html.index("<header")


@pytest.mark.django_db
def test_signing_up_makes_an_account_and_sends_a_link_that_confirms_it(client: Client) -> None:
    answer = client.post("/account/signup/", FORM)
    assert answer.status_code == 302
    user = User.objects.get(email="maya@example.com")
    assert user.name == "Maya Lindqvist"
    [message] = mail.outbox
    assert message.subject == "Welcome. Confirm your address"
    [(html, kind)] = message.alternatives
    assert kind == "text/html"
    assert 'width="600"' in html
    path = link_in(message)
    assert path in html
    page = client.get(path).content.decode()
    assert "Is maya@example.com yours?" in page
    client.post(path)
    assert user.emailaddress_set.get().verified


@pytest.mark.django_db
def test_what_is_wrong_with_a_new_account_is_told_twice_in_the_same_words_and_nothing_is_lost(client: Client) -> None:
    html = client.post("/account/signup/", FORM | {"email": "maya", "password1": "abc"}).content.decode()
    assert re.search(r"<title>\s*2 problems:\s+Create your account", html)
    assert html.count("Enter a valid email address.") == 2
    assert 'href="#id_email"' in html
    assert 'value="Maya Lindqvist"' in html
    assert 'value="maya"' in html
    assert 'aria-invalid="true"' in html


@pytest.mark.django_db
def test_a_forgotten_password_is_replaced_by_the_link_in_the_mail(client: Client, guest: User) -> None:
    client.post("/account/password/reset/", {"email": guest.email})
    page = client.get(link_in(mail.outbox[0]), follow=True)
    assert "Choose a new password" in page.content.decode()
    done = client.post(page.request["PATH_INFO"], {"password1": "three other words", "password2": "three other words"})
    assert done.status_code == 302
    guest.refresh_from_db()
    assert guest.check_password("three other words")
    assert "This link no longer works" in client.get(link_in(mail.outbox[0]), follow=True).content.decode()


@pytest.mark.django_db
def test_an_unknown_address_learns_nothing_on_the_page(client: Client, guest: User) -> None:
    known = client.post("/account/password/reset/", {"email": guest.email}, follow=True).content.decode()
    unknown = client.post("/account/password/reset/", {"email": "nobody@example.com"}, follow=True).content.decode()
    assert "Look at your email" in known
    assert re.sub(r'value="[^"]{64}"', "", known) == re.sub(r'value="[^"]{64}"', "", unknown)
    assert mail.outbox[1].subject == "There is no account with this address"


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["profile/", "email/", "password/change/", "tokens/", "logout/"])
def test_the_pages_of_ones_own_account_open_for_oneself_alone(client: Client, guest: User, path: str) -> None:
    assert client.get(f"/account/{path}").status_code == 302
    client.force_login(guest)
    html = client.get(f"/account/{path}").content.decode()
    assert html.count("<h1>") == 1
    assert guest.email in html


@pytest.mark.django_db
def test_a_new_key_is_shown_once_and_can_be_closed(client: Client, guest: User) -> None:
    client.force_login(guest)
    made = client.post("/account/tokens/", {"name": "My planner", "scopes": ["read"]}).content.decode()
    [key] = re.findall(r"<code>(\w\S+?)</code></p>", made)
    again = client.get("/account/tokens/").content.decode()
    assert key not in again
    assert "My planner" in again
    [closing] = re.findall(r'action="(/account/tokens/[^"]+/revocation/)"', again)
    client.post(closing)
    assert "My planner" not in client.get("/account/tokens/").content.decode()


@pytest.mark.django_db
def test_a_guest_becomes_a_host_by_one_press(client: Client, guest: User) -> None:
    client.force_login(guest)
    assert "Begin as a host" in client.get("/host/start/").content.decode()
    assert client.post("/host/start/").headers["Location"] == "/host/rooms/"
    guest.refresh_from_db()
    assert guest.is_host


# ------------------------------------------------------------------------------------------------- failures
@pytest.mark.django_db
def test_a_wrong_address_offers_rooms_and_trips(client: Client) -> None:
    answer = client.get("/no/such/place/")
    html = answer.content.decode()
    assert answer.status_code == 404
    assert "There is no room at this address" in html
    assert 'href="/rooms/"' in html
    assert 'href="/trips/"' in html


@pytest.mark.django_db
def test_somebody_elses_page_names_who_one_is(rf: RequestFactory, guest: User) -> None:
    request = rf.get("/x/")
    request.user = guest
    html = pages.forbidden(request, PermissionError()).content.decode()
    assert f"You are signed in as {guest.email}." in html
    assert "This form was open too long" in pages.csrf_failure(request).content.decode()


@pytest.mark.parametrize("name", ["500.html", "503.html"])
@pytest.mark.parametrize(("language", "words"), [("en", "Try again"), ("ko", '<html lang="ko">')])
def test_pages_that_stand_alone_ask_nothing_of_the_application(name: str, language: str, words: str) -> None:
    with translation.override(language):
        html = render_to_string(name)  # without a database: this test has none
    assert words in html
    assert "/static/" not in html
    assert not re.search(r"<(?:link|script|img)\b", html)
    assert html.count("<h1>") == 1


@pytest.mark.django_db
def test_too_many_requests_say_when_to_try_again(rf: RequestFactory) -> None:
    request = rf.get("/x/")
    html = render_to_string("429.html", {"until": "2026-10-14T05:32:00+00:00"}, request)
    assert 'data-until="2026-10-14T05:32:00+00:00"' in html
    assert 'role="timer"' not in render_to_string("429.html", {}, request)


@pytest.mark.django_db
def test_the_look_is_written_by_the_server_so_that_nothing_flashes(client: Client) -> None:
    assert "data-theme" not in client.get("/account/login/").content.decode().split("<head>")[0]
    assert client.post("/theme/", {"theme": "dark", "next": "/account/login/"}).headers["Location"] == "/account/login/"
    html = client.get("/account/login/").content.decode()
    assert '<html lang="en" data-theme="dark">' in html
    assert '<button name="theme" value="dark" aria-pressed="true">' in html


@pytest.mark.django_db
def test_pages_allow_no_inline_code(client: Client) -> None:
    policy = client.get("/account/login/").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe-inline" not in policy

"""The list, reading, the bell and the switches, without JavaScript and in both languages."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from notifications import queries
from notifications.models import ChannelPreference
from tests.factories.notifications import told

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(guest: Any) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(guest)
    return client


def test_the_list_marks_what_is_unread(page: Client, guest: Any, time: Any) -> None:
    told(guest)
    shown = page.get("/notifications/").content.decode()
    assert "Your stay at Zelkova House is booked" in shown
    assert shown.count('class="unread"') == 1
    assert "Today" in shown
    page.post("/notifications/reading/")
    assert 'class="unread"' not in page.get("/notifications/").content.decode()
    time.forward(days=3)
    assert "This week" in page.get("/notifications/").content.decode()
    time.forward(days=10)
    assert "Earlier" in page.get("/notifications/").content.decode()


def test_in_korean(page: Client, guest: Any) -> None:
    told(guest)
    page.cookies["django_language"] = "ko"
    shown = page.get("/notifications/").content.decode()
    assert '<html lang="ko"' in shown
    assert "느티채" in shown
    assert "Zelkova" not in shown


def test_an_empty_list_says_so(page: Client) -> None:
    assert "Nothing to tell you yet" in page.get("/notifications/").content.decode()


def test_opening_marks_as_read_and_leads_on(page: Client, guest: Any) -> None:
    notification = told(guest)
    answer = page.post(f"/notifications/{notification.pk}/reading/")
    assert (answer.status_code, answer["Location"]) == (302, "/trips/BBTOLD0001/")
    assert queries.unread_count(guest.pk) == 0


def test_who_finds_what(page: Client, guest: Any, stranger: Any) -> None:
    notification = told(guest)
    paths = ["/notifications/", "/notifications/bell/", "/notifications/preferences/"]
    for path in paths:
        assert Client().get(path).status_code == (204 if "bell" in path else 302)
        assert page.get(path).status_code == 200
        assert page.put(path).status_code == 405
    reading = f"/notifications/{notification.pk}/reading/"
    assert Client().post(reading).status_code == 302
    assert page.get(reading).status_code == 405
    assert page.get("/notifications/reading/").status_code == 405
    assert page.post(f"/notifications/{uuid4()}/reading/").status_code == 404
    other = Client()
    other.force_login(stranger)
    assert other.post(reading).status_code == 404
    other.post("/notifications/reading/")
    assert queries.unread_count(guest.pk) == 1, "another's list is not touched"


def test_the_bell_fragment(page: Client, guest: Any) -> None:
    told(guest)
    told(guest)
    fragment = page.get("/notifications/bell/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment
    assert "2 new notifications" in fragment
    assert "aria-current" not in fragment
    on_list = {"HX-Request": "true", "HX-Current-URL": "http://testserver/notifications/?page=2"}
    assert 'aria-current="page"' in page.get("/notifications/bell/", headers=on_list).content.decode()
    assert page.get("/notifications/").content.decode().count('hx-trigger="every 60s, news"') == 1, "it goes on asking"


@pytest.mark.parametrize("number", ["0", "-1", "x", "99999999999999999999", "²"])
def test_odd_page_numbers_are_harmless(page: Client, number: str) -> None:
    assert page.get(f"/notifications/?page={number}").status_code == 200


def test_older_ones_are_on_the_next_page(page: Client, guest: Any, django_assert_max_num_queries: Any) -> None:
    for _turn in range(31):
        told(guest)
    with django_assert_max_num_queries(12):
        first = page.get("/notifications/").content.decode()
    assert first.count('class="unread"') == 30
    assert "?page=2" in first
    assert page.get("/notifications/?page=2").content.decode().count('class="unread"') == 1


def test_switches(page: Client, guest: Any) -> None:
    shown = page.get("/notifications/preferences/").content.decode()
    assert shown.count('role="switch"') == len(queries.wishes_of(guest.pk))
    page.post("/notifications/preferences/", {"booking_kakaotalk": "on"})
    wishes = {(wish.topic, wish.channel): wish.is_on for wish in queries.wishes_of(guest.pk)}
    assert wishes["booking", "email"], "cannot be switched off, though the form did not send it"
    assert wishes["booking", "kakaotalk"]
    assert not wishes["review", "email"]
    assert not ChannelPreference.objects.filter(topic="booking", channel="email").exists()


def test_without_a_provider_nobody_is_offered_kakaotalk(page: Client, guest: Any, settings: Any) -> None:
    assert "KakaoTalk" in page.get("/notifications/preferences/").content.decode()
    settings.MESSENGER_ADAPTER = ""
    assert "KakaoTalk" not in page.get("/notifications/preferences/").content.decode()
    assert {wish.channel for wish in queries.wishes_of(guest.pk)} == {"email"}
    assert not told(guest).deliveries.filter(channel="kakaotalk").exists()

"""Holds at the edges: other terms at the same price, rooms that nobody may see, stays without a price."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from airbnb.money import Money
from reservations import services
from reservations.models import Reservation
from rooms import queries as rooms
from rooms import services as room_services
from tests.factories.reservations import some_stay
from tests.reservations.pages import form_of, reader, text_of
from tests.support import confirmed_reservation, fresh, room_of

pytestmark = pytest.mark.django_db
LIST = "/api/v1/reservations/"
_keys = count(1)


def post(client: Any, body: Any) -> Any:
    return client.post(LIST, body, format="json", headers={"Idempotency-Key": f"edge-{next(_keys)}"})


def body_of(room: Any, **changes: Any) -> dict[str, Any]:
    stay = some_stay()
    dates = {"check_in": stay.check_in.isoformat(), "check_out": stay.check_out.isoformat()}
    return {"room": room.code, **dates, "guests": 2, **changes}


def switch_policy(room: Any, host: Any) -> None:
    room_services.edit_room(room_id=room.pk, host_id=host.pk, language="en", cancellation_policy="non-refundable")


def test_other_cancellation_terms_at_the_same_price_are_a_409(api: Any, guest: Any, host: Any) -> None:
    room = room_of(host)
    token = rooms.quote(room.pk, some_stay(), 2).token
    switch_policy(room, host)
    told = post(api(guest), body_of(room, quote=token))
    assert (told.status_code, told.json()["code"], told.json()["cancellation_changed"]) == (409, "quote_changed", True)
    assert told.json()["quote"]["cancellation"] == "non-refundable"
    assert "cancellation terms" in told.json()["detail"]
    held = post(api(guest), body_of(room, quote=told.json()["quote"]["token"]))
    assert (held.status_code, held.json()["cancellation_policy"]) == (201, "non-refundable")


@pytest.mark.parametrize("later", [0, 16])
def test_the_page_shows_new_terms_and_never_renews_an_old_quote_over_them(
    guest: Any, host: Any, time: Any, later: int
) -> None:
    room = room_of(host)
    asked = form_of(room, some_stay())
    switch_policy(room, host)
    time.forward(minutes=later)
    answer = reader(guest).post("/reservations/", asked)
    assert answer.status_code == 409
    assert "The cancellation terms have changed" in text_of(answer)
    assert not Reservation.objects.exists()


@pytest.mark.parametrize("status", ["draft", "archived"])
def test_a_room_that_is_not_shown_cannot_be_asked_for(api: Any, guest: Any, host: Any, status: str) -> None:
    room = room_of(host)
    asked = form_of(room, some_stay())
    if status == "draft":
        room_services.edit_room(room_id=room.pk, host_id=host.pk, language="en", status="draft")
    else:
        room_services.archive_room(room_id=room.pk, host_id=host.pk)
    for browser in (Client(), reader(guest)):
        for form in (asked, {**asked, "check_in": "soon"}):
            answer = browser.post("/reservations/", form)
            assert answer.status_code == 404
            assert room.title_i18n["ko"] not in answer.content.decode()
    assert post(api(guest), body_of(room)).status_code == 404
    assert post(api(host), body_of(room)).json()["code"] != "not_found"


def test_a_stay_without_a_price_is_refused_with_the_reason(
    api: Any, guest: Any, host: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, stay, priced = room_of(host), some_stay(), rooms.Booking.quote
    monkeypatch.setattr(rooms.Booking, "quote", lambda known, party: replace(priced(known, party), total=Money(0)))
    told = post(api(guest), body_of(room))
    assert (told.status_code, told.json()["code"]) == (422, "nothing_to_pay")
    answer = reader(guest).post("/reservations/", form_of(room, stay))
    assert answer.status_code == 422
    assert "has no price" in text_of(answer)
    assert not Reservation.objects.exists()


def test_numbers_and_words_that_nobody_can_read_break_nothing(guest: Any, sandbox: Any) -> None:
    booked = confirmed_reservation(guest)
    browser, page = reader(guest), reverse("reservations:cancellation", args=[booked.code])
    assert browser.post(page, {"token": "old", "shown": "9" * 5000}).status_code == 422
    assert browser.get(reverse("reservations:trips"), {"page": "9" * 5000}).status_code == 200
    token = services.preview_cancellation(booked.code, guest).token
    assert browser.post(page, {"token": token, "reason": "a\0b"}).status_code == 302
    assert fresh(booked).cancel_reason == "ab"


@pytest.mark.parametrize("path", ["/trips/%00/", "/trips/%00/status/", "/host/reservations/%00/", f"{LIST}%00/"])
def test_a_nul_in_an_address_is_a_404(api: Any, host: Any, path: str) -> None:
    client = api(host) if path.startswith("/api") else reader(host)
    assert client.get(path).status_code == 404

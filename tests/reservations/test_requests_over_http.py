"""Requests to book over HTTP: the endpoints' list, and a journey from the search to the confirmed stay."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from reservations.models import Reservation
from reservations.states import Status
from tests.factories.reservations import some_stay
from tests.support import RETURN_URL, VISA, confirmed_reservation, requested_reservation, room_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(host: Any) -> Any:
    return room_of(host, instant_book=False)


@pytest.fixture
def asked(guest: Any, room: Any, sandbox: Any) -> Reservation:
    return requested_reservation(guest, room, message="We come late in the evening")


def post(client: Any, path: str, body: dict[str, Any] | None = None, key: str = "") -> Any:
    headers = {"Idempotency-Key": key or uuid4().hex}
    return client.post(f"/api/v1/{path}", body or {}, format="json", headers=headers)


def answer_to(asked: Reservation, client: Any, what: str, body: dict[str, Any] | None = None) -> Any:
    return post(client, f"reservations/{asked.code}/{what}/", body)


def test_the_whole_way(api: Any, guest: Any, host: Any, room: Any, sandbox: Any, deliver: Any) -> None:
    """Searched, quoted, held, asked, seen on the board, accepted, confirmed; all as programs do it."""
    stay = some_stay(2)
    days = {"check_in": stay.check_in.isoformat(), "check_out": stay.check_out.isoformat()}
    guests, hosts = api(guest), api(host)
    found = guests.get("/api/v1/rooms/", {**days, "guests": 2}).json()["results"]
    assert [each["instant_book"] for each in found if each["id"] == room.code] == [False]
    at_once = guests.get("/api/v1/rooms/", {**days, "guests": 2, "instant": "true"}).json()["results"]
    assert room.code not in [each["id"] for each in at_once]
    quote = post(guests, f"rooms/{room.code}/quote/", {**days, "guests": 2}).json()
    assert quote["instant_book"] is False
    held = post(guests, "reservations/", {"room": room.code, **days, "guests": 2, "quote": quote["token"]}).json()
    paid = post(guests, f"reservations/{held['code']}/payment/", {"payment_method": VISA, "return_url": RETURN_URL})
    assert paid.status_code == 202
    body = paid.json()
    assert (body["status"], body["payment_status"], body["instant_book"]) == ("requested", "authorized", False)
    assert body["answer_by"]
    deliver()
    board = hosts.get("/api/v1/host/board/").json()
    (waiting,) = board["requests"]
    assert (waiting["reservation"], waiting["room"], waiting["payment_status"]) == (
        held["code"],
        room.code,
        "authorized",
    )
    assert waiting["answer_by"] == body["answer_by"]
    assert 23 * 60 < waiting["minutes_left"] <= 24 * 60
    listed = hosts.get("/api/v1/reservations/", {"role": "host", "status": "requested"}).json()["results"]
    assert [each["code"] for each in listed] == [held["code"]]
    accepted = post(hosts, f"reservations/{held['code']}/acceptance/", key="yes")
    assert (accepted.status_code, accepted.json()["status"]) == (200, "confirmed")
    again = post(hosts, f"reservations/{held['code']}/acceptance/", key="yes")
    assert again.headers["Idempotency-Replayed"] == "true"
    deliver()
    trip = guests.get(f"/api/v1/reservations/{held['code']}/").json()
    assert (trip["status"], trip["payment_status"], trip["answer_by"]) == ("confirmed", "captured", None)
    assert [each["event"] for each in trip["timeline"]][-1] == "ReservationConfirmed"
    assert hosts.get("/api/v1/host/board/").json()["requests"] == []
    assert [each["captured"] for each in sandbox.charges(held["code"])] == [trip["total"]["amount"]]


class TestAcceptance:
    """``POST reservations/{code}/acceptance/``."""

    def test_who_may(self, api: Any, asked: Reservation, guest: Any, host: Any, stranger: Any, operator: Any) -> None:
        assert answer_to(asked, api(), "acceptance").status_code == 401
        for other in (api(stranger), api(guest), api(operator, scopes=("read", "operate"))):
            assert answer_to(asked, other, "acceptance").status_code == 404
        assert answer_to(asked, api(host, scopes=("read", "book")), "acceptance").status_code == 403
        assert asked.status == Status.REQUESTED

    def test_bad_requests(self, api: Any, asked: Reservation, host: Any) -> None:
        client = api(host)
        assert client.post(f"/api/v1/reservations/{asked.code}/acceptance/", {}, format="json").status_code == 400
        refused = answer_to(asked, client, "acceptance", {"reason": "why not"})
        assert (refused.status_code, list(refused.json()["errors"])) == (400, ["reason"])
        assert client.get(f"/api/v1/reservations/{asked.code}/acceptance/").status_code == 405
        assert post(client, "reservations/BBNOBODY99/acceptance/").status_code == 404

    def test_no_longer_open(self, api: Any, asked: Reservation, host: Any, guest: Any) -> None:
        client = api(host)
        assert answer_to(asked, client, "refusal").status_code == 200
        closed = answer_to(asked, client, "acceptance")
        assert (closed.status_code, closed.json()["code"]) == (409, "request_closed")
        assert closed.json()["reservation_status"] == "declined"
        stays = confirmed_reservation(guest, room_of(host))
        assert answer_to(stays, client, "acceptance").status_code == 409

    def test_too_late(self, api: Any, asked: Reservation, host: Any, time: Any) -> None:
        client = api(host)
        time.forward(hours=24)
        late = answer_to(asked, client, "acceptance")
        assert (late.status_code, late.json()["code"]) == (409, "request_over")
        assert client.get(f"/api/v1/reservations/{asked.code}/").json()["status"] == "expired"

    def test_an_unknown_capture_is_accepted_and_not_yet_confirmed(
        self, api: Any, asked: Reservation, host: Any, sandbox: Any
    ) -> None:
        sandbox.faults(mode="drop_after")
        answer = answer_to(asked, api(host), "acceptance")
        sandbox.faults(mode="none")
        assert (answer.status_code, answer.json()["status"], answer.json()["answer_by"]) == (202, "requested", None)
        assert answer.json()["accepted_at"]


class TestRefusal:
    """``POST reservations/{code}/refusal/``."""

    def test_who_may(self, api: Any, asked: Reservation, guest: Any, stranger: Any) -> None:
        assert answer_to(asked, api(), "refusal").status_code == 401
        for other in (api(stranger), api(guest)):
            assert answer_to(asked, other, "refusal").status_code == 404

    def test_it_declines(self, api: Any, asked: Reservation, host: Any, guest: Any, deliver: Any) -> None:
        declined = answer_to(asked, api(host), "refusal", {"reason": "We repaint these days"})
        assert (declined.status_code, declined.json()["status"]) == (200, "declined")
        deliver()
        trip = api(guest).get(f"/api/v1/reservations/{asked.code}/").json()
        assert (trip["timeline"][-1]["event"], trip["timeline"][-1]["detail"]) == (
            "ReservationDeclined",
            "We repaint these days",
        )

    def test_bad_requests(self, api: Any, asked: Reservation, host: Any) -> None:
        client = api(host)
        assert client.post(f"/api/v1/reservations/{asked.code}/refusal/", {}, format="json").status_code == 400
        assert answer_to(asked, client, "refusal", {"reason": "x" * 301}).status_code == 400
        assert answer_to(asked, client, "refusal", {"because": "x"}).status_code == 400
        assert client.get(f"/api/v1/reservations/{asked.code}/refusal/").status_code == 405
        assert answer_to(asked, client, "acceptance").status_code == 200
        assert answer_to(asked, client, "refusal").status_code == 409


def test_a_guest_takes_a_request_back(api: Any, asked: Reservation, guest: Any, host: Any) -> None:
    client = api(guest)
    preview = client.get(f"/api/v1/reservations/{asked.code}/cancellation/").json()
    assert (preview["refund"]["amount"], preview["lines"], preview["rule"]) == (0, [], "request_withdrawn")
    assert api(host).get(f"/api/v1/reservations/{asked.code}/cancellation/").status_code == 409
    done = answer_to(asked, client, "cancellation", {"token": preview["token"]})
    assert (done.status_code, done.json()["status"], done.json()["refund"]) == (200, "cancelled", None)


def test_a_room_on_request_is_not_quoted_without_time_for_an_answer(
    api: Any, guest: Any, room: Any, host: Any, time: Any
) -> None:
    from datetime import timedelta

    from airbnb import clock

    stay = some_stay(2, ahead=3)
    time.at(clock.at_local(stay.check_in, "15:00", "Asia/Seoul") - timedelta(hours=24, minutes=59))
    days = {"check_in": stay.check_in.isoformat(), "check_out": stay.check_out.isoformat(), "guests": 2}
    refused = post(api(guest), f"rooms/{room.code}/quote/", days)
    assert (refused.status_code, refused.json()["reasons"][0]["code"]) == (409, "needs_answer")
    assert post(api(guest), "reservations/", {"room": room.code, **days}).status_code == 409

"""The customer's scenario from end to end, over HTTP against the running product, in Korean and in English."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest

from tests.stack import Caller, RunningStack, room_facts, until

ARRIVAL = date.today() + timedelta(days=40)  # noqa: DTZ011  (far enough for any time zone)
NIGHTS = {"check_in": ARRIVAL.isoformat(), "check_out": (ARRIVAL + timedelta(days=3)).isoformat()}


class Scene:
    """One host's room and two guests, reading in one language."""

    def __init__(self, stack: RunningStack, language: str) -> None:
        tag = uuid.uuid4().hex[:8]
        self.stack = stack
        self.language = language
        self.host = stack.person(host=True, language=language)
        self.guest = stack.person(language=language)
        self.other = stack.person(language=language)
        made = self.host.post("rooms/", room_facts(title=f"귤밭 돌집 {tag}"))
        assert made.status_code == 201, made.text
        self.room: dict[str, Any] = made.json()

    def reserve(self, guest: Caller, **changes: Any) -> Any:
        return guest.post("reservations/", {"room": self.room["id"], "guests": 2, **NIGHTS, **changes})

    def book(self, guest: Caller, **changes: Any) -> dict[str, Any]:
        held = self.reserve(guest, **changes)
        assert held.status_code == 201, held.text
        paid = guest.post(f"reservations/{held.json()['code']}/payment/", {"payment_method": "pm_card_visa"})
        assert paid.status_code == 200, paid.text
        trip: dict[str, Any] = guest.get(f"reservations/{held.json()['code']}/")
        return trip

    def room_on_board(self) -> dict[str, Any]:
        board = self.host.get("host/board/")
        rows = board["rooms"] if isinstance(board, dict) and "rooms" in board else board["results"]
        return next(row for row in rows if self.room["id"] in (row.get("room"), row.get("id"), row.get("room_code")))

    def told(self, who: Caller, code: str) -> list[dict[str, Any]]:
        return [each for each in who.get("notifications/", page_size=100)["results"] if each["reservation"] == code]

    def sent(self, who: Caller, code: str) -> set[str]:
        channels = [channel for note in self.told(who, code) for channel in note["channels"]]
        return {channel["channel"] for channel in channels if channel["status"] == "sent"}

    def trip(self, code: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.guest.get(f"reservations/{code}/")
        return answer

    def room_now(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.guest.get(f"rooms/{self.room['id']}/")
        return answer


@pytest.fixture(params=["ko", "en"])
def scene(request: pytest.FixtureRequest, stack: RunningStack) -> Scene:
    return Scene(stack, request.param)


def test_a_registered_room_is_found_changed_and_deleted(scene: Scene) -> None:
    """F1, F2: register, find, edit, delete."""

    def found() -> bool:
        rooms = scene.guest.get("rooms/", q=scene.room["title"], guests=2, **NIGHTS)["results"]
        return any(each["id"] == scene.room["id"] and each["total"]["amount"] > 300000 for each in rooms)

    until(found, "the new room is found with a total for the dates")
    assert scene.host.patch(f"rooms/{scene.room['id']}/", {"title": "바뀐 이름"}).status_code == 200
    assert scene.room_now()["title"] == "바뀐 이름"
    assert scene.host.delete(f"rooms/{scene.room['id']}/").status_code == 204
    assert scene.guest.http.get(f"rooms/{scene.room['id']}/").status_code == 404
    until(lambda: not found(), "a deleted room is not found")


def test_reserve_pay_and_everyone_is_told(scene: Scene) -> None:
    """F2, F3, F4, F6, F7, N1, N4, N5: reserved with its payment, captured once, host and guest told."""
    trip = scene.book(scene.guest)
    code = trip["code"]
    assert trip["status"] == "confirmed"
    charges = scene.stack.charges_of(code)
    assert [(c["captured"], c["refunded"]) for c in charges] == [(trip["total"]["amount"], 0)]
    payments = scene.guest.get("payments/", reservation=code)["results"]
    assert [(p["status"], p["captured"]) for p in payments] == [("captured", trip["total"])]
    until(lambda: scene.trip(code)["payment_status"] == "captured", "trip view shows the payment")
    for who in (scene.host, scene.guest):
        told = until(lambda who=who: scene.told(who, code), f"{who.email} is told")
        until(lambda who=who: scene.sent(who, code) >= {"email", "kakaotalk"}, "mail and messenger have gone out")
        words = "".join(note["text"].replace(scene.room["title"], "") for note in told)
        assert any("가" <= letter <= "힣" for letter in words) is (scene.language == "ko")
    until(lambda: code in str(scene.room_on_board()), "the host's board shows the reservation")


def test_the_same_nights_are_refused_with_alternatives_and_nothing_is_charged(scene: Scene) -> None:
    """N1: the second guest is told at once that the dates are taken, and what is free."""
    scene.book(scene.guest)
    before = len(scene.stack.ledger()["charges"])
    refused = scene.reserve(scene.other)
    assert refused.status_code == 409, refused.text
    assert refused.headers["content-type"].startswith("application/problem+json")
    assert refused.json()["code"] == "nights_taken"
    assert refused.json()["alternatives"]
    assert scene.other.get("reservations/")["results"] == []
    assert len(scene.stack.ledger()["charges"]) == before


def test_cancelling_frees_the_room_and_refunds(scene: Scene) -> None:
    """F5, F7: cancelled, free again, refunded to the won, both told."""
    trip = scene.book(scene.guest)
    code = trip["code"]
    preview = scene.guest.get(f"reservations/{code}/cancellation/")
    assert preview["refund"] == trip["total"], "more than 24 hours ahead, everything comes back"
    assert sum(line["amount"]["amount"] for line in preview["lines"]) == preview["refund"]["amount"]
    done = scene.guest.post(f"reservations/{code}/cancellation/", {"token": preview["token"]})
    assert done.status_code == 200, done.text
    assert done.json()["status"] == "cancelled"
    until(lambda: scene.trip(code)["payment_status"] == "refunded", "the money is on its way")
    charges = scene.stack.charges_of(code)
    assert [c["refunded"] for c in charges] == [trip["total"]["amount"]]
    for who in (scene.host, scene.guest):
        until(lambda who=who: len(scene.told(who, code)) >= 2, f"{who.email} is told of the cancellation")
    assert scene.reserve(scene.other).status_code == 201, "the nights are free again"


def test_a_review_counts_up_and_down(scene: Scene) -> None:
    """F8: written, edited, published with the other side's, deleted; the room's count follows."""
    code = scene.book(scene.guest)["code"]
    scene.stack.manage("backdate_reservation", code, "--days", "45")
    until(lambda: scene.trip(code)["status"] == "completed", "the stay is over", 60)

    def write(who: Caller, text: str, scores: dict[str, int]) -> Any:
        return who.post("reviews/", {"reservation": code, "rating": 5, "scores": scores, "text": text})

    guest_scores = dict.fromkeys(("cleanliness", "accuracy", "check_in", "communication", "location", "value"), 5)
    host_scores = dict.fromkeys(("cleanliness", "communication", "rules"), 5)
    mine = until(
        lambda: (r := write(scene.guest, "조용하고 깨끗했어요", guest_scores)).status_code == 201 and r, "open"
    )
    review = f"reviews/{mine.json()['id']}/"
    assert scene.guest.patch(review, {"text": "조용하고 깨끗하고 따뜻했어요"}).status_code == 200
    assert scene.room_now()["review_count"] == 0, "blind until the other side has written"
    assert write(scene.host, "집을 깨끗이 쓰셨어요", host_scores).status_code == 201
    until(lambda: scene.room_now()["review_count"] == 1, "published: the count goes up")
    shown = scene.guest.get(f"rooms/{scene.room['id']}/reviews/")
    rows = shown["results"] if "results" in shown else shown["reviews"]
    assert [each["text"] for each in rows] == ["조용하고 깨끗하고 따뜻했어요"]
    assert scene.guest.delete(review).status_code == 204
    until(lambda: scene.room_now()["review_count"] == 0, "deleted: the count goes down")


def test_a_declined_card_leaves_no_reservation_and_no_night(scene: Scene) -> None:
    """N1: nothing stands unpaid; the guest may try again, and when they let go the nights are free."""
    held = scene.reserve(scene.guest).json()
    card = {"payment_method": "pm_card_visa_chargeDeclined"}
    declined = scene.guest.post(f"reservations/{held['code']}/payment/", card)
    assert declined.status_code == 402, declined.text
    assert declined.json()["code"] == "payment_declined"
    assert scene.guest.get(f"reservations/{held['code']}/")["status"] == "held"
    assert all(c["captured"] == 0 for c in scene.stack.charges_of(held["code"]))
    scene.stack.manage("backdate_reservation", held["code"], "--seconds", "1200")
    until(lambda: scene.guest.get(f"reservations/{held['code']}/")["status"] == "expired", "the hold runs out", 60)
    assert scene.reserve(scene.other).status_code == 201, "the nights are free again"

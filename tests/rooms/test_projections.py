"""RoomView and its rows: the same in any order, once or twice, and the same again when rebuilt (N4)."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.signals import post_init

from airbnb import clock
from airbnb.db import write
from airbnb.events import bus
from airbnb.events.bus import LISTENERS, Event, publish
from airbnb.events.models import Delivery, StoredEvent
from airbnb.events.projections import rebuild
from airbnb.invariants import check
from payments.events import PaymentApproved, PaymentCancelled, PaymentFailed
from reservations.events import (
    PaymentBegun,
    ReservationCancelled,
    ReservationConfirmed,
    ReservationCreated,
    ReservationDeclined,
    ReservationExpired,
    ReservationRequested,
    StayCompleted,
    StayStarted,
)
from reviews.events import ReviewAnswered, ReviewDeleted, ReviewsPublished
from rooms import calendar, queries, services
from rooms.invariants import INVARIANTS
from rooms.models import Room, RoomAnswer, RoomReview, RoomStay, RoomView, SearchIndex
from tests.factories.rooms import listed_room

pytestmark = pytest.mark.django_db
_seconds = itertools.count()


def facts(room: Room, reservation: str, revision: int, first: int = 10) -> dict[str, Any]:
    today = clock.today_in("Asia/Seoul")
    return {
        "reservation": reservation,
        "revision": revision,
        "room_id": room.pk,
        "room_code": room.code,
        "room_title_i18n": {"ko": "집", "en": "House"},
        "room_slug": room.slug,
        "cover": {},
        "host_id": room.host_id,
        "guest_id": 4711,
        "check_in": (today + timedelta(days=first)).isoformat(),
        "check_out": (today + timedelta(days=first + 2)).isoformat(),
        "guests": 2,
        "total_minor": 300_000,
        "currency": "KRW",
        "time_zone": "Asia/Seoul",
    }


def test_what_a_room_has_seen_in_its_life_makes_no_event_dearer(host: Any, django_assert_num_queries: Any) -> None:
    """The row of the stay and those that have their nights are read, not what is over."""
    room = listed_room(host)
    at = clock.now()
    gone = [
        RoomStay(reservation=f"BBOLD{number:03}", room_id=room.pk, status=status, status_at=at - timedelta(days=number))
        for number, status in zip(range(40), itertools.cycle(("completed", "cancelled", "expired")), strict=False)
    ]
    RoomStay.objects.bulk_create(gone)
    with stays_read() as read, django_assert_num_queries(6):
        RoomView.locked(room.pk).refresh()
    assert read == ["BBOLD000"], "the last one told, since none has nights"
    shown = RoomView.objects.get(pk=room.pk)
    assert (shown.shown_reservation, shown.shown_status) == ("BBOLD000", "completed")
    told(created(room, "BB00NEW1"))
    with stays_read() as read:
        told(confirmed(room, "BB00NEW1"))
    assert read == ["BB00NEW1", "BB00NEW1"], "the stay itself, and the same as the next of the room"


@contextmanager
def stays_read() -> Iterator[list[str]]:
    """The codes of the stays that are made from rows inside."""
    read: list[str] = []

    def note(instance: RoomStay, **_: Any) -> None:
        read.append(instance.pk)

    post_init.connect(note, sender=RoomStay)
    try:
        yield read
    finally:
        post_init.disconnect(note, sender=RoomStay)


def created(room: Room, code: str, revision: int = 1, first: int = 10) -> Event:
    return ReservationCreated(**facts(room, code, revision, first), expires_at="", lines=[])


def confirmed(room: Room, code: str, revision: int = 2, first: int = 10) -> Event:
    return ReservationConfirmed(
        **facts(room, code, revision, first),
        payment_id="p1",
        host_payout_minor=1,
        check_in_at="2027-01-10T06:00:00+00:00",
        check_out_at="2027-01-12T02:00:00+00:00",
    )


def cancelled(room: Room, code: str, revision: int = 3, first: int = 10) -> Event:
    return ReservationCancelled(
        **facts(room, code, revision, first),
        by="guest",
        by_id=4711,
        reason="",
        refund_due_minor=300_000,
        refund_rule="grace",
        refund_lines=[],
        payment_id="p1",
    )


def paid(code: str) -> Event:
    return PaymentApproved(
        payment_id="p1", reservation=code, guest_id=4711, amount_minor=300_000, currency="KRW", gateway="stripe"
    )


def refunded(code: str, minor: int) -> Event:
    return PaymentCancelled(
        payment_id="p1",
        refund_id="r1",
        reservation=code,
        guest_id=4711,
        amount_minor=minor,
        refunded_total_minor=minor,
        captured_minor=300_000,
        currency="KRW",
        kind="refund",
    )


def published(room: Room, *reviews: tuple[str, str, int]) -> Event:
    return ReviewsPublished(
        reservation="BB1",
        room_id=room.pk,
        room_code=room.code,
        published_at="2026-11-01T00:00:00+00:00",
        reviews=[
            {
                "review_id": review_id,
                "direction": direction,
                "author_id": 1,
                "author_name": "민재",
                "subject_id": 2,
                "rating": rating,
                "scores": {"value": rating},
                "text": "Good.",
                "language": "en",
            }
            for review_id, direction, rating in reviews
        ],
    )


def deleted(room: Room, review_id: str) -> Event:
    return ReviewDeleted(
        review_id=review_id,
        direction="guest_to_host",
        reservation="BB1",
        room_id=room.pk,
        room_code=room.code,
        author_id=1,
        subject_id=2,
        was_published=True,
    )


def answered(room: Room, review_id: str) -> Event:
    return ReviewAnswered(
        review_id=review_id,
        direction="guest_to_host",
        reservation="BB1",
        room_id=room.pk,
        room_code=room.code,
        author_id=1,
        subject_id=2,
        text="Come again.",
        language="en",
        answered_at="2026-11-02T00:00:00+00:00",
    )


def stored(*events: Event) -> list[StoredEvent]:
    """The events as the bus keeps them, each later than the one before; nobody is told yet."""
    rows = []
    for event in events:
        row = StoredEvent(
            name=type(event).__name__,
            version=event.version,
            payload=event.payload(),
            occurred_at=clock.now() + timedelta(seconds=next(_seconds)),
        )
        row.save(force_insert=True)
        rows.append(row)
    return rows


def tell(*rows: StoredEvent) -> None:
    """Run the listeners of this context, in this order."""
    for row in rows:
        for listener in LISTENERS.values():
            if listener.event.__name__ == row.name and listener.name.startswith("rooms.projections."):
                with bus.reacting_to(bus.envelope_of(row)):
                    listener.react(bus.fact_of(row))


def told(*events: Event) -> None:
    tell(*stored(*events))


def snapshot() -> dict[str, list[dict[str, Any]]]:
    models = (RoomView, RoomStay, RoomReview, RoomAnswer)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


def shown(room: Room) -> tuple[str, str, str, str]:
    state = queries.room_state(room.pk)
    return state.state, state.reservation, state.reservation_status, state.payment_status


def test_the_room_shows_how_it_stands(host: Any, deliver: Any) -> None:
    room = listed_room(host)
    deliver()
    assert shown(room) == ("free", "", "", "none")
    told(created(room, "BB1"))
    assert shown(room) == ("held", "BB1", "held", "none")
    told(PaymentBegun(**facts(room, "BB1", 2), payment_id="p1"))
    assert shown(room) == ("held", "BB1", "paying", "processing")
    told(paid("BB1"), confirmed(room, "BB1"))
    assert shown(room) == ("reserved", "BB1", "confirmed", "captured")
    told(created(room, "BB2", first=5))
    assert shown(room) == ("reserved", "BB2", "held", "none")
    told(ReservationExpired(**facts(room, "BB2", 2, 5), was="held"))
    told(StayStarted(**facts(room, "BB1", 3)))
    assert shown(room) == ("occupied", "BB1", "in_stay", "captured")
    told(StayCompleted(**facts(room, "BB1", 4), completed_at="", check_out_at=""))
    assert shown(room) == ("free", "BB1", "completed", "captured")


def test_a_cancelled_reservation_frees_the_room_and_shows_its_refund(host: Any) -> None:
    room = listed_room(host)
    told(created(room, "BB1"), paid("BB1"), confirmed(room, "BB1"), cancelled(room, "BB1"), refunded("BB1", 100_000))
    assert shown(room) == ("free", "BB1", "cancelled", "partially_refunded")
    told(refunded("BB1", 300_000))
    assert shown(room) == ("free", "BB1", "cancelled", "refunded")


def test_a_late_event_never_revives_what_is_over(host: Any) -> None:
    room = listed_room(host)
    failed = PaymentFailed(
        payment_id="p1", reservation="BB1", guest_id=1, code="x", amount_minor=1, currency="KRW", retryable=False
    )
    rows = stored(created(room, "BB1"), failed, paid("BB1"), confirmed(room, "BB1"), cancelled(room, "BB1"))
    tell(rows[4], rows[2], rows[3], rows[1], rows[0])
    assert shown(room) == ("free", "BB1", "cancelled", "captured")


def test_any_order_and_any_repetition_gives_the_same_view(host: Any) -> None:
    room = listed_room(host)
    rows = stored(
        created(room, "BB1"),
        paid("BB1"),
        confirmed(room, "BB1"),
        cancelled(room, "BB1"),
        refunded("BB1", 300_000),
        created(room, "BB2", first=20),
        ReservationRequested(**facts(room, "BB3", 2, 30), answer_by="2027-01-10T06:00:00+00:00", message=""),
        ReservationDeclined(**facts(room, "BB3", 3, 30), payment_id="p3", reason="", by="host"),
    )
    results = []
    dice = random.Random(1)
    for order in (dice.sample(rows, len(rows)) for _number in range(25)):
        for model in (RoomView, RoomStay, RoomReview, RoomAnswer):
            model.objects.all().delete()
        tell(*order, *order[:3])
        results.append(snapshot())
    assert results[0]["RoomView"][0]["state"] == "held"
    assert all(result == results[0] for result in results)


def test_counts_and_means_follow_the_published_reviews_up_and_down(host: Any) -> None:
    room = listed_room(host)
    before = SearchIndex.objects.get(pk=room.pk).score
    told(published(room, ("a", "guest_to_host", 5), ("b", "host_to_guest", 1)))
    told(published(room, ("c", "guest_to_host", 4)))
    view = RoomView.objects.get(pk=room.pk)
    assert (view.review_count, view.rating) == (2, 4.5)
    index = SearchIndex.objects.get(pk=room.pk)
    assert (index.review_count, index.rating_sum) == (2, 9)
    told(published(room, ("c", "guest_to_host", 4)))
    told(deleted(room, "c"))
    view.refresh_from_db()
    assert (view.review_count, view.rating) == (1, 5.0)
    assert [review.id for review in queries.reviews_of(room.pk)] == ["a"]
    assert SearchIndex.objects.get(pk=room.pk).score > before
    assert RoomReview.objects.get(pk="c").text == ""


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_deleted_review_stays_deleted_in_any_order(host: Any, order: tuple[int, ...]) -> None:
    room = listed_room(host)
    rows = stored(
        published(room, ("a", "guest_to_host", 5)), published(room, ("b", "guest_to_host", 3)), deleted(room, "a")
    )
    tell(*(rows[number] for number in order))
    assert [review.id for review in queries.reviews_of(room.pk)] == ["b"]
    assert RoomView.objects.get(pk=room.pk).review_count == 1


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_an_answer_stands_under_its_review_and_goes_with_it_in_any_order(host: Any, order: tuple[int, ...]) -> None:
    room = listed_room(host)
    both = published(room, ("a", "guest_to_host", 5), ("b", "guest_to_host", 3))
    rows = stored(both, answered(room, "b"), deleted(room, "a"))
    tell(*(rows[number] for number in order), rows[1])
    assert [(review.id, review.answer) for review in queries.reviews_of(room.pk)] == [("b", "Come again.")]


def test_rebuilding_gives_the_same_again(host: Any, deliver: Any) -> None:
    room, other = listed_room(host), listed_room(host)
    with write():
        for event in (
            created(room, "BB1"),
            paid("BB1"),
            confirmed(room, "BB1"),
            created(other, "BB2", first=4),
            published(room, ("a", "guest_to_host", 5)),
            published(other, ("b", "guest_to_host", 2)),
            deleted(other, "b"),
        ):
            publish(event)
    services.edit_room(room_id=room.pk, host_id=host.pk, language="en", title="Another name")
    services.archive_room(room_id=other.pk, host_id=host.pk)
    for listener in LISTENERS.values():
        if not listener.name.startswith("rooms."):
            Delivery.objects.filter(listener=listener.name).delete()
    deliver()
    before, index = snapshot(), list(SearchIndex.objects.order_by("pk").values())
    assert before["RoomView"][1]["status"] == "archived"
    RoomView.objects.update(state="occupied", review_count=99)
    RoomStay.objects.all().delete()
    assert rebuild("rooms.RoomView") > 0
    assert snapshot() == before
    SearchIndex.objects.filter(pk=room.pk).update(city="atlantis", calendar="1" * 768, rating_sum=77)
    SearchIndex.objects.filter(pk=other.pk).delete()
    rebuild("rooms.SearchIndex")
    assert list(SearchIndex.objects.order_by("pk").values()) == index


def test_the_invariants_hold_and_notice_what_is_broken(host: Any, deliver: Any) -> None:
    room = listed_room(host)
    first = clock.today_in("Asia/Seoul") + timedelta(days=10)
    with write():
        calendar.take_nights(room.pk, queries.quote(room.pk, _stay(first), 1).stay, reservation="BB1")
    told(published(room, ("a", "guest_to_host", 5)))
    assert check(INVARIANTS) == []
    SearchIndex.objects.update(calendar="0" * 768, base_price_minor=1)
    RoomView.objects.update(review_count=5)
    Room.objects.update(status="archived")
    assert {finding.invariant.name for finding in check(INVARIANTS)} == {
        "I2_no_stays_ahead_in_rooms_taken_down",
        "I29_search_calendar_is_the_nights",
        "I29_search_terms_are_the_rooms",
        "I30_counts_are_the_published_reviews",
    }


def _stay(first: Any) -> Any:
    from airbnb.stays import Stay

    return Stay(first, first + timedelta(days=2))

"""Whoever writes a room's calendar or its search entry waits for the others: no deadlock, nothing undone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection

from airbnb.clock import today_in
from airbnb.db import write
from airbnb.events import projections
from airbnb.events.bus import deliver_pending, publish
from airbnb.events.projections import rebuild
from airbnb.invariants import check
from airbnb.money import Money
from airbnb.stays import Stay
from reviews.events import ReviewsPublished
from rooms import calendar, queries, services
from rooms.invariants import INVARIANTS
from rooms.models import Night, SearchIndex
from rooms.projections import index_all
from rooms.services.days import DayChange
from tests.factories.rooms import listed_room
from tests.support import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def stay(ahead: int, nights: int = 2) -> Stay:
    first = today_in("Asia/Seoul") + timedelta(days=ahead)
    return Stay(first, first + timedelta(days=nights))


def take(room: Any, wanted: Stay, reservation: str) -> None:
    with write():
        calendar.take_nights(room.pk, wanted, reservation=reservation)


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def waits_for_a_lock(pid: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = %s", [pid])
        row = cursor.fetchone()
    return bool(row and row[0])


class Beside:
    """Another connection's work; the test goes on as soon as that waits for a lock, or is done."""

    def __init__(self, job: Callable[[], Any]) -> None:
        self.job, self.known, self.error, self.pid = job, Event(), None, 0
        self.thread = Thread(target=self._run)

    def _run(self) -> None:
        try:
            self.pid = backend()
            self.known.set()
            self.job()
        except Exception as error:
            self.error = error
        finally:
            connection.close()

    def begin(self) -> None:
        self.thread.start()
        assert self.known.wait(10)
        while self.thread.is_alive() and not waits_for_a_lock(self.pid):
            self.thread.join(0.01)

    def end(self) -> None:
        self.thread.join(20)
        assert not self.thread.is_alive()
        assert self.error is None, repr(self.error)


FIRST: dict[str, Callable[[Any], None]] = {
    "closing": lambda room: calendar.block(room.pk, stay(10)),
    "opening": lambda room: calendar.unblock(room.pk, stay(30)),
    "freeing": lambda room: calendar.free_nights("BBOLD"),
    "ending": lambda room: calendar.end_nights("BBOLD"),
    "moving": lambda room: calendar.shift_nights(["BBOLD"], 7),
    "taking": lambda room: calendar.take_nights(room.pk, stay(10), reservation="BBNEW"),
}


@pytest.mark.parametrize("first", FIRST)
def test_a_second_change_of_one_transaction_never_meets_a_hold_head_on(host: Any, first: str) -> None:
    room = listed_room(host)
    take(room, stay(50), "BBOLD")
    services.block_nights(room_id=room.pk, host_id=host.pk, nights=stay(30))
    hold = Beside(lambda: take(room, stay(20), "BBHOLD"))
    with write():
        FIRST[first](room)
        hold.begin()
        calendar.block(room.pk, stay(19))
    with pytest.raises(AssertionError, match="NightsTaken"):
        hold.end()
    assert not Night.objects.held_by("BBHOLD").exists()
    assert check(INVARIANTS) == []


def test_a_hosts_two_changes_against_holds_on_those_nights(host: Any) -> None:
    room = listed_room(host)
    changes = [DayChange(stay(10 + n % 6), blocked=True) for n in (4, 0, 2, 5, 1)]
    opened = [DayChange(each.nights, blocked=False) for each in changes]

    def close_and_open() -> None:
        for _ in range(5):
            try:
                services.set_days(room_id=room.pk, host_id=host.pk, changes=changes)
            except calendar.NightsReserved:
                continue
            services.set_days(room_id=room.pk, host_id=host.pk, changes=opened)

    def book(number: int) -> Callable[[], None]:
        def again_and_again() -> None:
            for turn in range(8):
                try:
                    take(room, stay(10 + (turn + number) % 4, 3), f"BB{number}")
                except calendar.NightsTaken:
                    continue
                with write():
                    calendar.free_nights(f"BB{number}")

        return again_and_again

    assert at_once(close_and_open, book(1), book(2), book(3)) == [None] * 4
    assert check(INVARIANTS) == []


# ----------------------------------------------------------------------------------------- the search entry
def published(room: Any) -> ReviewsPublished:
    review = {
        "review_id": "a",
        "direction": "guest_to_host",
        "author_id": 1,
        "author_name": "서윤",
        "rating": 5,
        "scores": {},
        "text": "Quiet.",
        "language": "en",
    }
    return ReviewsPublished(
        reservation="BB1",
        room_id=room.pk,
        room_code=room.code,
        published_at="2026-11-20T00:00:00+00:00",
        reviews=[review],
    )


@pytest.mark.parametrize("writer", ["a review", "a rebuild"])
def test_a_price_set_meanwhile_is_not_undone(host: Any, writer: str) -> None:
    room, nights = listed_room(host), stay(10, 1)
    with write():
        publish(published(room))
    beside = Beside(deliver_pending if writer == "a review" else index_all)
    with write():
        services.set_days(room_id=room.pk, host_id=host.pk, changes=[DayChange(nights, price=Money(500_000))])
        services.pause_room(room_id=room.pk, host_id=host.pk)
        beside.begin()
    beside.end()
    entry = SearchIndex.objects.get(pk=room.pk)
    assert (entry.has_day_rules, entry.listed) == (True, False)
    services.publish_room(room_id=room.pk, host_id=host.pk)
    assert queries.quote(room.pk, nights, 1).lines[0].amount == Money(500_000)
    assert check(INVARIANTS) == []


def test_bookings_go_on_while_views_are_rebuilt(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the replay nor the batches after it keep rooms locked to their end."""
    rooms = [listed_room(host) for _ in range(2)]
    with write():
        publish(published(rooms[0]))
    deliver_pending()
    booked: list[str] = []

    def book_beside(code: str) -> None:
        beside = Beside(lambda: take(rooms[0], stay(10 + 3 * len(booked)), code))
        beside.thread.start()
        beside.end()
        booked.append(code)

    replay, redraw = projections._replay, type(SearchIndex.objects.all()).redraw

    def replay_and_linger(projection: projections.Projection) -> int:
        count = replay(projection)
        book_beside("BBREPLAY")
        return count

    def linger_at_the_last(self: Any, ids: Any) -> None:
        if list(ids) == [rooms[1].pk]:
            book_beside("BBAFTER")
        redraw(self, ids)

    monkeypatch.setattr(projections, "_replay", replay_and_linger)
    monkeypatch.setattr(type(SearchIndex.objects.all()), "redraw", linger_at_the_last)
    monkeypatch.setattr(index_all, "__defaults__", (1,))
    rebuild("rooms.RoomView")
    assert booked == ["BBREPLAY", "BBAFTER"]
    assert check(INVARIANTS) == []

"""Nights are taken by one alone, all or none, and given back whole."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from airbnb.clock import today_in
from airbnb.db import NoTransaction, write
from airbnb.events.models import StoredEvent
from airbnb.stays import Stay
from rooms import calendar, queries
from rooms.calendar import NightsReserved, NightsTaken, RoomGone
from rooms.models import Night, SearchIndex
from rooms.services import archive_room, block_nights, unblock_nights
from tests.factories.rooms import listed_room

pytestmark = pytest.mark.django_db


def stay(ahead: int = 10, nights: int = 3) -> Stay:
    first = today_in("Asia/Seoul") + timedelta(days=ahead)
    return Stay(first, first + timedelta(days=nights))


def take(room: Any, wanted: Stay, reservation: str) -> None:
    with write():
        calendar.take_nights(room.pk, wanted, reservation=reservation)


def taken_in_index(room: Any) -> set[Any]:
    index = SearchIndex.objects.get(pk=room.pk)
    return {index.starts_on + timedelta(days=n) for n, bit in enumerate(index.calendar) if bit == "1"}


def told(name: str) -> list[dict[str, Any]]:
    return [event.payload for event in StoredEvent.objects.filter(name=name).order_by("occurred_at", "id")]


def test_taking_marks_every_night_and_the_search_calendar(host: Any) -> None:
    room, wanted = listed_room(host), stay()
    take(room, wanted, "BB1")
    assert list(Night.objects.held_by("BB1").values_list("night", flat=True)) == wanted.nights
    assert taken_in_index(room) == set(wanted.nights)
    assert not queries.free(room.pk, wanted)
    assert calendar.holders(room.pk, wanted) == {"BB1"}


def test_a_check_out_and_a_check_in_share_a_day(host: Any) -> None:
    room, first = listed_room(host), stay(10, 2)
    take(room, first, "BB1")
    take(room, Stay(first.check_out, first.check_out + timedelta(days=2)), "BB2")
    take(room, Stay(first.check_in - timedelta(days=2), first.check_in), "BB3")
    assert Night.objects.count() == 6


def test_an_overlap_is_refused_with_the_nights_and_takes_nothing(host: Any) -> None:
    room = listed_room(host)
    take(room, stay(10, 2), "BB1")
    with pytest.raises(NightsTaken) as refused:
        take(room, stay(8, 4), "BB2")
    assert refused.value.facts["nights"] == [night.isoformat() for night in stay(10, 2).nights]
    assert not Night.objects.held_by("BB2").exists()
    assert taken_in_index(room) == set(stay(10, 2).nights)


def test_nights_need_a_transaction_around_them(transactional_db: None, host: Any) -> None:
    room = listed_room(host)
    for call in (
        lambda: calendar.take_nights(room.pk, stay(), reservation="BB1"),
        lambda: calendar.settle_nights("BB1"),
        lambda: calendar.free_nights("BB1"),
        lambda: calendar.block(room.pk, stay()),
        lambda: calendar.unblock(room.pk, stay()),
    ):
        with pytest.raises(NoTransaction):
            call()


def test_settling_is_told_once(host: Any) -> None:
    room, wanted = listed_room(host), stay()
    take(room, wanted, "BB1")
    assert told("RoomReserved") == []
    for _ in range(2):
        with write():
            calendar.settle_nights("BB1")
    assert told("RoomReserved") == [
        {
            "room_id": room.pk,
            "room_code": room.code,
            "reservation": "BB1",
            "check_in": wanted.check_in.isoformat(),
            "check_out": wanted.check_out.isoformat(),
        }
    ]


def test_freeing_a_hold_tells_nobody_and_frees_the_search_calendar(host: Any) -> None:
    room = listed_room(host)
    take(room, stay(10), "BB1")
    take(room, stay(20), "BB2")
    with write():
        calendar.free_nights("BB1")
    assert told("RoomCancelled") == []
    assert taken_in_index(room) == set(stay(20).nights)


@pytest.mark.parametrize("keep", [True, False])
def test_freeing_settled_nights_is_told_once(host: Any, keep: bool) -> None:
    room, wanted = listed_room(host), stay()
    take(room, wanted, "BB1")
    with write():
        calendar.settle_nights("BB1")
    for _ in range(2):
        with write():
            calendar.free_nights("BB1", keep_blocked=keep)
    [event] = told("RoomCancelled")
    assert event["kept_blocked"] is keep
    assert (event["check_in"], event["check_out"]) == (wanted.check_in.isoformat(), wanted.check_out.isoformat())
    kinds = set(Night.objects.values_list("kind", flat=True))
    assert kinds == ({"blocked"} if keep else set())
    assert taken_in_index(room) == (set(wanted.nights) if keep else set())


def test_a_host_closes_and_opens_nights_but_never_reserved_ones(host: Any) -> None:
    room = listed_room(host)
    take(room, stay(12, 1), "BB1")
    with pytest.raises(NightsReserved) as refused:
        block_nights(room_id=room.pk, host_id=host.pk, nights=stay(10, 5))
    assert refused.value.facts["nights"] == [stay(12).check_in.isoformat()]
    assert Night.objects.count() == 1
    for _ in range(2):
        block_nights(room_id=room.pk, host_id=host.pk, nights=stay(20, 2), note="painting")
    assert taken_in_index(room) == {*stay(12, 1).nights, *stay(20, 2).nights}
    for _ in range(2):
        unblock_nights(room_id=room.pk, host_id=host.pk, nights=stay(20, 2))
    assert taken_in_index(room) == set(stay(12, 1).nights)


def test_nights_of_a_room_taken_down_cannot_be_taken(host: Any) -> None:
    room = listed_room(host)
    archive_room(room_id=room.pk, host_id=host.pk)
    with pytest.raises(RoomGone):
        take(room, stay(), "BB1")


def test_marks_stay_inside_the_search_calendar(host: Any) -> None:
    room = listed_room(host)
    with write():
        calendar.block(room.pk, stay(-10, 12))
        calendar.block(room.pk, stay(760, 30))
    index = SearchIndex.objects.get(pk=room.pk)
    assert len(index.calendar) == 768
    before = index.calendar
    with write():
        SearchIndex.objects.redraw([room.pk])
    assert SearchIndex.objects.get(pk=room.pk).calendar == before


# ------------------------------------------------------------------------------------------------------ races
def race(room: Any, stays: list[Stay]) -> list[str]:
    """Everyone takes their stay at the same moment, each in a connection of their own; what came of each."""
    start, outcomes = threading.Barrier(len(stays)), [""] * len(stays)

    def book(number: int) -> None:
        try:
            start.wait(10)
            take(room, stays[number], f"BB{number}")
            outcomes[number] = "taken"
        except NightsTaken:
            outcomes[number] = "refused"
        except Exception as error:
            outcomes[number] = repr(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=book, args=(number,)) for number in range(len(stays))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return outcomes


def sold_twice(room: Any) -> int:
    nights = list(Night.objects.filter(room=room).values_list("night", flat=True))
    return len(nights) - len(set(nights))


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_gets_the_night(host: Any) -> None:
    room = listed_room(host)
    outcomes = race(room, [stay(10, 2)] * 12)
    assert sorted(outcomes) == ["refused"] * 11 + ["taken"]
    assert Night.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_overlapping_chains_neither_deadlock_nor_sell_a_night_twice(host: Any) -> None:
    room = listed_room(host)
    stays = [stay(10 + shift, 3) for shift in range(10)]
    outcomes = race(room, stays)
    assert set(outcomes) <= {"taken", "refused"}
    won = [stays[number] for number, outcome in enumerate(outcomes) if outcome == "taken"]
    assert won
    assert Night.objects.count() == 3 * len(won)
    assert taken_in_index(room) == {night for each in won for night in each.nights}


def without_the_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    """The unique key is dropped, so only the look beforehand is left."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE rooms_night DROP CONSTRAINT rooms_night_pkey")
    from rooms.models import night

    unguarded = night._TAKE_AND_MARK.replace("ON CONFLICT (room_id, night) DO NOTHING", "")
    monkeypatch.setattr(night, "_TAKE_AND_MARK", unguarded)


@pytest.mark.django_db(transaction=True)
def test_control_without_the_unique_key_a_night_is_sold_twice(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    room, both_looked = listed_room(host), threading.Barrier(2)
    insert = type(Night.objects.all()).take_and_mark

    def insert_together(self: Any, *args: Any, **kwargs: Any) -> Any:
        both_looked.wait(10)
        return insert(self, *args, **kwargs)

    monkeypatch.setattr(type(Night.objects.all()), "take_and_mark", insert_together)
    # With the calendar's lock the second would not even look before the first is done.
    monkeypatch.setattr(calendar, "_LOOK", calendar._LOOK.replace("FOR NO KEY UPDATE OF entry", ""))
    assert sorted(race(room, [stay(10, 2)] * 2)) == ["refused", "taken"]
    Night.objects.all().delete()
    without_the_guard(monkeypatch)
    try:
        assert race(room, [stay(10, 2)] * 2) == ["taken", "taken"]
        assert sold_twice(room) == 2
    finally:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM rooms_night")
            cursor.execute("ALTER TABLE rooms_night ADD CONSTRAINT rooms_night_pkey PRIMARY KEY (room_id, night)")

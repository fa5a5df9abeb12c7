"""Who books what in the demonstration: a full house for its host, trips of every kind for its guest, life elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import count
from random import Random

from airbnb.accounts.models import User
from airbnb.demo.stays import Plan
from airbnb.stays import Stay
from rooms.models import Room

BOTH = ("guest", "host")
# The demonstration's guest travels to this room, beyond the first host's three.
AWAY = 4


def plans(rooms: Sequence[Room], guests: Sequence[User], today: date) -> list[Plan]:
    """All bookings for these rooms; ``guests`` begins with the demonstration's own."""
    listed = [room for room in rooms if room.is_listed]
    made = [*_of_the_host(listed[:3], guests, today)]
    if len(listed) > AWAY + 1:
        made += _of_the_guest(listed[AWAY], listed[AWAY + 1], guests[0], today)
    return [*made, *_elsewhere(listed[AWAY + 2 :], guests[1:], today)]


def plan(room: Room, guest: User, today: date, arrives: int, nights: int, *, ahead: int = 20, **fields: object) -> Plan:
    """A booking by days from today: arriving then, booked ``ahead`` days before that; as long as the room asks."""
    first = today + timedelta(days=arrives)
    stay = Stay(first, first + timedelta(days=max(nights, room.min_nights)))
    return Plan(room, guest, stay, min(2, room.capacity), first - timedelta(days=ahead), **fields)  # type: ignore[arg-type]


def _of_the_host(rooms: Sequence[Room], guests: Sequence[User], today: date) -> Iterator[Plan]:
    """Somebody leaves, comes and stays today, others are on their way, one cancelled, one is about to pay."""
    who = guests[1:]
    if len(rooms) < 3:
        return
    big, annex, single = rooms
    yield plan(big, who[0], today, -4, 4)
    yield plan(big, who[1], today, 0, 3)
    yield plan(annex, who[14], today, -2, 4)
    yield plan(single, who[15], today, -1, 1)
    yield plan(single, who[16], today, 0, 2, ahead=9)
    yield plan(big, who[4], today, 5, 2)
    yield plan(annex, who[5], today, 6, 3, ahead=16, change="asked")
    yield plan(single, who[6], today, 9, 2)
    yield plan(big, who[2], today, 12, 3, ahead=40, ends="cancelled")
    yield plan(annex, who[7], today, 14, 2, ends="held")
    yield plan(single, who[8], today, 17, 2, ahead=24, ends="cancelled", by="host")
    yield plan(big, who[9], today, 21, 4, ahead=30, change="agreed")
    yield plan(annex, who[10], today, 28, 2, ahead=31)
    yield plan(big, guests[0], today, -41, 3, opinions=BOTH)
    for number, (room, arrives) in enumerate([(annex, -30), (single, -25), (big, -22), (annex, -18), (big, -9)]):
        yield plan(room, who[number], today, arrives, 3, ahead=14, opinions=BOTH if number != 3 else ("guest",))
    yield plan(single, who[11], today, -7, 3, ahead=14, opinions=("guest",))
    yield plan(annex, who[12], today, -11, 2, ahead=14)
    yield from _asked(annex, who, guests[0], today)


def _asked(room: Room, who: Sequence[User], guest: User, today: date) -> Iterator[Plan]:
    """Requests in every state, two of them waiting, one of these of the demonstration's guest."""
    yield plan(room, who[3], today, 35, 2, ends="requested")
    yield plan(room, guest, today, 40, 3, ends="requested")
    yield plan(room, who[13], today, 45, 2, ahead=50, ends="declined")
    yield plan(room, guest, today, 50, 2, ahead=58, ends="unanswered")


def _of_the_guest(coming: Room, past: Room, guest: User, today: date) -> Iterator[Plan]:
    """A trip ahead, one that waits for its review, and one cancelled with money back."""
    yield plan(coming, guest, today, 18, 3, ahead=27)
    yield plan(past, guest, today, -6, 2, ahead=20, opinions=())
    yield plan(past, guest, today, 33, 2, ahead=40, ends="cancelled")


def _elsewhere(rooms: Sequence[Room], guests: Sequence[User], today: date) -> Iterator[Plan]:
    """The other rooms: most had a guest, some have one, some will; a few bookings came to nothing."""
    turn = count()
    for index, room in enumerate(rooms):
        chance = Random(f"plans {room.title_i18n['en']}")  # noqa: S311
        if index % 5 < 3:
            opinions = (BOTH, BOTH, ("guest",))[index % 3]
            yield plan(room, _next(guests, turn), today, -chance.randint(18, 60), 2, opinions=opinions)
        if index % 7 == 2:
            yield plan(room, _next(guests, turn), today, -chance.randint(5, 11), 2, opinions=(BOTH, ())[index % 2])
        if index % 8 == 1:
            yield plan(room, _next(guests, turn), today, -1, 3)
        if index % 4 == 0:
            yield plan(room, _next(guests, turn), today, chance.randint(4, 12), 2)
        if index % 8 == 5:
            by = ("guest", "host")[index % 2]
            yield plan(room, _next(guests, turn), today, 20, 2, ahead=30, ends="cancelled", by=by)
        if index % 12 == 4:
            yield plan(room, _next(guests, turn), today, 26, 2, ahead=35, ends="expired")
        if index % 20 == 7:
            yield plan(room, _next(guests, turn), today, 30, 2, ends="held")


def _next(guests: Sequence[User], turn: Iterator[int]) -> User:
    return guests[next(turn) % len(guests)]

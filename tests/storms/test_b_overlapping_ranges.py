"""Storm B: many guests want stays that overlap, in a few rooms, all the time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from airbnb.stays import Stay
from reservations import services
from tests.conftest import make_user
from tests.factories.reservations import some_stay
from tests.storms import guards
from tests.storms.report import LONG, Storm, crowd, seconds, size, until_the_end
from tests.support import room_of

pytestmark = pytest.mark.django_db(transaction=True)

ACTORS = 16
ROOMS = 20
LENGTH_S = seconds(3, 60)
LEAST_ATTEMPTS = size(20, 2000)
LEAST_CONFLICTS = size(3, 200)
WINDOW = 12  # the stays of all guests begin within this many days
SLOWEST_REFUSAL_MS = 300


def booking(storm: Storm, guest: Any, rooms: list[Any], dice: Random, going: Callable[[], bool]) -> Callable[[], None]:
    """A guest who holds at random and gives back, so that the limit of open holds is never in the way for long."""
    first = some_stay(1, ahead=40).check_in

    def act() -> None:
        mine: list[Any] = []
        while going():
            begin = first + timedelta(days=dice.randrange(WINDOW))
            stay = Stay(begin, begin + timedelta(days=dice.randint(1, 5)))
            room = dice.choice(rooms)
            held = storm.attempt(
                "hold", lambda room=room, stay=stay: services.hold(guest=guest, room_id=room.pk, stay=stay, guests=1)
            )
            if held is not None and held.code not in {each.code for each in mine}:
                mine.append(held)
            if len(mine) > 2:
                gone = mine.pop(dice.randrange(len(mine)))
                storm.attempt("let go", lambda gone=gone: services.let_go(code=gone.code, guest=guest))

    return act


def blow(storm: Storm, length: float, rooms: int = ROOMS) -> None:
    """The storm itself, with a room for everybody to meet in."""
    guests = [make_user(f"range-{number}@example.com") for number in range(ACTORS)]
    there = [room_of() for _ in range(rooms)]
    with until_the_end(length) as going:
        crowd(*(booking(storm, guest, there, Random(storm.seed + n), going) for n, guest in enumerate(guests)))
    storm.end()


def test_no_night_is_held_twice_and_losers_are_told_soon() -> None:
    storm = Storm("B")
    blow(storm, LENGTH_S, rooms=ROOMS if LONG else 6)
    storm.expect(storm.attempts >= LEAST_ATTEMPTS, f"only {storm.attempts} attempts")
    conflicts = storm.counts["hold: nights_taken"]
    storm.expect(conflicts >= LEAST_CONFLICTS, f"only {conflicts} conflicts")
    if LONG:  # a figure for a machine that does nothing else; in the suite others share it
        slow = storm.refused_p95()
        storm.expect(slow <= SLOWEST_REFUSAL_MS, f"refusals took {slow:.0f} ms (p95)")
    storm.must_be_green()


def test_the_control_without_the_key_of_nights() -> None:
    storm = Storm("B")
    with guards.nights_off():
        blow(storm, 1.5, rooms=3)
    storm.must_be_red("I1_stays_do_not_overlap")

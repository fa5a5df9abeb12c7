"""Storm C: everybody who writes to a calendar at once, and a journal of what each of them was told."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from tests.storms import guards
from tests.storms.report import Storm, crowd, seconds, settle_everything, size, until_the_end
from tests.storms.writers import Step, Writers

pytestmark = pytest.mark.django_db(transaction=True)

GUESTS = size(6, 10)
ROOMS = size(4, 10)
LENGTH_S = seconds(6, 120)
LEAST_ATTEMPTS = size(100, 1000)
# With so many prices set by two writers over six days each, one of them has set a day's price again.
TWICE_ONE_DAY = 12
# The storm goes on, within reason, until each of these was done at least once.
DEEDS = [
    *("hold", "pay", "let go", "hold ran out", "cancel", "price", "block", "pause"),
    *("accept", "refuse", "withdraw request", "request ran out"),
    *("propose", "agree", "decline", "take back", "pay difference", "proposal ran out"),
]


def blow(storm: Storm, length: float, writers: Writers, enough: Callable[[], bool]) -> None:
    """All of them at once, for a while."""
    with until_the_end(length, enough) as going:

        def acting(step: Step, dice: Random) -> Callable[[], None]:
            def act() -> None:
                while going():
                    step(dice)

            return act

        crowd(*(acting(step, Random(storm.seed + n)) for n, step in enumerate(writers.steps())))


def in_turn(storm: Storm, steps: list[Step], enough: Callable[[], bool]) -> None:
    """One after the other, until it is enough: for controls in which nobody needs to be in another's way."""
    dice = Random(storm.seed)
    for _round in range(1000):
        for step in steps:
            step(dice)
        if enough():
            return


def test_nothing_is_lost_and_everything_holds(sandbox: Any) -> None:
    storm = Storm("C")
    writers = Writers(storm, guests=GUESTS, rooms=ROOMS)
    blow(storm, LENGTH_S, writers, lambda: storm.has_done(*DEEDS))
    settle_everything()
    writers.journal.compare(storm)
    storm.end(sandbox.ledger())
    storm.expect(storm.attempts >= LEAST_ATTEMPTS, f"only {storm.attempts} attempts")
    for each in DEEDS:
        storm.expect(storm.has_done(each), f"nobody ever came through with this: {each}")
    storm.must_be_green()


def test_the_control_with_prices_that_are_not_kept() -> None:
    storm = Storm("C")
    writers = Writers(storm, guests=0, rooms=2)
    with guards.prices_off():
        in_turn(storm, writers.calendar(), lambda: storm.counts["price: done"] > TWICE_ONE_DAY)
    writers.journal.compare(storm)
    storm.must_be_red("lost update: room")


def test_the_control_with_answers_that_are_not_kept(sandbox: Any) -> None:
    """A host says no to a request, and one of two to other dates; both are told that it is so, and it is not."""
    storm = Storm("C")
    writers = Writers(storm, guests=2, rooms=4)
    with guards.answers_off():
        in_turn(storm, writers.people(), lambda: storm.has_done("refuse", "decline"))
    writers.journal.compare(storm)
    storm.must_be_red("lost update: reservation")
    assert any("lost update: proposal" in each for each in storm.complaints)

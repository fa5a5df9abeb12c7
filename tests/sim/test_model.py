"""The state machine's run: a short one in every test run, ``MODEL_EXAMPLES=2000`` for the long one."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from reservations.states import ALLOWED
from tests.sim.expected import ENDED, LIVE
from tests.sim.model import Bookings
from tests.sim.world import World

pytestmark = pytest.mark.django_db(transaction=True)
EXAMPLES, STEPS = int(os.environ.get("MODEL_EXAMPLES") or 100), 50
# From so many on it is a long run, which takes every way a hundred times.
LONG = 1000
# What one round has not come across, further ones look for.
ROUNDS = 6
# Every way between states that the product allows: persons, banks and timers take all of them.
WAYS = {("", "held"), *((str(start), str(end)) for start, end in ALLOWED)}
# Every deed that a state forbids. A request is closed to a host who comes too late or asks to cancel it, and to
# everybody while the money of an accepted one is being taken.
FORBIDDEN = {
    *(("pay", state) for state in ("expired", "declined", "cancelled")),
    *(("let_go", state) for state in ("paying", "requested", "confirmed", "in_stay", *ENDED)),
    *(("extend", state) for state in ("paying", "requested", "confirmed", "in_stay", "expired", *ENDED)),
    *(("cancel", state) for state in ("held", "paying", "requested", "expired", *ENDED)),
    *(("accept", state) for state in (*LIVE, "expired", *ENDED)),
    *(("refuse", state) for state in (*LIVE, "expired", "completed", "cancelled")),
}


@pytest.fixture
def world() -> Iterator[World]:
    with World().installed(guarded=False) as made:
        made.cast()
        yield made


def test_services_and_dictionaries_never_differ(world: World) -> None:
    """The short run takes every way and tries every forbidden deed, the long one each of them a hundred times."""
    Bookings.world, Bookings.taken, Bookings.refused = world, Counter(), Counter()
    least = 100 if EXAMPLES >= LONG else 1
    for number in range(ROUNDS):
        _run(EXAMPLES if number == 0 else max(20, EXAMPLES // 4), the_same=number == 0 and EXAMPLES < LONG)
        rare = {way for way in WAYS if Bookings.taken[way] < least}
        rare |= {deed for deed in FORBIDDEN if Bookings.refused[deed] < least}
        if not rare:
            break
    print({f"{a or 'nothing'} to {b}": n for (a, b), n in sorted(Bookings.taken.items())})
    print({f"{deed} while {state}": n for (deed, state), n in sorted(Bookings.refused.items())})
    assert rare == set()


def _run(examples: int, *, the_same: bool) -> None:
    run_state_machine_as_test(
        Bookings,
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize=the_same,
            suppress_health_check=list(HealthCheck),
        ),
    )

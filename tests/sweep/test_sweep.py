"""Killed at any statement, commit, message or gateway crossing, nothing is lost and nothing is doubled."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sim.planting import gateway_called_before_the_intent_is_committed, publish_after_commit
from tests.sim.world import World
from tests.sweep.operations import OPERATIONS
from tests.sweep.sweeping import Operation, Sweep, sweep

pytestmark = pytest.mark.django_db(transaction=True)
BY_NAME = {each.name: each for each in OPERATIONS}
# Together not more than 400.
MOST = 26


@pytest.fixture
def world() -> Iterator[World]:
    with World().installed() as made:
        made.cast(guests=1)
        yield made


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.name)
def test_killed_anywhere_the_background_alone_puts_it_right(world: World, operation: Operation) -> None:
    report = sweep(world, operation, MOST)
    print(report)
    assert report.violations == []
    assert report.swept >= 10


def test_a_gateway_called_before_its_intent_is_committed_is_found(world: World) -> None:
    """The control: with the order turned round, the sweep must find money without a reservation."""
    report = sweep(world, BY_NAME["pay"], MOST, gateway_called_before_the_intent_is_committed())
    assert any("the gateway has" in each for each in report.violations), report


def test_events_published_after_the_commit_are_found(world: World) -> None:
    """The other control: a fact that is told after its transaction can be lost between the two."""
    report = sweep(world, BY_NAME["cancel"], MOST, publish_after_commit(), stop_at_first=True)
    assert report.violations


@pytest.mark.parametrize("name", ["pay", "cancel", "refund"])
def test_the_simulated_kill_leaves_what_a_killed_process_leaves(world: World, name: str) -> None:
    prepared = Sweep(world, BY_NAME[name])
    points = prepared.points()
    for at in range(1, len(points) + 1, max(1, len(points) // 4)):
        assert prepared.state_after_kill(at) == prepared.state_after_real_kill(at), points[at - 1]

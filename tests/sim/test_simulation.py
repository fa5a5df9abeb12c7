"""Simulated seeds: a short run of them in every test run, thousands with ``make sim``."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from tests.sim import planting
from tests.sim.simulation import Simulation
from tests.sim.world import World

pytestmark = pytest.mark.django_db(transaction=True)
SEEDS, PARTS = int(os.environ.get("SEEDS") or 300), 6
# Seeds that once failed are always run, whatever SEEDS says.
ONCE_FAILED: tuple[int, ...] = (2405, 4355)
Bug = Callable[[], AbstractContextManager[None]]
# Each takes one guard of the product away.
PLANTED: tuple[Bug, ...] = (
    planting.publish_after_commit,
    planting.charges_are_sent_again_under_a_fresh_key,
    planting.no_answer_is_taken_for_a_failure,
)


@pytest.fixture
def world() -> Iterator[World]:
    with World().installed() as made:
        made.cast()
        yield made


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_is_lost_and_nothing_doubled_whatever_happens(world: World, part: int) -> None:
    for seed in (*range(part, SEEDS, PARTS), *ONCE_FAILED[part::PARTS]):
        verdict = Simulation(world, seed).run()
        assert verdict.wrong == [], str(verdict)


def test_a_seed_replays_exactly(world: World) -> None:
    first, second = (Simulation(world, 7).run() for _n in range(2))
    assert first.trace == second.trace


@pytest.mark.parametrize("bug", PLANTED, ids=lambda bug: bug.__name__)
def test_a_planted_bug_is_found_within_fifty_seeds(
    world: World, bug: Callable[[], AbstractContextManager[None]]
) -> None:
    with bug():
        found = next((verdict for seed in range(50) if (verdict := Simulation(world, seed).run()).wrong), None)
    assert found is not None
    print(f"found by seed {found.seed}: {found.wrong[0][:200]}")

"""Simulated seeds: a short run of them in every test run, thousands with ``make sim``."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.sim.planting import publish_after_commit
from tests.sim.simulation import Simulation
from tests.sim.world import World

pytestmark = pytest.mark.django_db(transaction=True)
SEEDS, PARTS = int(os.environ.get("SEEDS") or 300), 6
# Seeds that once failed: they are always run.
ONCE_FAILED: tuple[int, ...] = ()


@pytest.fixture
def world() -> Iterator[World]:
    with World().installed() as made:
        made.cast()
        yield made


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_is_lost_and_nothing_doubled_whatever_happens(world: World, part: int) -> None:
    for seed in range(part, SEEDS, PARTS):
        verdict = Simulation(world, seed).run()
        assert verdict.wrong == [], str(verdict)


@pytest.mark.parametrize("seed", ONCE_FAILED)
def test_what_once_failed(world: World, seed: int) -> None:
    verdict = Simulation(world, seed).run()
    assert verdict.wrong == [], str(verdict)


def test_a_seed_replays_exactly(world: World) -> None:
    first, second = (Simulation(world, 7).run() for _n in range(2))
    assert first.trace == second.trace


def test_events_published_after_the_commit_are_found_within_fifty_seeds(world: World) -> None:
    with publish_after_commit():
        assert any(Simulation(world, seed).run().wrong for seed in range(50))

"""``make sim SEEDS=5000``: many seeds on all workers; ``SEED=n`` replays one and prints what happened."""

from __future__ import annotations

import os
import sys
import time
from contextlib import ExitStack
from functools import cache

from tests.sim.standing import workers  # before everything else: it prepares what Django's settings read

# isort: split
from tests.sim.simulation import STEPS, Simulation, Verdict
from tests.sim.world import World

CHUNK = 20
_installed = ExitStack()  # for as long as the process lasts


@cache
def _world() -> World:
    """One for each worker process."""
    world = World()
    _installed.enter_context(world.installed())
    world.cast()
    return world


def simulate(seeds: list[int]) -> list[Verdict]:
    """The verdicts of some seeds."""
    return [Simulation(_world(), seed).run() for seed in seeds]


def main() -> int:
    """Run the seeds; returns 1 when any of them found something."""
    began = time.monotonic()
    one = os.environ.get("SEED") or ""
    first, count = (int(one), 1) if one else (int(os.environ.get("FROM") or 0), int(os.environ.get("SEEDS") or 300))
    seeds = list(range(first, first + count))
    verdicts: list[Verdict] = []
    with workers() as run:
        for part in run(simulate, [seeds[n : n + CHUNK] for n in range(0, count, CHUNK)]):
            verdicts += part
            for each in part:
                if each.wrong or one:
                    print(each, flush=True)
    done: dict[str, int] = {}
    for verdict in verdicts:
        for name, times in verdict.done.items():
            done[name] = done.get(name, 0) + times
    print("steps taken:", ", ".join(f"{name} {times}" for name, times in sorted(done.items(), key=lambda it: -it[1])))
    failed = sorted(each.seed for each in verdicts if each.wrong)
    took = time.monotonic() - began
    print(f"seeds {first} to {first + count - 1}, {STEPS} steps each: {len(failed)} failed {failed[:20]}, {took:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

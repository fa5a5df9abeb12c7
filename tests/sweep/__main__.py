"""``make sweep``: every statement, commit, message, gateway crossing and executed line; minutes, not seconds."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache

from tests.sim.standing import workers  # before everything else: it prepares what Django's settings read

# isort: split
from tests.sim.world import World
from tests.sweep.operations import OPERATIONS
from tests.sweep.sweeping import SEED, Report, Sweep, note

CHUNK = 80
_installed = ExitStack()  # for as long as the process lasts


@cache
def _world() -> World:
    """One for each worker process."""
    world = World()
    _installed.enter_context(world.installed())
    world.cast(guests=1)
    return world


def sweep_part(job: tuple[str, str, int, int]) -> Report:
    """Kill one operation at a run of its points or lines."""
    name, kind, first, last = job
    world = _world()
    world.recast()
    prepared = Sweep(world, next(each for each in OPERATIONS if each.name == name))
    report = Report(f"{name} by {kind}", 0)
    if last == 0:
        report.points = len(prepared.points()) if kind == "point" else prepared.lines()
        return report
    for at in range(first, last + 1):
        found = prepared.crash(at) if kind == "point" else prepared.crash_at_line(at)
        note(report, f"{kind} {at}", *found)
    return report


def main() -> int:
    """Count first, then kill; returns 1 when anything was violated."""
    asked = argparse.ArgumentParser(prog="tests.sweep")
    asked.add_argument("--only", default="", help="names of operations, with commas between them")
    only = set(filter(None, asked.parse_args().only.split(",")))
    began = time.monotonic()
    names = [each.name for each in OPERATIONS if not only or each.name in only]
    kinds = [(name, kind) for name in names for kind in ("point", "line")]
    total = {f"{name} by {kind}": Report(f"{name} by {kind}", 0) for name, kind in kinds}
    with workers() as run:
        for counted in run(sweep_part, [(name, kind, 0, 0) for name, kind in kinds]):
            total[counted.operation].points = counted.points
        for part in run(sweep_part, list(_jobs(kinds, total))):
            whole = total[part.operation]
            whole.swept += part.swept
            whole.slowest_s = max(whole.slowest_s, part.slowest_s)
            whole.violations += part.violations
    return _told(total, began)


def _jobs(kinds: list[tuple[str, str]], total: dict[str, Report]) -> Iterator[tuple[str, str, int, int]]:
    for name, kind in kinds:
        points = total[f"{name} by {kind}"].points
        for first in range(1, points + 1, CHUNK):
            yield name, kind, first, min(first + CHUNK - 1, points)


def _told(total: dict[str, Report], began: float) -> int:
    for each in total.values():
        print(each)
        print("".join(f"    {wrong[:600]}\n" for wrong in each.violations[:5]), end="")
    swept, wrong = sum(each.swept for each in total.values()), sum(len(each.violations) for each in total.values())
    print(f"seed {SEED}, {swept} kills, {wrong} violations, {time.monotonic() - began:.0f} s")
    return 1 if wrong or swept != sum(each.points for each in total.values()) else 0


if __name__ == "__main__":
    sys.exit(main())

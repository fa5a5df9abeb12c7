"""``make sweep``: every statement, commit, message, gateway crossing and executed line; half an hour, not seconds."""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache

from tests.sim.standing import workers  # before everything else: it prepares what Django's settings read

# isort: split
from tests.sim.world import World
from tests.sweep.operations import OPERATIONS
from tests.sweep.sweeping import SEED, Report, Sweep, note

CHUNK = 100
_installed = ExitStack()  # for as long as the process lasts
_ready: dict[str, Sweep] = {}  # the operation that this process has prepared


@cache
def _world() -> World:
    """One for each worker process."""
    world = World()
    _installed.enter_context(world.installed())
    world.cast(guests=1)
    return world


def _prepared(name: str) -> Sweep:
    if name not in _ready:
        _ready.clear()
        world = _world()
        world.recast()
        _ready[name] = Sweep(world, next(each for each in OPERATIONS if each.name == name))
    return _ready[name]


def sweep_part(job: tuple[str, str, int, int]) -> Report:
    """Kill one operation at a run of its points or lines; only count them without any."""
    name, kind, first, last = job
    prepared = _prepared(name)
    report = Report(name, kind)
    if last == 0:
        report.points = len(prepared.points()) if kind == "point" else prepared.lines()
    for at in range(first, last + 1):
        try:
            found = prepared.crash(at) if kind == "point" else prepared.crash_at_line(at)
        except Exception:  # the others are still worth knowing
            found = 0.0, [traceback.format_exc()]
        note(report, f"{kind} {at}", *found)
    return report


def main() -> int:
    """Count first, then kill; returns 1 when anything was violated."""
    asked = argparse.ArgumentParser(prog="tests.sweep")
    asked.add_argument("--only", default="", help="names of operations, with commas between them")
    asked.add_argument(
        "--kind", default="point,line", help="killed at statements and crossings (point), at lines, or both"
    )
    given = asked.parse_args()
    only, kinds = set(filter(None, given.only.split(","))), given.kind.split(",")
    began = time.monotonic()
    names = [each.name for each in OPERATIONS if not only or each.name in only]
    total = {(name, kind): Report(name, kind) for name in names for kind in kinds}
    with workers() as run:
        for counted in run(sweep_part, [(name, kind, 0, 0) for name, kind in total]):
            total[counted.operation, counted.kind].points = counted.points
        for part in run(sweep_part, list(_jobs(total))):
            whole = total[part.operation, part.kind]
            whole.add(part)
            if whole.swept == whole.points:
                _tell(whole)
    swept, wrong = sum(each.swept for each in total.values()), sum(len(each.violations) for each in total.values())
    print(f"seed {SEED}, {swept} kills, {wrong} violations, {time.monotonic() - began:.0f} s")
    return 1 if wrong or swept != sum(each.points for each in total.values()) else 0


def _jobs(total: dict[tuple[str, str], Report]) -> Iterator[tuple[str, str, int, int]]:
    for (name, kind), report in total.items():
        for first in range(1, report.points + 1, CHUNK):
            yield name, kind, first, min(first + CHUNK - 1, report.points)


def _tell(report: Report) -> None:
    print(report)
    print("".join(f"    {wrong[:600]}\n" for wrong in report.violations[:5]), end="", flush=True)


if __name__ == "__main__":
    sys.exit(main())

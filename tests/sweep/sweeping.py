"""The crash sweep: one operation, killed at one point after another, then recovered by the background alone."""

from __future__ import annotations

import mmap
import os
import random
import struct
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import FrameType
from typing import Any

from django.db import connection

from tests.sim.background import StillBusy
from tests.sim.crashing import Executioner
from tests.sim.database import dump
from tests.sim.world import World
from tests.sweep.layer import service_layer

# Virtual seconds within which the background must have put everything right.
RECOVERY_S = 60
# Operations begin this long after the full minute: every timer has just been, and is waited for the longest.
AFTER_THE_BEAT_S = 1
SEED = 4
KILLED = 70


@dataclass(frozen=True)
class Operation:
    """``prepare`` brings the world to where ``act`` may be done; ``again``: what the client repeats afterwards."""

    name: str
    prepare: Callable[[World], Any]
    act: Callable[[World, Any], Any]
    again: Callable[[World, Any], None] | None = None
    ends: Callable[[World, Any], list[str]] = lambda world, given: []


@dataclass
class Report:
    """What a sweep of one operation came to; ``kind``: killed at points (statements and crossings) or at lines."""

    operation: str
    kind: str = "point"
    points: int = 0
    swept: int = 0
    slowest_s: float = 0.0
    violations: list[str] = field(default_factory=list)

    def add(self, part: Report) -> None:
        """Another part of the same."""
        self.swept += part.swept
        self.slowest_s = max(self.slowest_s, part.slowest_s)
        self.violations += part.violations

    def __str__(self) -> str:
        verdict = "ok" if not self.violations else f"{len(self.violations)} VIOLATIONS"
        return (
            f"{self.operation:<12} {self.points:>5} {self.kind}s, {self.swept:>5} swept, "
            f"slowest recovery {self.slowest_s:>4.0f} s virtual, {verdict}"
        )


class Sweep:
    """One operation, prepared once; every kill begins from the same database, clock, chance and gateway."""

    def __init__(self, world: World, operation: Operation) -> None:
        self.world, self.operation = world, operation
        self._judged: dict[bytes, tuple[float, list[str]]] = {}
        world.begin(SEED)
        world.time.advance(60 + AFTER_THE_BEAT_S - world.time.now.timestamp() % 60)
        self.given = operation.prepare(world)
        world.keep("operation")

    def points(self) -> list[str]:
        """The dry run: the names of all points, in order."""
        counting = self._killed_at(0)
        return counting.points

    def _killed_at(self, at: int, kill: Callable[[], None] | None = None) -> Executioner:
        world = self.world
        world.begin(SEED)
        executioner = Executioner(at, kill=kill)
        world.gateway.boundary = world.broker.boundary = executioner.point
        with executioner.watching():
            self.operation.act(world, self.given)
        world.gateway.boundary = world.broker.boundary = lambda name: None
        return executioner

    def crash(self, at: int) -> tuple[float, list[str]]:
        """Kill it at this point; how long recovery took, and what was wrong afterwards."""
        executioner = self._killed_at(at)
        assert executioner.dead, "the run came through: it is not the same every time"
        return self._recovered()

    def _recovered(self) -> tuple[float, list[str]]:
        """What the killed process had sent to the broker is lost, too; nobody but the background acts.

        Recovery from here on depends on nothing but rows, books and clock: where they are what an earlier kill has
        left, what came of that one is known already.
        """
        world = self.world
        world.broker.messages.clear()
        world.reseed(SEED + 1, ids=500)
        left = world.digest()
        if left not in self._judged:
            self._judged[left] = self._judge()
        return self._judged[left]

    def _judge(self) -> tuple[float, list[str]]:
        world = self.world
        try:
            took = world.background.until_quiet(RECOVERY_S)
            if self.operation.again is not None:
                world.background.tick(65)
                self.operation.again(world, self.given)
                world.background.until_quiet(RECOVERY_S)
        except StillBusy as busy:
            return RECOVERY_S, [str(busy)]
        return took, world.verdict() + self.operation.ends(world, self.given)

    def state_after_kill(self, at: int) -> dict[str, list[str]]:
        """The database after a kill inside this process."""
        self._killed_at(at)
        return dump()

    def state_after_real_kill(self, at: int) -> dict[str, list[str]]:
        """The same with a process of its own that ends by ``os._exit``."""
        self._forked(lambda: self._killed_at(at, kill=lambda: os._exit(KILLED)))
        return dump()

    # ------------------------------------------------------------------------------------ line by line
    def lines(self) -> int:
        """How many lines of the service layer the operation executes."""
        reader, writer = os.pipe()

        self.world.begin(SEED)

        def count_them() -> None:
            tracer = _Tracer(0)
            self._traced(tracer)
            os.write(writer, str(tracer.passed).encode())

        self._forked(count_them)
        os.close(writer)
        with os.fdopen(reader) as told:
            return int(told.read())

    def crash_at_line(self, line: int) -> tuple[float, list[str]]:
        """A forked process leaves at this line, for good; then recovery and verdict as ever."""
        self.world.begin(SEED)
        code = self._forked(lambda: self._traced(_Tracer(line)))
        if code != KILLED:
            return 0.0, [f"the process ended with {code} instead of being killed at line {line}"]
        return self._recovered()

    def _traced(self, tracer: _Tracer) -> None:
        sys.settrace(tracer.call)
        try:
            self.operation.act(self.world, self.given)
        finally:
            sys.settrace(None)

    def _forked(self, work: Callable[[], Any]) -> int:
        """Run in a child that never returns here; the gateway's books and the time that has passed survive it.

        The child leaves the parent's connection alone, which it inherits, and opens one of its own, which dies with it.
        """
        _snapshot, at, kept = self.world._kept or (None, self.world.time.now, [b""])
        clock = mmap.mmap(-1, _INSTANT.size)
        clock[:] = _INSTANT.pack(at.timestamp())
        with tempfile.NamedTemporaryFile() as books:
            child = os.fork()
            if child == 0:
                code = 99
                try:
                    _inherited.append(connection.connection)
                    connection.connection = None
                    self.world.gateway.kept_file = books.name
                    self.world.time.moved = lambda now: clock.__setitem__(slice(None), _INSTANT.pack(now.timestamp()))
                    work()
                    code = 0
                finally:
                    os._exit(code)
            _pid, status = os.waitpid(child, 0)
            (seconds,) = _INSTANT.unpack(clock)
            self.world.time.now = datetime.fromtimestamp(seconds, UTC)
            self.world.gateway.open_kept(books.read() or kept[0])
            return os.waitstatus_to_exitcode(status)


_INSTANT = struct.Struct("d")
_inherited: list[Any] = []  # to be forgotten would mean to be closed


class _Tracer:
    """Counts executed lines of the service layer; at the given one the process is over."""

    def __init__(self, at: int) -> None:
        self.at, self.passed = at, 0
        self._counts = service_layer()

    def call(self, frame: FrameType, event: str, arg: Any) -> Any:
        return self.line if frame.f_code.co_filename in self._counts else None

    def line(self, frame: FrameType, event: str, arg: Any) -> Any:
        if event == "line":
            self.passed += 1
            if self.passed == self.at:
                os._exit(KILLED)
        return self.line


def chosen(points: list[str], most: int, seed: int) -> list[int]:
    """Of so many points at most ``most``: every commit, message and gateway crossing, then statements by chance.

    Statements of one transaction leave the same behind when they are the last: nothing.
    """
    crossings = [n for n, name in enumerate(points, 1) if not name.startswith("sql:")]
    statements = [n for n, name in enumerate(points, 1) if name.startswith("sql:")]
    chance = random.Random(seed)
    some = chance.sample(crossings, min(len(crossings), most))
    return sorted(some + chance.sample(statements, min(len(statements), most - len(some))))


def sweep(
    world: World,
    operation: Operation,
    most: int,
    planted: AbstractContextManager[Any] | None = None,
    *,
    stop_at_first: bool = False,
) -> Report:
    """Kill the operation at (at most so many of) its points, one after another."""
    with planted or nullcontext():
        prepared = Sweep(world, operation)
        points = prepared.points()
        report = Report(operation.name, points=len(points))
        for at in chosen(points, most, SEED):
            note(report, f"point {at} ({points[at - 1]})", *prepared.crash(at))
            if stop_at_first and report.violations:
                break
    return report


def note(report: Report, where: str, took: float, wrong: list[str]) -> None:
    """Add one kill to the report."""
    report.swept += 1
    report.slowest_s = max(report.slowest_s, took)
    report.violations += [f"{report.operation} killed at {where}: {each}" for each in wrong]

"""Keeps a set of child processes alive: starts, watches, restarts with backoff, gives up, stops in order."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from airbnb.embedded.processes import last_lines, signal_group

Process = subprocess.Popen[bytes]


class StopAsked(Exception):
    """Somebody asked us to stop (Ctrl-C, SIGTERM, SIGHUP): no error."""


class GaveUp(RuntimeError):
    """A child keeps dying, or a step failed; the message carries its last log lines."""


@dataclass
class Child:
    """One process to keep alive. ``spawn`` starts it and returns at once.

    Children stop by falling ``stage``, those of one stage together, each with ``grace`` seconds.
    """

    name: str
    spawn: Callable[[], Process]
    log: Path
    stage: int = 0
    grace: float = 3.0
    stop_signal: signal.Signals = signal.SIGTERM
    process: Process | None = None
    deaths: list[float] = field(default_factory=list)
    restart_at: float | None = None


@dataclass(frozen=True)
class Patience:
    """How often a child may die: ``deaths`` times within ``window`` seconds; the pause doubles each time."""

    deaths: int = 5
    window: float = 60.0
    first_pause: float = 0.2
    longest_pause: float = 5.0


class Supervisor:
    """Owns the children. Everything happens in the thread that made it, which must outlive them."""

    def __init__(
        self,
        say: Callable[[str], None],
        patience: Patience | None = None,
        note_pids: Callable[[list[int]], None] = lambda pids: None,
        must_stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self.say = say
        self.note_pids = note_pids
        self.must_stop = must_stop
        self.patience = patience or Patience()
        self.children: list[Child] = []
        self.stop_asked = False
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)

    @contextmanager
    def signals(self) -> Iterator[None]:
        """Within: INT, TERM and HUP ask to stop, and a dying child wakes us at once.

        A background job starts with INT ignored, so it is set explicitly; HUP stays ignored under ``nohup``.
        """
        wanted: dict[int, Callable[[int, FrameType | None], None]] = {
            signal.SIGINT: self._on_stop,
            signal.SIGTERM: self._on_stop,
            signal.SIGCHLD: lambda number, frame: None,
        }
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            wanted[signal.SIGHUP] = self._on_stop
        before = {number: signal.signal(number, handler) for number, handler in wanted.items()}
        wake = signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(wake)
            for number, old in before.items():
                signal.signal(number, old)

    def start(self, child: Child) -> None:
        """Start one child and keep it from now on."""
        self.children.append(child)
        child.process = child.spawn()
        self._note_pids()

    def adopt(self, child: Child, process: Process) -> None:
        """Keep a child that somebody started already."""
        child.process = process
        self.children.append(child)

    def wait_until(self, is_done: Callable[[], bool], what: str, timeout: float) -> None:
        """Tend the children until ``is_done()``; GaveUp after ``timeout`` seconds, StopAsked on a signal."""
        deadline = time.monotonic() + timeout
        while not is_done():
            if time.monotonic() > deadline:
                raise GaveUp(f"{what} took more than {timeout:.0f} seconds")
            self.tend()
            self._sleep(0.05)

    def run_to_end(self, step: Child, timeout: float) -> None:
        """Run a command that ends by itself. GaveUp with its last lines when it fails."""
        self.wait_all([step], timeout)

    def wait_all(self, steps: list[Child], timeout: float) -> None:
        """Run several such commands side by side; the first failure stops the others."""
        processes = {step.name: step.spawn() for step in steps}
        try:
            for step in steps:
                process = processes[step.name]
                self.wait_until(lambda process=process: process.poll() is not None, step.name, timeout)  # type: ignore[misc]
                if process.returncode != 0:
                    raise GaveUp(f"{step.name} failed:\n{last_lines(step.log)}")
        finally:
            for process in processes.values():
                if process.poll() is None:
                    signal_group(process, signal.SIGKILL)
                    process.wait()

    def watch(self) -> None:
        """Tend the children for ever: ends by StopAsked or GaveUp only."""
        while True:
            self.tend()
            self._sleep(self._until_next_restart())

    def tend(self) -> None:
        """One round: note deaths, restart what is due. Raises StopAsked and GaveUp."""
        if self.stop_asked or self.must_stop():
            raise StopAsked
        now = time.monotonic()
        for child in self.children:
            if child.process is not None and child.process.poll() is not None:
                self._note_death(child, now)
            if child.restart_at is not None and now >= child.restart_at:
                child.restart_at = None
                child.process = child.spawn()
                self._note_pids()
                self.say(f"{child.name} started again")

    def stop_all(self) -> None:
        """Stop every child, by falling stage, and wait for each; none is left afterwards."""
        for stage in sorted({child.stage for child in self.children}, reverse=True):
            running = [(c, c.process) for c in self.children if c.stage == stage and c.process is not None]
            for child, process in running:
                if process.poll() is None:
                    process.send_signal(child.stop_signal)
            began = time.monotonic()
            for child, process in running:
                try:
                    process.wait(max(0.0, began + child.grace - time.monotonic()))
                except subprocess.TimeoutExpired:
                    self.say(f"{child.name} did not stop within {child.grace:.0f} s: killed")
                signal_group(process, signal.SIGKILL)
                process.wait()
                child.process = None

    def _note_pids(self) -> None:
        self.note_pids([child.process.pid for child in self.children if child.process is not None])

    def _note_death(self, child: Child, now: float) -> None:
        assert child.process is not None
        signal_group(child.process, signal.SIGKILL)  # workers of a dead web server would hold its port
        how, child.process = child.process.returncode, None
        child.deaths = [at for at in child.deaths if at > now - self.patience.window] + [now]
        count = len(child.deaths)
        if count >= self.patience.deaths:
            lines = last_lines(child.log)
            raise GaveUp(f"{child.name} died {count} times within {self.patience.window:.0f} s:\n{lines}")
        pause = min(self.patience.first_pause * 2 ** (count - 1), self.patience.longest_pause)
        child.restart_at = now + pause
        self.say(f"{child.name} ended ({_words(how)}); starting it again in {pause:.1f} s")

    def _until_next_restart(self) -> float:
        due = [child.restart_at for child in self.children if child.restart_at is not None]
        return max(0.01, min(due) - time.monotonic()) if due else 1.0

    def _sleep(self, seconds: float) -> None:
        """Sleep, but wake at once on a signal."""
        if select.select([self._wake_read], [], [], seconds)[0]:
            os.read(self._wake_read, 4096)

    def _on_stop(self, number: int, frame: FrameType | None) -> None:
        self.stop_asked = True


def _words(returncode: int) -> str:
    if returncode < 0:
        return signal.Signals(-returncode).name
    return f"exit code {returncode}"

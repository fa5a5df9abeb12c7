"""The stack of ``make run`` itself: a quick second start, a neighbour, and an end that leaves nothing."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from unittest.mock import MagicMock

import httpx
import pytest

from airbnb.embedded.stack import Stack
from tests.stack import RunningStack, free_port, until

SECOND_START_S = 10
STOP_S = 10
# Another worker of the test run shares the two cores; the promise is for a machine that does nothing else.
SLACK = 3


def pids_of(stack: RunningStack) -> list[int]:
    """Every process of this stack but the supervisor."""
    mine = f"DATA_DIR={stack.environment['DATA_DIR']}".encode()
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                if mine in (folder / "environ").read_bytes().split(b"\0"):
                    found.append(int(folder.name))
            except OSError:
                continue
    return found


@pytest.mark.xdist_group("stack")
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc to see what is left")
def test_it_starts_again_quickly_beside_a_neighbour_and_leaves_nothing(stack: RunningStack) -> None:
    """``stack`` is the neighbour: it runs on, untouched."""
    mine = RunningStack()
    try:
        mine.start()
        assert mine.process is not None
        mine.process.send_signal(signal.SIGTERM)
        begun = time.monotonic()
        assert mine.process.wait(60) == 0
        assert time.monotonic() - begun < STOP_S * SLACK
        assert pids_of(mine) == []

        begun = time.monotonic()
        mine.start()
        assert time.monotonic() - begun < SECOND_START_S * SLACK
        assert httpx.get(f"{mine.url}/readyz").status_code == 200
        assert httpx.get(f"{stack.url}/readyz").status_code == 200
        assert mine.env["DATABASE_URL"] != stack.env["DATABASE_URL"]
    finally:
        mine.stop()
    assert pids_of(mine) == []
    assert httpx.get(f"{stack.url}/readyz").status_code == 200


@pytest.mark.xdist_group("stack")
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc to find the servers")
def test_one_web_server_dies_without_the_other(stack: RunningStack) -> None:
    """A request that waited at the dead one's socket is lost with it; all others are answered while it comes back."""
    before = granians(stack)
    server = next(pid for pid in before if parent_of(pid) not in before)
    os.kill(server, signal.SIGKILL)
    missed = 0
    for _request in range(60):
        try:
            assert httpx.get(f"{stack.url}/livez", timeout=10).status_code == 200
        except httpx.TransportError:
            missed += 1
        threading.Event().wait(0.05)
    assert missed <= 1
    until(lambda: len(granians(stack)) == len(before), "it is back")
    assert server not in granians(stack)


def granians(stack: RunningStack) -> list[int]:
    """Processes of this stack whose command is the web server's."""
    found = []
    for pid in pids_of(stack):
        try:
            if b"granian" in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append(pid)
        except OSError:
            continue
    return found


def parent_of(pid: int) -> int:
    """The process that started this one."""
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def test_the_demonstration_is_filled_before_the_timers_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """They run by today's clock and would do at once, with today's date, what the demonstration does in its past."""
    done: list[str] = []
    for name in (
        "_base_environment",
        "start_services",
        "_prepare",
        "_start_web",
        "_start_workers",
        "_seed",
        "_start_timers",
    ):
        monkeypatch.setattr(Stack, name, lambda _stack, name=name: done.append(name))
    Stack(MagicMock(), MagicMock(), {"PORT": str(free_port())}).up()
    assert done[-2:] == ["_seed", "_start_timers"]

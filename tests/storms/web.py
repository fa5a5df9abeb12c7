"""Web processes of the storms' own beside those of the running stack: one server each, over the same data."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from airbnb.embedded.processes import finish, last_lines, spawn
from tests.stack import ROOT, RunningStack, free_port, until

PROCESSES = 4
# Two cores carry four processes, the database and the crowd: with more threads they would only take turns.
THREADS = 2


@contextmanager
def web_processes(stack: RunningStack, count: int = PROCESSES) -> Iterator[list[str]]:
    """Their addresses, once every one of them answers. Each has a port of its own, so that none is left out."""
    servers: dict[int, subprocess.Popen[bytes]] = {}
    try:
        for _ in range(count):
            port = free_port()
            servers[port] = _serve(stack, port)
        for port in servers:
            until(lambda port=port: _answers(stack, port, servers[port]), f"the web process on {port} answers", 90)
        yield [f"http://127.0.0.1:{port}" for port in servers]
    finally:
        for server in servers.values():
            finish(server, signal.SIGTERM, 5)


def _serve(stack: RunningStack, port: int) -> subprocess.Popen[bytes]:
    size = f"--workers 1 --blocking-threads {THREADS} --workers-kill-timeout 2"
    command = f"granian --interface wsgi --host 127.0.0.1 --port {port} --no-ws {size} airbnb.wsgi:application"
    environment = stack.environment | stack.env | {"WEB_THREADS": str(THREADS)}
    log = stack.folder / f"storm-web-{port}.log"
    return spawn([sys.executable, "-m", *command.split()], log=log, env=environment, cwd=ROOT)


def _answers(stack: RunningStack, port: int, server: subprocess.Popen[bytes]) -> bool:
    assert server.poll() is None, last_lines(stack.folder / f"storm-web-{port}.log")
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False

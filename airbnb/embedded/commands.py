"""The command lines of the stack's own processes: what runs, with how many workers and threads."""

from __future__ import annotations

import sys
from pathlib import Path

WEB_SERVERS, WEB_THREADS, TASK_THREADS = 2, 8, 4
# The second worker has what may wait while a host's upload or a burst of messages is worked. Both watch the gateways.
QUEUES = {
    "worker-core": "watch,rooms,reservations,payments,events",
    "worker-outer": "watch,reviews,notifications,media,checks",
}


def web(port: int) -> list[str]:
    """One web server of the site: a WSGI process with threads, beside others that listen on the same port.

    The kernel spreads connections over those that listen (SO_REUSEPORT), so one that dies takes only its own requests
    with it. A server whose process has died ends too: it would go on listening, with nobody to answer.
    """
    options = f"--interface wsgi --host 127.0.0.1 --port {port} --no-ws"
    size = f"--workers 1 --blocking-threads {WEB_THREADS} --workers-kill-timeout 2"
    return _module("granian", f"{options} {size} --no-respawn-failed-workers", "airbnb.wsgi:application")


def worker(name: str, port: int) -> list[str]:
    """A task worker for the queues of ``name``; threads, because its tasks wait for the database and the network."""
    pool = f"--queues {QUEUES[name]} --pool threads --concurrency {TASK_THREADS}"
    quiet = "--without-gossip --without-mingle --loglevel INFO"
    return _module("celery", f"-A airbnb worker {pool} --hostname {name}-{port}@%h {quiet}")


def beat(folder: Path) -> list[str]:
    """The clock that wakes the timers; it keeps when they ran last in ``folder``."""
    return _module("celery", "-A airbnb beat --pidfile= --loglevel INFO --schedule", str(folder / "schedule"))


def sandbox(port: int, data: Path, *options: str) -> list[str]:
    """The payment sandbox with its store in ``data``; the options say its keys and where its webhooks go."""
    return _module("airbnb.embedded.sandbox", " ".join((f"--port {port}", *options, "--data")), str(data))


def _module(name: str, options: str, *last: str) -> list[str]:
    """``options`` holds words without blanks; what may hold one (a path) comes last, as it is."""
    return [sys.executable, "-m", name, *options.split(), *last]

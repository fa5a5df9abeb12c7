"""What the tests of the breaker share: short times, a row that is not in a database, and Redis servers of their own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from payments.gateways.breaker import Breaker, Kept, Limits

SHORT = Limits(threshold=3, window_ms=5_000, open_ms=150, jitter_ms=0, trial_ms=0, successes=2, lease_ms=2_000)
LONG = Limits(threshold=3, window_ms=5_000, open_ms=60_000, jitter_ms=0, trial_ms=0, successes=2, lease_ms=2_000)


def connected(url: str) -> Redis:
    return Redis.from_url(url, socket_timeout=0.25, socket_connect_timeout=0.25, retry=Retry(NoBackoff(), 1))


def process(url: str, limits: Limits = LONG, row: Callable[[], Kept] = Kept) -> Breaker:
    """A breaker as another process has it: nothing in common with others but Redis and the row."""
    return Breaker("test", row, limits=limits, redis=connected(url))


def fail(breaker: Breaker, times: int = 1) -> Any:
    """So many calls that went out and came to nothing."""
    for _ in range(times):
        told = breaker.tell("bad", epoch=breaker.ask().epoch)
    return told


def until(ask: Callable[[], Any], seconds: float = 5.0) -> Any:
    ends = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < ends, "not in time"
        threading.Event().wait(0.01)
    return answer

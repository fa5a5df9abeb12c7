"""Telling workers that there is work: soon or not at all. What must be done stands in tables, and timers find it there.

Whoever sends has a guest or a gateway waiting for an answer, so a broker that does not answer costs them one short
attempt, and then nobody of this process anything for a few seconds.
"""

from __future__ import annotations

import time
from threading import Lock
from typing import Any

import structlog
from celery import Task

log = structlog.get_logger(__name__)

REST_S = 5.0


class Rest:
    """Whether the broker is left alone: after a failure nobody tries for REST_S, then one does while others wait."""

    def __init__(self) -> None:
        self._until = 0.0
        self._lock = Lock()

    def may_try(self) -> bool:
        """Whether the caller is to try now."""
        with self._lock:
            now = time.monotonic()
            if now < self._until:
                return False
            if self._until:
                self._until = now + REST_S
            return True

    def begin(self) -> None:
        """It did not answer."""
        self._until = time.monotonic() + REST_S

    def end(self) -> None:
        """It answers."""
        self._until = 0.0


rest = Rest()


def send(task: Task[Any, Any], args: list[Any], **options: Any) -> bool:
    """Send one message to the workers; False when the broker does not answer or is left alone. Never raises."""
    if not rest.may_try():
        return False
    try:
        task.apply_async(args=args, retry=False, **options)
    except Exception as error:  # kombu raises several unrelated types
        rest.begin()
        log.warning("broker_unreachable", error=str(error), task=task.name, rest_s=REST_S)
        return False
    rest.end()
    return True

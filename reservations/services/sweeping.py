"""Scans: each reservation in its own transaction, and one that fails never keeps the others waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import structlog

log = structlog.get_logger(__name__)


def sweep(codes: Iterable[str], work: Callable[[str], int]) -> int:
    """Do ``work`` for each code and add up what it returns; a failure is logged and left to the next scan."""
    done = 0
    for code in list(codes):
        try:
            done += work(code)
        except Exception:
            log.exception("sweep_failed", reservation=code, work=work.__name__)
    return done

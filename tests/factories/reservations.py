"""Stays and dates for tests; reservations themselves are reached through services, in ``tests.support``."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count

from airbnb import clock
from airbnb.stays import Stay

_blocks = count()


def some_stay(nights: int = 2, *, ahead: int = 30) -> Stay:
    """A stay that begins ``ahead`` days from today in Seoul."""
    first = clock.today_in("Asia/Seoul") + timedelta(days=ahead)
    return Stay(first, first + timedelta(days=nights))


def next_stay(nights: int = 2) -> Stay:
    """Like :func:`some_stay`, with other nights each time, so that two of one room never meet."""
    return some_stay(nights, ahead=30 + (next(_blocks) % 30) * 8)


def days(first: date, *offsets: int) -> list[date]:
    """Dates by their distance from the first."""
    return [first + timedelta(days=offset) for offset in offsets]

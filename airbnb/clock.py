"""The clock: the database's time decides every deadline, so that web processes cannot disagree."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models.functions import Now

_offset: ContextVar[timedelta] = ContextVar("clock_offset", default=timedelta(0))
_frozen: ContextVar[datetime | None] = ContextVar("clock_frozen", default=None)


def now() -> datetime:
    """The instant of this statement by the database's clock, aware, in UTC."""
    frozen = _frozen.get()
    if frozen is not None:
        return frozen
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        row = cursor.fetchone()
    assert row is not None
    return row[0].astimezone(UTC) + _offset.get()


def override() -> datetime | None:
    """The instant when a test has stopped or moved the clock, else None: then the database may fill in its own."""
    return now() if _frozen.get() is not None or _offset.get() else None


def instant() -> datetime | Now:
    """The instant of the statement in which this stands, filled in there: :func:`now` without a question of its own."""
    return override() or Now()


@contextmanager
def frozen(at: datetime) -> Iterator[datetime]:
    """Inside, :func:`now` is ``at``: for tests and for replays of the past."""
    token = _frozen.set(at)
    try:
        yield at
    finally:
        _frozen.reset(token)


@contextmanager
def shifted(by: timedelta) -> Iterator[None]:
    """Inside, :func:`now` is ``by`` later (added to a shift already in force)."""
    token = _offset.set(_offset.get() + by)
    held = _frozen.get()
    frozen_token = _frozen.set(held + by) if held is not None else None
    try:
        yield
    finally:
        if frozen_token is not None:
            _frozen.reset(frozen_token)
        _offset.reset(token)


def today_in(zone: str, at: datetime | None = None) -> date:
    """The date at ``at`` (default: now) on a calendar that hangs in ``zone`` (an IANA name)."""
    return (at or now()).astimezone(ZoneInfo(zone)).date()


def at_local(day: date, hour: time | str, zone: str) -> datetime:
    """The instant when clocks in ``zone`` show ``hour`` (a time or "HH:MM") on ``day``.

    A time that a change of clocks skips is read with the offset before the change (PEP 495, fold 0).
    """
    moment = time.fromisoformat(hour) if isinstance(hour, str) else hour
    return datetime.combine(day, moment, tzinfo=ZoneInfo(zone)).astimezone(UTC)

"""When a host is paid for a stay, and which part of it each time (pure).

Source: a host's money is released 24 hours after the scheduled check-in time; a stay of 28 nights or more is paid in
instalments of 30 nights, each released 24 hours after its beginning (features M8).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

RELEASE_AFTER = timedelta(hours=24)
LONG_STAY_NIGHTS = 28
INSTALMENT_NIGHTS = 30


@dataclass(frozen=True, slots=True)
class Split:
    """What guests' money is made of, in minor units of one currency: ``gross`` = host + tax + what the house keeps."""

    gross: int = 0
    host: int = 0
    tax: int = 0

    @property
    def fees(self) -> int:
        """What the house keeps: both service fees and the remainders of every division."""
        return self.gross - self.host - self.tax

    def __add__(self, other: Split) -> Split:
        return Split(self.gross + other.gross, self.host + other.host, self.tax + other.tax)

    def __sub__(self, other: Split) -> Split:
        return Split(self.gross - other.gross, self.host - other.host, self.tax - other.tax)

    @property
    def floored(self) -> Split:
        """The same with nothing below zero."""
        return Split(max(0, self.gross), max(0, self.host), max(0, self.tax))


@dataclass(frozen=True, slots=True)
class Instalment:
    """A part of a stay that is paid together: ``nights`` of it, released at ``due_at``."""

    number: int
    nights: int
    due_at: datetime


def instalments(check_in: date, check_out: date, check_in_at: datetime, time_zone: str) -> list[Instalment]:
    """The parts of a stay in order; one for a stay under 28 nights. Dates are the room's, ``check_in_at`` is aware."""
    nights = (check_out - check_in).days
    step = INSTALMENT_NIGHTS if nights >= LONG_STAY_NIGHTS else nights
    return [
        Instalment(
            number=number,
            nights=min(step, nights - before),
            due_at=_days_later(check_in_at, before, time_zone).astimezone(UTC) + RELEASE_AFTER,
        )
        for number, before in enumerate(range(0, nights, step), start=1)
    ]


def _days_later(at: datetime, days: int, time_zone: str) -> datetime:
    """The same time of day by the calendar of the room's zone."""
    zone = ZoneInfo(time_zone)
    local = at.astimezone(zone).replace(tzinfo=None) + timedelta(days=days)
    return local.replace(tzinfo=zone)


def spread(whole: Split, nights: list[int]) -> list[Split]:
    """``whole`` over parts of so many nights each; the parts sum to it exactly.

    Every part gets what its nights have earned so far, rounded down, less what came before: so what a division leaves
    over goes to the later parts.
    """
    total, gone, before, parts = sum(nights), 0, Split(), []
    for each in nights:
        gone += each
        until = Split(*(amount * gone // total for amount in (whole.gross, whole.host, whole.tax)))
        parts.append(until - before)
        before = until
    return parts


def taken_back(paid_out: Split, kept: Split, amount: int) -> Split:
    """Who bears ``amount`` of a refund that is no longer held for the guest, because ``paid_out`` was released.

    First the host, down to what the stay still brings (``kept``), then the tax, and the house for the rest: a refund
    that no cancellation gave is the house's own. The parts sum to ``amount``.
    """
    over = (paid_out - kept).floored
    host = min(amount, over.host)
    tax = min(amount - host, over.tax)
    return Split(gross=amount, host=host, tax=tax)

"""Stays: half-open runs of nights ``[check_in, check_out)``, so a check-out and a check-in share a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from airbnb.errors import DomainError


class InvalidStay(DomainError):
    """The check-out is not after the check-in."""

    code = "invalid_stay"
    status = 422
    title = _("Check-out must be after check-in")


@dataclass(frozen=True, slots=True, order=True)
class Stay:
    """Dates in the room's own time zone; raises :class:`InvalidStay` when it has no night."""

    check_in: date
    check_out: date

    def __post_init__(self) -> None:
        if self.check_out <= self.check_in:
            raise InvalidStay()

    @property
    def length(self) -> int:
        """How many nights."""
        return (self.check_out - self.check_in).days

    @property
    def nights(self) -> list[date]:
        """Each night by the date on which it begins, in order."""
        return [self.check_in + timedelta(days=n) for n in range(self.length)]

    def overlaps(self, other: Stay) -> bool:
        """Whether the two share a night."""
        return self.check_in < other.check_out and other.check_in < self.check_out

    def __str__(self) -> str:
        return f"{self.check_in.isoformat()}/{self.check_out.isoformat()}"

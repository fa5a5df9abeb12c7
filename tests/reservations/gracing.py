"""Giving part of a price back, as an operator does it."""

from __future__ import annotations

from typing import Any

from reservations import services
from reservations.models import Reservation


def give(reservation: Reservation, operator: Any, sums: dict[int, int], reason: str = "The heating failed") -> Any:
    """Look at it, then do it; ``sums`` in minor units by the number of the line."""
    preview = services.preview_grace(reservation.code, operator, sums, reason)
    return services.give_grace(reservation.code, operator, preview.token)


def number_of(reservation: Reservation, kind: str) -> int:
    """Which line of the bill is the first of a kind."""
    return next(number for number, line in enumerate(reservation.lines) if line["kind"] == kind)

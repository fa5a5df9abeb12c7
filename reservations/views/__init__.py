"""Pages of reservations for guests: holding dates, paying, and the trips that follow."""

from __future__ import annotations

from reservations.views.checkout import checkout, payment_return
from reservations.views.holds import create, extension, release
from reservations.views.leaving import cancellation, receipt
from reservations.views.trips import trip, trip_status, trips

__all__ = [
    "cancellation",
    "checkout",
    "create",
    "extension",
    "payment_return",
    "receipt",
    "release",
    "trip",
    "trip_status",
    "trips",
]

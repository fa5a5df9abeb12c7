"""Tables of the reservations context."""

from __future__ import annotations

from reservations.models.alteration import Alteration, AlterationStatus
from reservations.models.log import Transition
from reservations.models.reservation import Reservation
from reservations.models.trip import ShownRoom, Trip
from reservations.models.wait import AlterationWait, PaymentWait

__all__ = [
    "Alteration",
    "AlterationStatus",
    "AlterationWait",
    "PaymentWait",
    "Reservation",
    "ShownRoom",
    "Transition",
    "Trip",
]

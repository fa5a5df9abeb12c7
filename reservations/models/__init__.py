"""Tables of the reservations context."""

from __future__ import annotations

from reservations.models.alteration import Alteration, AlterationStatus
from reservations.models.log import Transition
from reservations.models.reservation import Reservation
from reservations.models.trip import ShownRoom, Trip

__all__ = ["Alteration", "AlterationStatus", "Reservation", "ShownRoom", "Transition", "Trip"]

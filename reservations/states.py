"""The states of a reservation and the only ways between them; the database keeps the same table."""

from __future__ import annotations

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from airbnb.errors import Conflict


class Status(StrEnum):
    """Where a reservation stands (domain.md, section 3)."""

    HELD = "held"
    PAYING = "paying"
    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    IN_STAY = "in_stay"
    COMPLETED = "completed"
    EXPIRED = "expired"
    DECLINED = "declined"
    CANCELLED = "cancelled"


LABELS: dict[Status, Promise] = {
    Status.HELD: _("Held for you"),
    Status.PAYING: _("Payment under way"),
    Status.REQUESTED: _("Waiting for the host"),
    Status.CONFIRMED: _("Confirmed"),
    Status.IN_STAY: _("Staying now"),
    Status.COMPLETED: _("Stay completed"),
    Status.EXPIRED: _("Hold expired"),
    Status.DECLINED: _("Declined by the host"),
    Status.CANCELLED: _("Cancelled"),
}

# Exactly these have their nights in the calendar.
LIVE = frozenset({Status.HELD, Status.PAYING, Status.REQUESTED, Status.CONFIRMED, Status.IN_STAY})
# These stand on captured money.
PAID = frozenset({Status.CONFIRMED, Status.IN_STAY, Status.COMPLETED})
# These take up one of a guest's open holds.
OPEN = frozenset({Status.HELD, Status.PAYING})

_FORWARD: dict[Status, tuple[Status, ...]] = {
    Status.HELD: (Status.PAYING, Status.EXPIRED),
    Status.PAYING: (Status.HELD, Status.CONFIRMED, Status.REQUESTED, Status.EXPIRED),
    # Back to a hold when the host accepted and the card then said no.
    Status.REQUESTED: (Status.CONFIRMED, Status.DECLINED, Status.EXPIRED, Status.CANCELLED, Status.HELD),
    Status.CONFIRMED: (Status.IN_STAY, Status.CANCELLED),
    Status.IN_STAY: (Status.COMPLETED, Status.CANCELLED),
    # Money that arrives late takes the nights again when they are still free; nothing else revives.
    Status.EXPIRED: (Status.CONFIRMED,),
}
ALLOWED: frozenset[tuple[Status, Status]] = frozenset((start, end) for start, ends in _FORWARD.items() for end in ends)


class IllegalTransition(Conflict):
    """The reservation's present state has no way to the state asked for."""

    code = "illegal_transition"
    title = _("The reservation has moved on; please look at it again")


class MovedOn(Conflict):
    """Somebody else changed the reservation between reading and writing it."""

    code = "moved_on"
    title = _("The reservation has just changed; please look at it again")


def require_allowed(start: str, end: str) -> None:
    """Raise :class:`IllegalTransition` unless the table has this way."""
    if (start, end) not in ALLOWED:
        raise IllegalTransition(from_status=str(start), to_status=str(end))

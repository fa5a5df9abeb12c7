"""The trip view, made from events in whatever order they come; the same event twice changes nothing.

Each module shows one noun. A listener keeps its name (``reservations.projections.show_confirmed``) whichever module of
this package it stands in, and every listener in the package belongs to the view: a new module is only imported here.
"""

from __future__ import annotations

from airbnb.events.projections import Projection, listeners_in, register
from reservations.models import ShownRoom, Trip
from reservations.projections import news  # noqa: F401  (registers the stamps of open pages)
from reservations.projections.alterations import (
    show_alteration_accepted,
    show_alteration_closed,
    show_alteration_pay_later,
    show_alteration_payable,
    show_alteration_proposed,
    show_alteration_unpaid,
    show_altered,
)
from reservations.projections.money import (
    show_action_required,
    show_approved,
    show_failed,
    show_refund_failed,
    show_refunded,
    show_refused,
)
from reservations.projections.parts import PARTS, show_rooms_again
from reservations.projections.requests import show_accepted, show_declined, show_requested
from reservations.projections.rows import VERSION
from reservations.projections.shown_rooms import remember_room, show_room_modified
from reservations.projections.standing import (
    show_backdated,
    show_cancel_requested,
    show_cancelled,
    show_completed,
    show_confirmed,
    show_created,
    show_expired,
    show_extended,
    show_grace,
    show_introduced,
    show_payment_begun,
    show_record,
    show_resumed,
    show_started,
)

__all__ = (
    "TRIP",
    "remember_room",
    "show_accepted",
    "show_action_required",
    "show_alteration_accepted",
    "show_alteration_closed",
    "show_alteration_pay_later",
    "show_alteration_payable",
    "show_alteration_proposed",
    "show_alteration_unpaid",
    "show_altered",
    "show_approved",
    "show_backdated",
    "show_cancel_requested",
    "show_cancelled",
    "show_completed",
    "show_confirmed",
    "show_created",
    "show_declined",
    "show_expired",
    "show_extended",
    "show_failed",
    "show_grace",
    "show_introduced",
    "show_payment_begun",
    "show_record",
    "show_refund_failed",
    "show_refunded",
    "show_refused",
    "show_requested",
    "show_resumed",
    "show_room_modified",
    "show_started",
)


TRIP = "reservations.Trip"


def _clear() -> None:
    Trip.objects.all().delete()
    ShownRoom.objects.all().delete()


register(
    Projection(
        TRIP,
        clear=_clear,
        listeners=listeners_in(__name__),
        version=VERSION,
        parts=PARTS,
        keyed=True,
        first=show_rooms_again,
        readers_catch_up=True,
    )
)

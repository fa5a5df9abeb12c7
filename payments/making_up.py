"""Plans what hosts get for reservations that were confirmed before there were plans, from what happened to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Exists, OuterRef

from airbnb import db
from airbnb.events.bus import fact_of
from airbnb.events.models import StoredEvent
from payments import payout_reactions as reactions
from payments.models import Earning

CONFIRMED = "ReservationConfirmed"
FOLLOWED: dict[str, Callable[[Any], None]] = {
    CONFIRMED: reactions.plan_what_the_host_gets,
    "ReservationAltered": reactions.plan_the_altered_stay,
    "ReservationCancelled": reactions.keep_what_the_cancellation_left,
    "ReservationBackdated": reactions.move_the_payouts,
}


def without_plan(limit: int) -> list[str]:
    """The codes of reservations that were confirmed and have no plan, at most ``limit``."""
    planned = Earning.objects.filter(reservation=OuterRef("subject"))
    found = StoredEvent.objects.filter(~Exists(planned), name=CONFIRMED).exclude(subject="")
    return list(found.order_by("occurred_at").values_list("subject", flat=True)[:limit])


def plan_from_events(reservation: str) -> bool:
    """Tell the plan all that happened to the reservation, in order; False when it has a plan or was never confirmed.

    Lines whose time has passed are released by the timer like any other. Takes the reservation lock.
    """
    with db.write():
        db.reservation_lock(reservation)
        if Earning.objects.filter(reservation=reservation).exists():
            return False
        for stored in StoredEvent.objects.filter(subject=reservation, name__in=FOLLOWED).order_by("occurred_at", "id"):
            FOLLOWED[stored.name](fact_of(stored))
        return Earning.objects.filter(reservation=reservation).exists()

"""A request to book, and what the host made of it."""

from __future__ import annotations

from datetime import datetime

from airbnb.events.bus import envelope, when
from reservations import events as told
from reservations.projections.money import note_payment
from reservations.projections.rows import seen


@when(told.ReservationRequested)
def show_requested(event: told.ReservationRequested) -> None:
    """The host is asked."""
    trip = seen(event, actor="guest")
    note_payment(trip, "authorized")
    trip.instant = False
    trip.answer_by = datetime.fromisoformat(event.answer_by) if event.answer_by else None
    trip.save()


@when(told.RequestAccepted)
def show_accepted(event: told.RequestAccepted) -> None:
    """The host said yes, and the money is being taken."""
    trip = seen(event)
    trip.accepted_at = envelope().occurred_at
    trip.save()


@when(told.ReservationDeclined)
def show_declined(event: told.ReservationDeclined) -> None:
    """The host said no."""
    seen(event, detail=event.reason, actor=event.by).save()

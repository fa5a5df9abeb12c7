"""A request to book, and what the host made of it."""

from __future__ import annotations

from airbnb.events.bus import when
from reservations import events as told
from reservations.projections.money import note_payment
from reservations.projections.rows import seen


@when(told.ReservationRequested)
def show_requested(event: told.ReservationRequested) -> None:
    """The host is asked."""
    trip = seen(event, actor="guest")
    note_payment(trip, "authorized")
    trip.save()


@when(told.ReservationDeclined)
def show_declined(event: told.ReservationDeclined) -> None:
    """The host said no."""
    seen(event, detail=event.reason).save()

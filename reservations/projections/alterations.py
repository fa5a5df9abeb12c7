"""Other dates or guests."""

from __future__ import annotations

from airbnb.events.bus import when
from reservations import events as told
from reservations.projections.money import show_refund
from reservations.projections.rows import seen


@when(told.ReservationAltered)
def show_altered(event: told.ReservationAltered) -> None:
    """Other dates or guests, and what that took or gave back."""
    trip = seen(event, actor=event.proposed_by)
    if event.revision == trip.revision:
        trip.status, trip.host_payout_minor = event.status, event.host_payout_minor
    if event.alteration:
        trip.note_alteration(event.alteration, payment=event.payment_id or "", difference=event.difference_minor)
        show_refund(trip)
    trip.save()


@when(told.AlterationProposed)
def show_alteration_proposed(event: told.AlterationProposed) -> None:
    """One side asks for another stay; the trip is as it was."""
    seen(event, actor=event.proposed_by).save()


@when(told.AlterationAccepted)
def show_alteration_accepted(event: told.AlterationAccepted) -> None:
    """The host agrees, and the guest is to pay."""
    seen(event, actor="host").save()


@when(told.AlterationPaymentFailed)
def show_alteration_unpaid(event: told.AlterationPaymentFailed) -> None:
    """The difference could not be charged."""
    seen(event, detail=event.code, actor="gateway").save()


@when(told.AlterationPayLater)
def show_alteration_pay_later(event: told.AlterationPayLater) -> None:
    """Payments are down; the guest may pay later."""
    seen(event, actor="gateway").save()


@when(told.AlterationPayable)
def show_alteration_payable(event: told.AlterationPayable) -> None:
    """Payments are back."""
    seen(event, actor="gateway").save()


@when(told.AlterationClosed)
def show_alteration_closed(event: told.AlterationClosed) -> None:
    """It came to nothing."""
    seen(event, detail=event.outcome, actor=event.by).save()

"""Where the reservation stands: held, paying, confirmed, in stay, completed, expired, cancelled."""

from __future__ import annotations

from airbnb.events.bus import envelope, when
from reservations import events as told
from reservations.projections.money import note_payment, stand_on_own_payment
from reservations.projections.rows import seen


@when(told.ReservationCreated)
def show_created(event: told.ReservationCreated) -> None:
    """A new trip."""
    trip = seen(event)
    if not event.record:
        trip.created_at = envelope().occurred_at
    trip.instant = event.instant
    trip.save()


@when(told.GuestIntroduced)
def show_introduced(event: told.GuestIntroduced) -> None:
    """The guest's name, telephone and message."""
    seen(event).save()


@when(told.RecordTold)
def show_record(event: told.RecordTold) -> None:
    """All that an older release's events left out."""
    seen(event).save()


@when(told.HoldExtended)
def show_extended(event: told.HoldExtended) -> None:
    """The hold lasts longer."""
    seen(event, detail="pay_later" if event.pay_later else "").save()


@when(told.PaymentBegun)
def show_payment_begun(event: told.PaymentBegun) -> None:
    """The guest pays."""
    trip = seen(event)
    note_payment(trip, "processing")
    trip.save()


@when(told.HoldResumed)
def show_resumed(event: told.HoldResumed) -> None:
    """A payment came to nothing; what became of the money, the payment's own event says."""
    seen(event, detail=event.decline_code).save()


@when(told.ReservationExpired)
def show_expired(event: told.ReservationExpired) -> None:
    """The nights are free again."""
    seen(event, detail=event.reason, actor="guest" if event.reason == "let_go" else "system").save()


@when(told.ReservationConfirmed)
def show_confirmed(event: told.ReservationConfirmed) -> None:
    """Paid and standing."""
    trip = seen(event)
    if not event.record:
        trip.host_payout_minor = event.host_payout_minor
    trip.captured_minor, trip.paid_by = event.total_minor, event.payment_id
    stand_on_own_payment(trip)
    trip.save()


@when(told.ReservationCancelRequested)
def show_cancel_requested(event: told.ReservationCancelRequested) -> None:
    """Somebody asked to cancel."""
    seen(event, detail=event.reason, actor=event.by).save()


@when(told.ReservationCancelled)
def show_cancelled(event: told.ReservationCancelled) -> None:
    """Cancelled, with what comes back."""
    trip = seen(event, detail=event.reason, actor=event.by)
    trip.cancelled_by = event.by
    trip.refund_minor, trip.refund_rule = event.refund_due_minor, event.refund_rule
    trip.save()


@when(told.GraceGiven)
def show_grace(event: told.GraceGiven) -> None:
    """Part of the price goes back beyond the terms; what became of the money, its own events say."""
    seen(event, detail=event.reason, actor="operator").save()


@when(told.StayStarted)
def show_started(event: told.StayStarted) -> None:
    """The guest may come in."""
    seen(event).save()


@when(told.StayCompleted)
def show_completed(event: told.StayCompleted) -> None:
    """The stay is over."""
    seen(event).save()


@when(told.ReservationBackdated)
def show_backdated(event: told.ReservationBackdated) -> None:
    """On the local stack: the dates were moved."""
    seen(event).save()

"""What became of the money: captured, refused, on its way back, sent back."""

from __future__ import annotations

from datetime import UTC, datetime

from airbnb.events.bus import envelope, when
from payments import events as paid
from reservations import events as told
from reservations.models import Trip
from reservations.projections.rows import noted

# What of the payment is known later is worth more; between equals the later event counts.
_PAYMENT_RANK = {
    "none": 0, "processing": 1, "unknown": 1, "requires_action": 2, "declined": 3, "authorized": 3,
    "voided": 4, "captured": 5, "partially_refunded": 6, "refunded": 7,
}  # fmt: skip


@when(told.PaymentRefused)
def show_refused(event: told.PaymentRefused) -> None:
    """Money came that the reservation could not take; it goes back."""
    trip = noted(event.reservation, event, detail=event.reason, minor=event.amount_minor)
    trip.refused_minor = max(trip.refused_minor, event.amount_minor)
    trip.save()


@when(paid.PaymentApproved)
def show_approved(event: paid.PaymentApproved) -> None:
    """The gateway has the money."""
    trip = noted(event.reservation, event, minor=event.amount_minor)
    if trip.counts(event.payment_id):
        note_payment(trip, "captured")
    trip.save()


@when(paid.PaymentFailed)
def show_failed(event: paid.PaymentFailed) -> None:
    """The gateway has no money."""
    trip = noted(event.reservation, event, detail=event.code)
    if trip.counts(event.payment_id):
        note_payment(trip, "voided" if event.retryable else "declined")
    trip.save()


@when(paid.PaymentActionRequired)
def show_action_required(event: paid.PaymentActionRequired) -> None:
    """The guest's bank wants a further step."""
    trip = noted(event.reservation, event)
    if trip.latest(type(event).__name__) == str(envelope().id):
        trip.action_url = event.action_url
    if trip.counts(event.payment_id):
        note_payment(trip, "requires_action")
    trip.save()


@when(paid.PaymentCancelled)
def show_refunded(event: paid.PaymentCancelled) -> None:
    """Money went back, or was never taken."""
    trip = noted(event.reservation, event, detail=event.kind, minor=event.amount_minor)
    if event.kind != "void":
        _refund(trip, event, ok=True)
    elif trip.counts(event.payment_id):
        note_payment(trip, "voided")
    trip.save()


@when(paid.RefundFailed)
def show_refund_failed(event: paid.RefundFailed) -> None:
    """The refund did not go through, or came back after it had; it is still due."""
    trip = noted(event.reservation, event, minor=event.amount_minor)
    _refund(trip, event, ok=False)
    trip.save()


def note_payment(trip: Trip, status: str) -> None:
    """What is known of the payment, judged by time and, at one time, by worth; what went back is worth more."""
    at, rank = envelope().occurred_at, _PAYMENT_RANK[status]
    settled = trip.payment_rank >= _PAYMENT_RANK["partially_refunded"]
    if settled and rank < trip.payment_rank:
        return
    if trip.payment_as_of is None or (at, rank) >= (trip.payment_as_of, trip.payment_rank):
        trip.payment_status, trip.payment_rank, trip.payment_as_of = status, rank, at


def stand_on_own_payment(trip: Trip) -> None:
    """From here on only the payment that was captured counts, whatever was seen of others before."""
    trip.payment_status, trip.payment_rank = "captured", _PAYMENT_RANK["captured"]
    trip.payment_as_of = envelope().occurred_at
    trip.refunded_minor, trip.refund_failed = 0, False
    show_refund(trip)


def _refund(trip: Trip, event: paid.PaymentCancelled | paid.RefundFailed, *, ok: bool) -> None:
    """What has gone back of this payment by now: it may rise, and fall again when the bank sends it back."""
    trip.note_refund(
        event.payment_id,
        event.refund_id or "",
        at=envelope().occurred_at.astimezone(UTC).isoformat(timespec="microseconds"),
        minor=event.refunded_total_minor,
        captured=event.captured_minor,
        ok=ok,
    )
    if trip.counts(event.payment_id):
        show_refund(trip)


def show_refund(trip: Trip) -> None:
    """How far the money has gone back, by what is known of every payment that counts."""
    known = trip.own_refund
    if known is None:
        return
    sent = trip.refunded_minor = known["minor"]
    trip.refund_failed = not all(each["ok"] for each in known["each"].values())
    status = "captured" if not sent else "refunded" if sent >= known["captured"] else "partially_refunded"
    trip.payment_status, trip.payment_rank = status, _PAYMENT_RANK[status]
    trip.payment_as_of = datetime.fromisoformat(known["at"])

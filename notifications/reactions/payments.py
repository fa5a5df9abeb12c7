"""What became of money, told to the guest it belongs to."""

from __future__ import annotations

from typing import Any

from airbnb.accounts import people
from airbnb.errors import NotFound
from airbnb.events.bus import envelope, when
from notifications import stories
from notifications.services import tell
from payments.events import (
    BOOKING,
    PaymentActionRequired,
    PaymentCancelled,
    PaymentFailed,
    RefundFailed,
)
from reservations.events import PaymentRefused
from reservations.queries import StayFacts, stay_facts

# How money that goes back is told, by where its reservation stands: it ended, it goes on, or it waits to be paid.
_BESIDE = {
    "held": "again",
    "paying": "beside",
    "requested": "beside",
    "confirmed": "beside",
    "in_stay": "beside",
    "completed": "beside",
}


def _tell_guest(reservation: str, guest_id: int, kind: str, **more: Any) -> None:
    """Tell the guest of this reservation; the event's guest and the record's must be one and the same."""
    stay = _stay(reservation)
    if stay is None or stay.guest_id != guest_id:
        return
    tell(
        recipient_id=stay.guest_id,
        kind=kind,
        role="guest",
        params=stories.of_stay(stay, **more),
        reservation=reservation,
    )


@when(PaymentFailed)
def tell_payment_failed(event: PaymentFailed) -> None:
    """The guest learns that nothing was charged and that another card may do.

    When the gateway was at fault no other card would: then the hold is kept, and that is what is told.
    """
    if event.retryable or event.purpose != BOOKING:
        return
    variant = "differs" if event.code == "amount_differs" else ""
    told: dict[str, Any] = {"amount_minor": event.amount_minor, "decline": event.code, "variant": variant}
    _tell_guest(event.reservation, event.guest_id, "payment_failed", **told)


@when(PaymentActionRequired)
def tell_action_required(event: PaymentActionRequired) -> None:
    """The guest is asked to finish at the bank."""
    change = event.purpose.removeprefix("alteration:") if event.purpose != BOOKING else ""
    more = {"variant": "change", "alteration": change} if change else {}
    _tell_guest(event.reservation, event.guest_id, "payment_action_required", **more)


@when(PaymentCancelled)
def tell_money_back(event: PaymentCancelled) -> None:
    """A refund was sent, or an authorisation released."""
    kind = "authorization_released" if event.kind == "void" else "refund_sent"
    sent_on = envelope().occurred_at.date().isoformat()
    _tell_guest(event.reservation, event.guest_id, kind, amount_minor=event.amount_minor, sent_on=sent_on)


@when(RefundFailed)
def tell_refund_failed(event: RefundFailed) -> None:
    """The guest learns that the money is late and that somebody sees to it."""
    _tell_guest(event.reservation, event.guest_id, "refund_failed", amount_minor=event.amount_minor)


@when(RefundFailed)
def tell_operators_of_failed_refund(event: RefundFailed) -> None:
    """The debt is open again and only a person can settle it."""
    stay = _stay(event.reservation)
    if stay is None:
        return
    for operator in people.operators():
        if operator.id != stay.guest_id:
            tell(
                recipient_id=operator.id,
                kind="refund_stuck",
                role="operator",
                params=stories.of_stay(stay, amount_minor=event.amount_minor),
                reservation=event.reservation,
            )


@when(PaymentRefused)
def tell_payment_refused(event: PaymentRefused) -> None:
    """Money came that was too late, or one too many, and goes back whole; what stands is not in doubt."""
    stay = _stay(event.reservation)
    variant = _BESIDE.get(stay.status, "") if stay is not None else ""
    _tell_guest(event.reservation, event.guest_id, "payment_refused", amount_minor=event.amount_minor, variant=variant)


def _stay(reservation: str) -> StayFacts | None:
    try:
        return stay_facts(reservation)
    except NotFound:
        return None

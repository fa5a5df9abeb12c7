"""What became of money, told to the guest it belongs to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airbnb import clock
from airbnb.accounts import people
from airbnb.errors import NotFound
from airbnb.events.bus import envelope, when
from notifications import queries, stories
from notifications.services import tell
from payments.events import (
    PaymentActionRequired,
    PaymentCancelled,
    PaymentFailed,
    PaymentsAvailable,
    RefundFailed,
)
from reservations.events import PaymentRefused
from reservations.queries import StayFacts, stay_facts

# Holds are prolonged for at most this long while payments are down (domain.md, section 3).
LONGEST_HOLD = timedelta(hours=2, minutes=15)


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
    """The guest learns that nothing was charged and that another card may do."""
    _tell_guest(
        event.reservation, event.guest_id, "payment_failed", amount_minor=event.amount_minor, decline=event.code
    )


@when(PaymentActionRequired)
def tell_action_required(event: PaymentActionRequired) -> None:
    """The guest is asked to finish at the bank."""
    _tell_guest(event.reservation, event.guest_id, "payment_action_required")


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
    """Money came too late and goes back whole."""
    _tell_guest(event.reservation, event.guest_id, "payment_refused", amount_minor=event.amount_minor)


@when(PaymentsAvailable)
def send_pay_later_links(event: PaymentsAvailable) -> None:
    """Those who were told to pay later, and whose dates are still held, get the link now."""
    since = clock.now() - LONGEST_HOLD
    for reservation, guest_id in queries.told_to_pay_later(since):
        stay = _stay(reservation)
        if stay is not None and stay.status == "held":
            _tell_guest(reservation, guest_id, "payments_available")


def _stay(reservation: str) -> StayFacts | None:
    try:
        return stay_facts(reservation)
    except NotFound:
        return None

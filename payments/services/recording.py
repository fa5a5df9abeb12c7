"""The result step of a payment: whoever learns of an outcome first runs this, and repeating it changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import structlog
from django.db import transaction

from airbnb import clock, db
from airbnb.events.bus import publish
from payments import ledger
from payments.events import (
    PaymentActionRequired,
    PaymentApproved,
    PaymentAuthorized,
    PaymentCancelled,
    PaymentFailed,
)
from payments.gateways.port import Known, Outcome
from payments.models import Payment
from payments.services.posting import post
from payments.services.records import call_of, locked_payment
from payments.services.refunds import refund_everything
from payments.states import DEAD, CallState, Operation, PaymentStatus

log = structlog.get_logger(__name__)

GATEWAY_DOWN = "gateway_unavailable"
GATEWAY_BROKE = "gateway_error"
NEVER_ARRIVED = "never_arrived"
ABANDONED = "abandoned"
# The gateway took another sum than was agreed.
AMOUNT_DIFFERS = "amount_differs"
# Money that was set aside is gone before it was taken.
AUTHORIZATION_ENDED = "authorization_ended"
# Failures that are the gateway's, not the guest's: paying a little later may work.
GATEWAY_FAILURES = (GATEWAY_DOWN, GATEWAY_BROKE, NEVER_ARRIVED)

CALL_STATES = {
    Known.CAPTURED: CallState.SUCCEEDED,
    Known.AUTHORIZED: CallState.SUCCEEDED,
    Known.REQUIRES_ACTION: CallState.SUCCEEDED,
    Known.DECLINED: CallState.REFUSED,
    Known.VOIDED: CallState.REFUSED,
    Known.ABSENT: CallState.REFUSED,
    Known.SPENT: CallState.REFUSED,
    Known.UNREACHABLE: CallState.UNREACHABLE,
}


def begin_sending(payment_id: str) -> Payment:
    """Before the network: lock the payment and note that its charge goes out now.

    The sending is counted on the call. A payment that was decided meanwhile is returned untouched and must not
    be sent.
    """
    with db.write():
        payment = locked_payment(payment_id)
        if payment.is_open:
            call = call_of(payment, Operation.CHARGE)
            call.send(at=clock.now())
            call.save()
        return payment


def record(payment_id: str, outcome: Outcome, operation: Operation | None = None) -> Payment:
    """The last phase: the outcome, the ledger and the events in one transaction, under the reservation lock.

    ``operation`` is the call that was answered, the latest one if it was only asked about. Reactions in the same
    transaction confirm the reservation or return it to its hold (N1); what they need done first is done before it.
    """

    def take_down() -> Payment:
        payment = locked_payment(payment_id)
        _note(payment, outcome, operation)
        step = STEPS.get(outcome.known, _lose_sight)
        step(payment, outcome)
        payment.save()
        return payment

    return db.write_after(take_down)


def _note(payment: Payment, outcome: Outcome, operation: Operation | None) -> None:
    """Complete the record of the call, and keep what the gateway told about the card."""
    call = call_of(payment, operation)
    call.finish(CALL_STATES.get(outcome.known, CallState.UNKNOWN), dict(outcome.answer), at=clock.now())
    call.save()
    payment.gateway_ref = payment.gateway_ref or outcome.gateway_ref
    payment.card_brand = outcome.card_brand or payment.card_brand
    payment.card_last4 = outcome.card_last4 or payment.card_last4


def _captured(payment: Payment, outcome: Outcome) -> None:
    if payment.is_paid:
        return
    if outcome.amount != payment.amount:
        _captured_otherwise(payment, outcome)
        return
    payment.capture(payment.amount, at=clock.now())
    payment.surplus = Payment.objects.rivals_of(payment).exists()
    payment.save()
    _post_capture(payment)
    publish(
        PaymentApproved(
            payment_id=str(payment.pk),
            reservation=payment.reservation,
            guest_id=payment.guest_id,
            amount_minor=payment.captured_minor,
            currency=payment.currency,
            gateway=payment.gateway,
            purpose=payment.purpose,
            beside=payment.surplus,
        )
    )
    payment.refresh_from_db(fields=["surplus"])  # a reaction may have set it apart: nothing could take this money


def _captured_otherwise(payment: Payment, outcome: Outcome) -> None:
    """The gateway took another sum than ours: it confirms nothing, is booked as it is, and all of it goes back."""
    taken = outcome.amount
    if taken is None or taken.currency != payment.currency:
        _quarantine(payment, "currency_differs")
        return
    log.error("payment_amount_differs", payment=str(payment.pk), wanted=payment.amount_minor, taken=taken.amount_minor)
    waited = payment.is_open or (payment.status == PaymentStatus.AUTHORIZED and not payment.void_wanted)
    payment.capture(taken, at=clock.now())
    payment.surplus = True
    payment.failure_code = AMOUNT_DIFFERS
    payment.quarantined = ""
    payment.save()
    _post_capture(payment)
    if waited:
        _publish_failure(payment, retryable=False)
    refund_everything(payment, AMOUNT_DIFFERS)


def _post_capture(payment: Payment) -> None:
    entries = ledger.captured(payment.captured, payment.gateway)
    post(source_type="capture", source_id=str(payment.pk), reservation=payment.reservation, entries=entries)


def _quarantine(payment: Payment, why: str) -> None:
    """The gateway speaks of another currency: confirm nothing, keep the nights, and let an operator look."""
    log.error("payment_quarantined", payment=str(payment.pk), reservation=payment.reservation, why=why)
    payment.quarantined = why
    payment.lose_sight(at=clock.now())


def _authorized(payment: Payment, outcome: Outcome) -> None:
    """Set aside. For a payment that was thought dead, or of another sum, nobody has a use for it any more."""
    at = clock.now()
    if payment.status == PaymentStatus.AUTHORIZED:
        if payment.capture_wanted or payment.void_wanted:
            _lose_sight(payment, outcome)
        return
    if payment.status in DEAD:
        payment.authorize(capture_before=outcome.capture_before, at=at)
        payment.let_go_beside(at=at)
        return
    if not payment.is_open:
        return
    payment.authorize(capture_before=outcome.capture_before, at=at)
    if outcome.amount != payment.amount:
        log.error("payment_amount_differs", payment=str(payment.pk), wanted=payment.amount_minor)
        _fail_authorized(payment, AMOUNT_DIFFERS)
        return
    payment.save()
    _publish_authorized(payment)


def _publish_authorized(payment: Payment) -> None:
    publish(
        PaymentAuthorized(
            payment_id=str(payment.pk),
            reservation=payment.reservation,
            guest_id=payment.guest_id,
            amount_minor=payment.amount_minor,
            currency=payment.currency,
            capture_before=payment.capture_before.isoformat() if payment.capture_before else None,
            purpose=payment.purpose,
        )
    )


def _fail_authorized(payment: Payment, code: str) -> None:
    """What was set aside can not be taken: it is let go, and whoever waited for it is told now."""
    payment.failure_code = code[:60]
    payment.let_go_beside(at=clock.now())
    _publish_failure(payment, retryable=False)


def _declined(payment: Payment, outcome: Outcome) -> None:
    if payment.is_open:
        payment.decline(outcome.decline_code, at=clock.now())
        _publish_failure(payment, retryable=False)
    elif payment.status == PaymentStatus.AUTHORIZED and payment.capture_wanted and not payment.void_wanted:
        _fail_authorized(payment, outcome.decline_code or AUTHORIZATION_ENDED)


def _needs_action(payment: Payment, outcome: Outcome) -> None:
    if not payment.is_open:
        return
    known_before = payment.status == PaymentStatus.REQUIRES_ACTION
    payment.require_action(outcome.action_url, at=clock.now())
    if not known_before:
        publish(
            PaymentActionRequired(
                payment_id=str(payment.pk),
                reservation=payment.reservation,
                guest_id=payment.guest_id,
                action_url=outcome.action_url,
                purpose=payment.purpose,
            )
        )


def _voided(payment: Payment, outcome: Outcome) -> None:
    if payment.status == PaymentStatus.AUTHORIZED:
        missed = not payment.void_wanted
        payment.void(outcome.decline_code or (AUTHORIZATION_ENDED if missed else ABANDONED), at=clock.now())
        _publish_void(payment)
        if missed:
            _publish_failure(payment, retryable=False)
    else:
        _nothing_taken(payment, outcome.decline_code or ABANDONED, retryable=False)


def _publish_void(payment: Payment) -> None:
    publish(
        PaymentCancelled(
            payment_id=str(payment.pk),
            refund_id=None,
            reservation=payment.reservation,
            guest_id=payment.guest_id,
            amount_minor=payment.amount_minor,
            refunded_total_minor=0,
            captured_minor=0,
            currency=payment.currency,
            kind="void",
            purpose=payment.purpose,
        )
    )


def _absent(payment: Payment, outcome: Outcome) -> None:
    _nothing_taken(payment, NEVER_ARRIVED, retryable=True)


def _spent(payment: Payment, outcome: Outcome) -> None:
    """The key will never do anything: nothing was charged, and a capture goes out again under another one."""
    if payment.status == PaymentStatus.AUTHORIZED:
        _lose_sight(payment, outcome)
        return
    _nothing_taken(payment, GATEWAY_BROKE, retryable=True)


def _unreachable(payment: Payment, outcome: Outcome) -> None:
    """Nothing left this machine, so nothing was taken, unless an earlier attempt may have arrived."""
    if not payment.is_open or call_of(payment, Operation.CHARGE).attempts > 1:
        _lose_sight(payment, outcome)
    else:
        _nothing_taken(payment, GATEWAY_DOWN, retryable=True)


def _nothing_taken(payment: Payment, code: str, *, retryable: bool) -> None:
    if payment.is_open:
        payment.void(code, at=clock.now())
        _publish_failure(payment, retryable=retryable)


def _publish_failure(payment: Payment, *, retryable: bool) -> None:
    payment.save()
    publish(
        PaymentFailed(
            payment_id=str(payment.pk),
            reservation=payment.reservation,
            guest_id=payment.guest_id,
            code=payment.failure_code,
            amount_minor=payment.amount_minor,
            currency=payment.currency,
            retryable=retryable,
            purpose=payment.purpose,
        )
    )


def _lose_sight(payment: Payment, outcome: Outcome) -> None:
    """Not known: never a failure. The background asks until it is known."""
    if payment.is_open or payment.status == PaymentStatus.AUTHORIZED:
        first = payment.status == PaymentStatus.PROCESSING or payment.looks == 0
        payment.lose_sight(at=clock.now())
        if first:
            transaction.on_commit(partial(_look_soon, str(payment.pk)), robust=True)


def _look_soon(payment_id: str) -> None:
    from payments.tasks import look_soon

    look_soon(payment_id)


STEPS: dict[Known, Callable[[Payment, Outcome], None]] = {
    Known.CAPTURED: _captured,
    Known.AUTHORIZED: _authorized,
    Known.DECLINED: _declined,
    Known.REQUIRES_ACTION: _needs_action,
    Known.VOIDED: _voided,
    Known.ABSENT: _absent,
    Known.SPENT: _spent,
    Known.UNREACHABLE: _unreachable,
}

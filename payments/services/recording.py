"""The result step of a payment: whoever learns of an outcome first runs this, and repeating it changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import structlog
from django.db import transaction

from airbnb import clock, db
from airbnb.events.bus import publish
from payments import ledger
from payments.events import PaymentActionRequired, PaymentApproved, PaymentCancelled, PaymentFailed
from payments.gateways.port import Known, Outcome
from payments.models import GatewayCall, Payment
from payments.services.posting import post
from payments.states import SINGLE, CallState, Operation, PaymentStatus

log = structlog.get_logger(__name__)

GATEWAY_DOWN = "gateway_unavailable"
GATEWAY_BROKE = "gateway_error"
NEVER_ARRIVED = "never_arrived"
ABANDONED = "abandoned"
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
        payment = _locked(payment_id)
        if payment.is_open:
            call = _charge_call(payment)
            call.send(at=clock.now())
            call.save()
        return payment


def record(payment_id: str, outcome: Outcome) -> Payment:
    """The last phase: the outcome, the ledger and the events in one transaction, under the reservation lock.

    Reactions in the same transaction confirm the reservation or return it to its hold (N1).
    """
    with db.write():
        payment = _locked(payment_id)
        _note(payment, outcome)
        step = STEPS.get(outcome.known, _lose_sight)
        step(payment, outcome)
        payment.save()
        return payment


def _locked(payment_id: str) -> Payment:
    """The payment under its reservation's lock, the first statement of the transaction."""
    code = Payment.objects.values_list("reservation", flat=True).get(pk=payment_id)
    db.reservation_lock(code)
    return Payment.objects.select_for_update(of=("self",)).get(pk=payment_id)


def _charge_call(payment: Payment) -> GatewayCall:
    return payment.calls.get(operation=Operation.CHARGE)


def _note(payment: Payment, outcome: Outcome) -> None:
    """Complete the record of the call, and keep what the gateway told about the card."""
    call = _charge_call(payment)
    call.finish(CALL_STATES.get(outcome.known, CallState.UNKNOWN), dict(outcome.answer), at=clock.now())
    call.save()
    payment.gateway_ref = payment.gateway_ref or outcome.gateway_ref
    payment.card_brand = outcome.card_brand or payment.card_brand
    payment.card_last4 = outcome.card_last4 or payment.card_last4


def _captured(payment: Payment, outcome: Outcome) -> None:
    if payment.is_paid:
        return
    if outcome.amount != payment.amount:
        _quarantine(payment, "amount_differs")
        return
    payment.capture(payment.amount, at=clock.now())
    payment.surplus = payment.surplus or _has_rival(payment)
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
        )
    )


def _has_rival(payment: Payment) -> bool:
    """Whether a second payment of the reservation counts already: this one was thought dead and paid after all."""
    others = Payment.objects.of(payment.reservation).exclude(pk=payment.pk)
    return others.filter(status__in=SINGLE, surplus=False).exists()


def _post_capture(payment: Payment) -> None:
    entries = ledger.captured(payment.captured, payment.gateway)
    post(source_type="capture", source_id=str(payment.pk), reservation=payment.reservation, entries=entries)


def _quarantine(payment: Payment, why: str) -> None:
    """The gateway's sum is not ours: confirm nothing, keep the nights, and let an operator look."""
    log.error("payment_quarantined", payment=str(payment.pk), reservation=payment.reservation, why=why)
    payment.quarantined = why
    payment.lose_sight(at=clock.now())


def _authorized(payment: Payment, outcome: Outcome) -> None:
    if payment.is_open:
        payment.authorize(capture_before=outcome.capture_before, at=clock.now())


def _declined(payment: Payment, outcome: Outcome) -> None:
    if payment.is_open:
        payment.decline(outcome.decline_code, at=clock.now())
        _publish_failure(payment, retryable=False)


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
            )
        )


def _voided(payment: Payment, outcome: Outcome) -> None:
    if payment.status == PaymentStatus.AUTHORIZED:
        payment.void(outcome.decline_code or ABANDONED, at=clock.now())
        _publish_void(payment)
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
        )
    )


def _absent(payment: Payment, outcome: Outcome) -> None:
    _nothing_taken(payment, NEVER_ARRIVED, retryable=True)


def _spent(payment: Payment, outcome: Outcome) -> None:
    _nothing_taken(payment, GATEWAY_BROKE, retryable=True)


def _unreachable(payment: Payment, outcome: Outcome) -> None:
    """Nothing left this machine, so nothing was taken, unless an earlier attempt may have arrived."""
    if _charge_call(payment).attempts > 1:
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
        )
    )


def _lose_sight(payment: Payment, outcome: Outcome) -> None:
    """Not known: never a failure. The background asks until it is known."""
    if payment.is_open:
        first = payment.status == PaymentStatus.PROCESSING
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

"""Charge what a reservation costs now: the second of the two synchronous calls of the mission (N1).

Three phases, never mixed: :func:`prepare` writes the intent with its key in the caller's transaction;
:func:`charge` talks to the gateway with no transaction open; the result is recorded in a transaction of its own.
A call whose outcome is not known is never made again with a fresh key: the gateway is asked by our own reference.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from airbnb import clock, correlation, db
from airbnb.errors import Conflict, Invalid
from airbnb.money import Money
from payments import gateways
from payments.events import BOOKING
from payments.gateways.port import ChargeRequest, ConfirmRequest, Known, Outcome, Reference
from payments.models import GatewayCall, Payment
from payments.services import (
    GATEWAY_FAILURES,
    begin_capturing,
    begin_confirming,
    begin_sending,
    give_up_payment,
    record,
    want_capture,
)
from payments.states import PAID, CallState, Operation, PaymentStatus

# The background asks after this long when the process that charged has died.
FIRST_LOOK = timedelta(seconds=20)
# The same request may be sent again with its key for this long after it was first sent.
RESEND_FOR = timedelta(minutes=10)
# A payment that the guest's bank was never shown is given up after this long.
ACTION_PATIENCE = timedelta(minutes=15)
DEFAULT_RETRY_S = 30
# What a void can tell about the payment; anything else is about the void itself, and the payment is asked about again.
VOID_SETTLES = (Known.VOIDED, Known.CAPTURED)
METHOD = re.compile(r"[A-Za-z0-9_-]{1,120}")


class PaymentUnderWay(Conflict):
    """The reservation has a payment that is not decided yet, or is paid."""

    code = "payment_under_way"
    title = _("A payment for this reservation is already under way")


@dataclass(frozen=True, slots=True)
class ChargeOutcome:
    """How a charge stands: ``status`` is approved, authorized, declined, requires_action, unknown or unavailable."""

    status: str
    payment_id: str
    decline_code: str | None = None
    action_url: str | None = None
    retry_after_s: int | None = None


def prepare(
    *,
    reservation: str,
    guest_id: int,
    amount: Money,
    method: str,
    return_url: str,
    capture_now: bool = True,
    purpose: str = BOOKING,
) -> str:
    """Record the payment and its gateway call before anything is sent; returns the payment's id.

    Without ``capture_now`` the sum is only set aside, until :func:`prepare_capture` or its reservation's end.
    Runs inside the caller's transaction, after ``db.reservation_lock``. Raises PaymentUnderWay when an undecided
    or paid payment of the reservation exists for this ``purpose``, Invalid for a payment method that cannot be one.
    """
    db.require_transaction()
    gateway = gateways.for_currency(amount.currency, authorize=not capture_now)
    if not METHOD.fullmatch(method) or not gateway.offers(method):
        raise Invalid({"payment_method": [_("This payment method cannot be used")]})
    at = clock.now()
    payment = Payment(
        reservation=reservation,
        purpose=purpose,
        guest_id=guest_id,
        amount_minor=amount.amount_minor,
        currency=amount.currency,
        capture_now=capture_now,
        gateway=gateway.name,
        method=method,
        return_url=return_url,
        correlation_id=correlation.current(),
        created_at=at,
        next_look_at=at + FIRST_LOOK,
    )
    _save_alone(payment)
    GatewayCall.objects.create(
        payment=payment,
        operation=Operation.CHARGE,
        key=f"charge:{payment.pk}",
        amount_minor=payment.amount_minor,
        correlation_id=payment.correlation_id,
        intended_at=at,
    )
    return str(payment.pk)


def _save_alone(payment: Payment) -> None:
    """Insert it unless the reservation has another that counts; the database is the judge."""
    try:
        with transaction.atomic():
            payment.save(force_insert=True)
    except IntegrityError as broken:
        if "payment_one_open_or_paid" not in str(broken):
            raise
        raise PaymentUnderWay() from broken


def charge(payment_id: str) -> ChargeOutcome:
    """Send a prepared payment to its gateway and record what came of it.

    Must be called with no transaction open; raises NetworkInTransaction otherwise. A payment that was sent before
    is asked about instead of being sent again. The charge takes some 4 seconds at most.
    """
    db.forbid_transaction("a charge")
    call = GatewayCall.objects.get(payment_id=payment_id, operation=Operation.CHARGE)
    if call.state != CallState.INTENDED:
        return settle(payment_id)
    payment = begin_sending(payment_id)
    if not payment.is_open:
        return outcome_of(payment)
    outcome = _certain(payment, _gateway(payment).charge(_request(payment, call)))
    return outcome_of(record(payment_id, outcome), outcome)


def _certain(payment: Payment, outcome: Outcome) -> Outcome:
    """A stored failure is certain once a question has found no payment beside it, another sum once it is repeated."""
    if outcome.known == Known.SPENT:
        return Outcome(Known.UNKNOWN, answer=outcome.answer)
    if outcome.known == Known.CAPTURED and outcome.amount != payment.amount:
        reference = Reference(str(payment.pk), outcome.gateway_ref, clock.now())
        return _gateway(payment).look_up(reference)
    return outcome


def prepare_capture(payment_id: str) -> None:
    """Record that what was set aside is to be taken, with the key of the call, before anything is sent.

    Runs inside the caller's transaction, after ``db.reservation_lock``. Raises NotAuthorized when there is nothing to
    take (any more); asked again it does nothing.
    """
    want_capture(payment_id, look_at=clock.now() + FIRST_LOOK)


def capture(payment_id: str) -> ChargeOutcome:
    """Take what was set aside, after :func:`prepare_capture`, and record what came of it.

    No transaction may be open. An outcome that is not known is found out by the background like any other.
    """
    db.forbid_transaction("a capture")
    payment = begin_capturing(payment_id)
    if payment is None:
        return outcome_of(Payment.objects.get(pk=payment_id))
    with correlation.use(payment.correlation_id):
        outcome = _certain_capture(payment, _gateway(payment).capture(_confirmation(payment, Operation.CAPTURE)))
        return outcome_of(record(payment_id, outcome, Operation.CAPTURE), outcome)


def _certain_capture(payment: Payment, outcome: Outcome) -> Outcome:
    """A refusal, or a failure stored under the key, counts once the gateway says that nothing was taken."""
    if outcome.known not in (Known.DECLINED, Known.SPENT):
        return _certain(payment, outcome)
    found = _gateway(payment).look_up(_reference(payment, _charge_call(payment)))
    return outcome if found.known == Known.AUTHORIZED else found


def settle(payment_id: str, *, may_send: bool = True, hint: str = "") -> ChargeOutcome:
    """Ask the gateway what became of a payment and record it: the same step for return page, webhook and background.

    ``hint`` is the gateway's id as a message told it: asked for first, since finding a payment by our own reference
    means reading all that was made about then. Where the gateway has no such payment, the request is sent again with
    its own key while it is young and still wanted (``may_send``); later it counts as never arrived. No transaction may
    be open.
    """
    db.forbid_transaction("settling a payment")
    payment = Payment.objects.get(pk=payment_id)
    if payment.status in PAID:
        return outcome_of(payment)
    with correlation.use(payment.correlation_id):
        outcome = _ask(payment, may_send=may_send, hint=hint)
        if outcome is None:
            return outcome_of(Payment.objects.get(pk=payment_id))
        if outcome.known == Known.CONFIRMABLE:
            return _confirm(payment, outcome.gateway_ref)
        if outcome.known == Known.AUTHORIZED and payment.capture_wanted and not payment.void_wanted:
            return capture(payment_id)
        return outcome_of(record(payment_id, outcome), outcome)


def come_back(payment_id: str, told: Mapping[str, str]) -> ChargeOutcome:
    """The guest is back from the gateway's page: settle the payment, and let it go if they left that page unfinished.

    Of ``told``, the parameters of the address, nothing is believed but the guest's own giving up; the caller has made
    sure that it is their payment. No transaction may be open.
    """
    outcome = settle(payment_id)
    payment = Payment.objects.get(pk=payment_id)
    if payment.status != PaymentStatus.REQUIRES_ACTION or not _gateway(payment).gave_up(told):
        return outcome
    return settle(payment_id) if give_up_payment(payment_id) else outcome


def _confirm(payment: Payment, gateway_ref: str) -> ChargeOutcome:
    """The guest has agreed at the gateway: have the money taken, once, unless nobody wants it any more."""
    payment_id = str(payment.pk)
    if not begin_confirming(payment_id, gateway_ref):
        return outcome_of(Payment.objects.get(pk=payment_id))
    outcome = _gateway(payment).confirm(_confirmation(payment, Operation.CONFIRM))
    if outcome.known == Known.SPENT:
        found = _gateway(payment).look_up(_reference(payment, _charge_call(payment)))
        outcome = outcome if found.known in (Known.CONFIRMABLE, Known.ABSENT) else found
    elif outcome.known == Known.UNREACHABLE:
        outcome = Outcome(Known.UNKNOWN, answer=outcome.answer)
    else:
        outcome = _certain(payment, outcome)
    return outcome_of(record(payment_id, outcome, Operation.CONFIRM), outcome)


def _ask(payment: Payment, *, may_send: bool, hint: str) -> Outcome | None:
    """What the gateway says now; None when the payment was decided meanwhile."""
    call = _charge_call(payment)
    age = clock.now() - (call.sent_at or call.intended_at)
    gateway = _gateway(payment)
    outcome = _seen(payment, call, hint)
    if outcome.known == Known.ABSENT:
        return _when_absent(payment, call, age, may_send=may_send)
    if outcome.known == Known.CONFIRMABLE and not payment.is_open:
        return None
    if outcome.known in (Known.REQUIRES_ACTION, Known.CONFIRMABLE, Known.AUTHORIZED) and _is_over(
        payment, outcome, age
    ):
        if not payment.void_wanted and not give_up_payment(str(payment.pk)):
            return None
        if _may_still_be_taken(payment):
            return Outcome(Known.UNKNOWN)
        return _void(gateway, outcome.gateway_ref, f"void:{payment.pk}:{payment.looks}")
    return outcome


def _seen(payment: Payment, call: GatewayCall, hint: str) -> Outcome:
    """How the payment stands; what is found under the hint counts only if the gateway knows it as ours."""
    reference = _reference(payment, call)
    if hint and not reference.gateway_ref:
        hinted = _gateway(payment).look_up(replace(reference, gateway_ref=hint))
        if hinted.known not in (Known.ABSENT, Known.UNKNOWN, Known.UNREACHABLE):
            return hinted
    return _gateway(payment).look_up(reference)


def _void(gateway: gateways.Gateway, gateway_ref: str, key: str) -> Outcome:
    """Ask for an end. Only a known end counts: an answer that did not come says nothing about the payment itself."""
    outcome = gateway.void(gateway_ref, key)
    return outcome if outcome.known in VOID_SETTLES else Outcome(Known.UNKNOWN)


def _is_over(payment: Payment, outcome: Outcome, age: timedelta) -> bool:
    """Whether an undecided payment is no longer wanted: its reservation is dead, or the guest never came back."""
    return payment.void_wanted or (outcome.known == Known.REQUIRES_ACTION and age > ACTION_PATIENCE)


def _may_still_be_taken(payment: Payment) -> bool:
    """Our word went out and was not answered: then only the gateway's own end of the payment is an end.

    Asked once the payment is given up: from then on no further word goes out.
    """
    return payment.calls.filter(operation=Operation.CONFIRM, state__in=(CallState.SENT, CallState.UNKNOWN)).exists()


def _when_absent(payment: Payment, call: GatewayCall, age: timedelta, *, may_send: bool) -> Outcome | None:
    """The gateway has not heard of it. The first request may still be on its way while its sender waits."""
    if not payment.is_open:
        return None
    young = age < RESEND_FOR
    if young and may_send and not payment.void_wanted:
        return _send_again(payment, call)
    if young and call.state != CallState.INTENDED:
        return Outcome(Known.UNKNOWN)
    return Outcome(Known.ABSENT)


def _send_again(payment: Payment, call: GatewayCall) -> Outcome | None:
    """The same request with the same key. A stored failure counts only if there still is no payment afterwards."""
    if not begin_sending(str(payment.pk)).is_open:
        return None
    outcome = _gateway(payment).charge(replace(_request(payment, call), again=True))
    if outcome.known != Known.SPENT:
        return outcome
    found = _gateway(payment).look_up(_reference(payment, call))
    return outcome if found.known == Known.ABSENT else found


def _charge_call(payment: Payment) -> GatewayCall:
    return payment.calls.get(operation=Operation.CHARGE)


def _confirmation(payment: Payment, operation: Operation) -> ConfirmRequest:
    """The gateway's id and our own record of the call: one key, one request."""
    payment.refresh_from_db(fields=["gateway_ref"])
    call = payment.calls.filter(operation=operation).order_by("-pk")[0]
    return ConfirmRequest(
        key=call.key,
        payment_id=str(payment.pk),
        gateway_ref=payment.gateway_ref,
        amount=payment.amount,
        reservation=payment.reservation,
        correlation_id=payment.correlation_id,
    )


def _reference(payment: Payment, call: GatewayCall) -> Reference:
    return Reference(str(payment.pk), payment.gateway_ref, call.sent_at or call.intended_at)


def _gateway(payment: Payment) -> gateways.Gateway:
    return gateways.named(payment.gateway)


def _request(payment: Payment, call: GatewayCall) -> ChargeRequest:
    """The same request every time: its parameters come from the record, for one key must mean one request."""
    return ChargeRequest(
        key=call.key,
        payment_id=str(payment.pk),
        reservation=payment.reservation,
        amount=payment.amount,
        method=payment.method,
        return_url=payment.return_url,
        capture_now=payment.capture_now,
        correlation_id=payment.correlation_id,
    )


def outcome_of(payment: Payment, told: Outcome | None = None) -> ChargeOutcome:
    """How a payment stands, in the words of a charge."""
    payment_id = str(payment.pk)
    if payment.is_paid and not payment.failure_code:
        return ChargeOutcome("approved", payment_id)
    if payment.status == PaymentStatus.AUTHORIZED and not payment.failure_code:
        return ChargeOutcome("unknown" if payment.capture_wanted else "authorized", payment_id)
    if payment.failure_code and payment.failure_code not in GATEWAY_FAILURES:
        return ChargeOutcome("declined", payment_id, decline_code=payment.failure_code)
    if payment.status == PaymentStatus.REQUIRES_ACTION:
        return ChargeOutcome("requires_action", payment_id, action_url=payment.action_url)
    if payment.status == PaymentStatus.VOIDED:
        wait = told.retry_after_s if told is not None else None
        return ChargeOutcome("unavailable", payment_id, payment.failure_code, retry_after_s=wait or DEFAULT_RETRY_S)
    return ChargeOutcome("unknown", payment_id)

"""Money back: promised with its cause, sent by the background under its own key, recorded once."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from airbnb import clock, correlation, db
from airbnb.errors import Conflict
from airbnb.events.bus import publish
from airbnb.money import Money
from payments import ledger
from payments.events import PaymentCancelled, RefundFailed
from payments.gateways.port import KnownRefund, RefundOutcome
from payments.models import GatewayCall, Payment, Refund
from payments.refund_lines import shared_out, sum_of
from payments.services.clawbacks import refund_entries
from payments.services.posting import post
from payments.services.records import locked_payment
from payments.states import ASK_EVERY, PAID, CallState, Operation, RefundStatus

log = structlog.get_logger(__name__)

CALL_STATES = {
    KnownRefund.SUCCEEDED: CallState.SUCCEEDED,
    KnownRefund.PENDING: CallState.SUCCEEDED,
    KnownRefund.FAILED: CallState.REFUSED,
    KnownRefund.SPENT: CallState.REFUSED,
    KnownRefund.UNREACHABLE: CallState.UNREACHABLE,
}


class RefundTooLarge(Conflict):
    """More would go back than was captured."""

    code = "refund_too_large"
    title = _("More would be refunded than was paid")


def promise_refund(
    *, payment_id: str, amount: Money, source: str, reason: str, lines: list[dict[str, Any]] | None = None
) -> Refund | None:
    """Owe ``amount`` of a captured payment to its guest and have it sent; the same ``source`` promises once.

    Returns None when this source was promised before or nothing is due. Raises RefundTooLarge. Takes the
    reservation lock; joins the caller's transaction.
    """
    with db.write():
        payment = locked_payment(payment_id)
        if amount.is_zero or Refund.objects.filter(source=source).exists():
            return None
        if amount.amount_minor > payment.captured_minor - payment.promised_minor:
            raise RefundTooLarge()
        refund = _new(payment, amount, source, reason, lines or [])
        payment.promise_back(amount)
        payment.save()
        entries = refund_entries(reservation=payment.reservation, source=str(refund.pk), amount=amount)
        _post(refund, payment, "refund_promised", entries)
        transaction.on_commit(partial(_send_soon, str(refund.pk)), robust=True)
        return refund


def promise_refunds(
    *, reservation: str, amount: Money, source: str, reason: str, lines: list[dict[str, Any]] | None = None
) -> list[Refund]:
    """Owe ``amount`` of what was taken for a reservation, from its newest payment back to its first.

    The same ``source`` promises once. ``lines`` say what it is for: each refund gets those that sum to it. Raises
    RefundTooLarge when more would go back than was taken. Takes the reservation lock.
    """
    with db.write():
        db.reservation_lock(reservation)
        if amount.is_zero or Refund.objects.filter(source=source).exists():
            return []
        parts = _parts(reservation, amount)
        shares = _shares(lines or [], [minor for _payment, minor in parts], source)
        promised = []
        for number, ((payment, minor), share) in enumerate(zip(parts, shares, strict=True), 1):
            refund = promise_refund(
                payment_id=str(payment.pk),
                amount=Money(minor, payment.currency),
                source=source if number == 1 else f"{source}:{number}",
                reason=reason,
                lines=share,
            )
            assert refund is not None
            promised.append(refund)
        return promised


def _parts(reservation: str, amount: Money) -> list[tuple[Payment, int]]:
    """What of ``amount`` comes from which payment, the newest first. Raises RefundTooLarge."""
    parts: list[tuple[Payment, int]] = []
    left = amount.amount_minor
    payments = Payment.objects.of(reservation).filter(surplus=False, status__in=PAID)
    for payment in payments.select_for_update(of=("self",)):
        part = min(left, payment.captured_minor - payment.promised_minor)
        if part > 0:
            parts.append((payment, part))
            left -= part
    if left:
        raise RefundTooLarge()
    return parts


def _shares(lines: list[dict[str, Any]], parts: list[int], source: str) -> list[list[dict[str, Any]]]:
    """The lines of each part. Lines that are not what goes back are left off: the guest's money does not wait."""
    if lines and sum_of(lines) != sum(parts):
        log.error("refund_lines_differ", source=source, lines=sum_of(lines), amount=sum(parts))
        lines = []
    return shared_out(lines, parts) if lines else [[] for _each in parts]


def _new(payment: Payment, amount: Money, source: str, reason: str, lines: list[dict[str, Any]]) -> Refund:
    at = clock.now()
    return Refund.objects.create(
        payment=payment,
        source=source,
        amount_minor=amount.amount_minor,
        currency=amount.currency,
        reason=reason[:60],
        lines=lines,
        next_attempt_at=at,
        created_at=at,
        correlation_id=correlation.current(),
    )


def set_apart(payment_id: str) -> None:
    """This money is nobody's price: from this very transaction on no refund of the reservation is taken from it."""
    db.require_transaction()
    Payment.objects.filter(pk=payment_id).update(surplus=True)


def refuse_payment(*, payment_id: str, reason: str) -> Refund | None:
    """The reservation could not take this money: what was taken goes back, what is set aside is let go."""
    with db.write():
        payment = locked_payment(payment_id)
        if payment.want_void(at=clock.now()):
            payment.surplus = True
            payment.save()
            transaction.on_commit(partial(_look_soon, payment_id), robust=True)
            return None
        payment.surplus = True
        payment.save()
        return refund_everything(payment, reason)


def refund_everything(payment: Payment, reason: str) -> Refund | None:
    """All of a locked payment that is not promised yet goes back; once."""
    left = Money(payment.captured_minor - payment.promised_minor, payment.currency)
    refund = promise_refund(payment_id=str(payment.pk), amount=left, source=f"refused:{payment.pk}", reason=reason)
    payment.refresh_from_db(fields=["promised_minor"])
    return refund


def send_refunds_that_waited(*, gateway: str, per_minute: float, after: timedelta) -> timedelta:
    """Have the pending refunds of a gateway that is back sent, oldest first, so many a minute, the first after a time.

    Whatever their own pause: in a short outage all of these are short, and all would come at once. Returns after how
    long they are through.
    """
    with db.write():
        at = clock.now()
        pending = Refund.objects.filter(payment__gateway=gateway, status=RefundStatus.PENDING)
        refunds = list(pending.select_for_update(skip_locked=True, of=("self",)).order_by("created_at", "pk"))
        for number, each in enumerate(refunds):
            each.next_attempt_at = at + after + timedelta(minutes=number / per_minute)
        Refund.objects.bulk_update(refunds, ["next_attempt_at"], batch_size=500)
        return after + timedelta(minutes=len(refunds) / per_minute)


def begin_refund(refund_id: str) -> Refund | None:
    """Before the network: take a pending refund on and record its call; None when there is nothing to send."""
    code = Refund.objects.filter(pk=refund_id).values_list("payment__reservation", flat=True).first()
    if code is None:
        return None
    with db.write():
        db.reservation_lock(code)  # before the payment and its refunds, as everywhere
        refund = Refund.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=refund_id).first()
        if refund is None or refund.status != RefundStatus.PENDING:
            return None
        at = clock.now()
        refund.begin(at=at)
        refund.save()
        call = _call(refund)
        call.send(at=at)
        call.save()
        return refund


def _call(refund: Refund) -> GatewayCall:
    call, _made = GatewayCall.objects.get_or_create(
        key=refund.key,
        defaults={
            "payment_id": refund.payment_id,
            "operation": Operation.REFUND,
            "amount_minor": refund.amount_minor,
            "correlation_id": refund.correlation_id,
            "intended_at": clock.now(),
        },
    )
    return call


def record_refund(refund_id: str, outcome: RefundOutcome) -> Refund:
    """The outcome of a refund, its ledger and its event in one transaction; repeating it changes nothing."""
    with db.write():
        payment = locked_payment(str(Refund.objects.values_list("payment_id", flat=True).get(pk=refund_id)))
        refund = Refund.objects.select_for_update(of=("self",)).get(pk=refund_id)
        call = _call(refund)
        call.finish(CALL_STATES.get(outcome.known, CallState.UNKNOWN), dict(outcome.answer), at=clock.now())
        call.save()
        _apply(refund, payment, outcome)
        return refund


def _apply(refund: Refund, payment: Payment, outcome: RefundOutcome) -> None:
    """Only a pending refund is decided; a sent one may still come back."""
    if refund.status == RefundStatus.SUCCEEDED:
        _look_after(refund, payment, outcome)
        return
    if refund.status != RefundStatus.PENDING:
        return
    if outcome.known == KnownRefund.SUCCEEDED:
        _sent(refund, payment, outcome.gateway_ref)
    elif outcome.known == KnownRefund.FAILED:
        _failed(refund, payment, outcome.failure_code)
    elif outcome.known == KnownRefund.SPENT:
        refund.renew(at=clock.now())
    else:
        refund.wait(at=clock.now())
    refund.save()


def _sent(refund: Refund, payment: Payment, gateway_ref: str) -> None:
    refund.succeed(gateway_ref, at=clock.now())
    payment.give_back(refund.amount)
    payment.save()
    entries = ledger.refund_settled(refund.amount, payment.gateway)
    _post(refund, payment, "refund_settled", entries)
    publish(PaymentCancelled(**_facts(refund, payment), kind="refund", purpose=payment.purpose))


def _failed(refund: Refund, payment: Payment, code: str) -> None:
    log.error("refund_failed", refund=str(refund.pk), reservation=payment.reservation, code=code)
    refund.fail(code or "failed", at=clock.now())
    publish(RefundFailed(**_facts(refund, payment), code=refund.failure_code))


def _look_after(refund: Refund, payment: Payment, outcome: RefundOutcome) -> None:
    """What went back is there, or came back; what the gateway has never heard of is for a person."""
    if outcome.known == KnownRefund.FAILED:
        _came_back(refund, payment, outcome.failure_code)
        return
    if outcome.known == KnownRefund.ABSENT:
        log.error("refund_not_at_the_gateway", refund=str(refund.pk), reservation=payment.reservation)
    if outcome.known in (KnownRefund.SUCCEEDED, KnownRefund.PENDING, KnownRefund.ABSENT):
        refund.ask_again(at=clock.now() + ASK_EVERY)
        refund.save()


def _came_back(refund: Refund, payment: Payment, code: str) -> None:
    """The guest's bank returned it: the debt is open again."""
    payment.take_back(refund.amount)
    payment.save()
    _post(refund, payment, "refund_returned", ledger.refund_returned(refund.amount, payment.gateway))
    _failed(refund, payment, code)
    refund.save()


def _facts(refund: Refund, payment: Payment) -> dict[str, Any]:
    return {
        "payment_id": str(payment.pk),
        "refund_id": str(refund.pk),
        "reservation": payment.reservation,
        "guest_id": payment.guest_id,
        "amount_minor": refund.amount_minor,
        "refunded_total_minor": payment.refunded_minor,
        "captured_minor": payment.captured_minor,
        "currency": payment.currency,
    }


def try_refund_again(refund_id: str) -> bool:
    """An operator sends a failed refund once more, under a new key; False when it has not failed."""
    with db.write():
        locked_payment(str(Refund.objects.values_list("payment_id", flat=True).get(pk=refund_id)))
        refund = Refund.objects.select_for_update(of=("self",)).get(pk=refund_id)
        if refund.status != RefundStatus.FAILED:
            return False
        refund.try_again(at=clock.now())
        refund.save()
        transaction.on_commit(partial(_send_soon, refund_id), robust=True)
        return True


def _post(refund: Refund, payment: Payment, what: str, entries: list[ledger.Entry]) -> None:
    """Once per refund and generation: one that came back and is sent again moves the money again."""
    source_id = str(refund.pk) if what == "refund_promised" else f"{refund.pk}:{refund.generation}"
    post(source_type=what, source_id=source_id, reservation=payment.reservation, entries=entries)


def _send_soon(refund_id: str) -> None:
    from payments.tasks import send_soon

    send_soon(refund_id)


def _look_soon(payment_id: str) -> None:
    from payments.tasks import look_soon

    look_soon(payment_id)

"""Taking what was set aside, or what waits for our word: the wish and its key, before the network."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from airbnb import clock, correlation, db
from airbnb.errors import Conflict
from airbnb.events.bus import publish
from payments.events import AuthorizationEnding
from payments.models import GatewayCall, Payment
from payments.services.records import locked_payment
from payments.states import CallState, Operation, PaymentStatus

# How long before it lapses an authorisation must be decided (reliability programme, I15).
ENDING = timedelta(hours=12)


class NotAuthorized(Conflict):
    """There is no money set aside that could be taken (any more)."""

    code = "not_authorized"
    title = _("The payment is no longer authorised")


def want_capture(payment_id: str, *, look_at: datetime) -> None:
    """Record that an authorised payment is to be taken, with its call. Raises NotAuthorized.

    Runs in the caller's transaction under the reservation lock. ``look_at``: from then on the background sees to it.
    """
    db.require_transaction()
    payment = locked_payment(payment_id)
    if payment.status != PaymentStatus.AUTHORIZED or payment.void_wanted:
        raise NotAuthorized()
    if payment.capture_wanted:
        return
    payment.want_capture(look_at=look_at)
    payment.save()
    _intend(payment, Operation.CAPTURE, 1)


def begin_capturing(payment_id: str) -> Payment | None:
    """Before the network: note that the capture goes out now; None when it is decided or no longer wanted.

    After a call that was refused for good (its key only repeats a stored failure) the next one has a key of its own.
    """
    with db.write():
        payment = locked_payment(payment_id)
        if payment.status != PaymentStatus.AUTHORIZED or payment.void_wanted or not payment.capture_wanted:
            return None
        calls = payment.calls.filter(operation=Operation.CAPTURE).order_by("-pk")
        call = calls[0]
        if call.state == CallState.REFUSED:
            call = _intend(payment, Operation.CAPTURE, calls.count() + 1)
        call.send(at=clock.now())
        call.save()
        return payment


def begin_confirming(payment_id: str, gateway_ref: str) -> bool:
    """Before the network: note that our word goes out now; False when the payment is decided or given up.

    ``gateway_ref``: the gateway's id, which may be known only now, when no answer to the charge came.
    """
    with db.write():
        payment = locked_payment(payment_id)
        if not payment.is_open or payment.void_wanted:
            return False
        payment.gateway_ref = payment.gateway_ref or gateway_ref
        payment.save()
        call = payment.calls.filter(operation=Operation.CONFIRM).first() or _intend(payment, Operation.CONFIRM, 1)
        call.send(at=clock.now())
        call.save()
        return True


def tell_ending(payment_id: str) -> bool:
    """Say once that an authorisation lapses soon, so that whoever owns the reservation takes it or lets it go."""
    with db.write():
        payment = locked_payment(payment_id)
        at = clock.now()
        if payment.capture_before is None or not Payment.objects.ending(at + ENDING).filter(pk=payment.pk).exists():
            return False
        payment.tell_ending(at=at)
        payment.save()
        publish(
            AuthorizationEnding(
                payment_id=payment_id,
                reservation=payment.reservation,
                guest_id=payment.guest_id,
                capture_before=payment.capture_before.isoformat(),
                purpose=payment.purpose,
            )
        )
        return True


def _intend(payment: Payment, operation: Operation, number: int) -> GatewayCall:
    return GatewayCall.objects.create(
        payment=payment,
        operation=operation,
        key=f"{operation}:{payment.pk}" if number == 1 else f"{operation}:{payment.pk}:{number}",
        amount_minor=payment.amount_minor,
        correlation_id=correlation.current(),
        intended_at=clock.now(),
    )

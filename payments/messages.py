"""What a gateway's message sets in motion: its content only says what to ask about, so order does not matter."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import structlog

from payments import charging, gateways, paying_out, refunding
from payments.gateways.port import About, Message
from payments.models import Payment, Payout, Refund, WebhookMessage
from payments.services import begin_message, finish_message, park_message, postpone_message, put_message_off
from payments.services.records import answer_due
from payments.states import PAID

log = structlog.get_logger(__name__)
# By these words a message is known that was left for an operator before.
DISPUTED = "is disputed"


class _TooEarly(Exception):
    """The very call that the message tells of is still being answered; its caller will write that down.

    Gateways are quick to tell: asked about each payment at once, they would have twice the calls for nothing.
    """

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__(until)


def work(message_id: int) -> bool:
    """Work on one message; True when it is done, False when it waits for another attempt or is not ours to take.

    An error leaves it in the inbox with a later attempt. No transaction may be open.
    """
    stored = begin_message(message_id)
    if stored is None:
        return False
    try:
        if DISPUTED not in stored.last_error and (dispute := _disputed(stored)) is not None:
            log.error("payment_disputed", gateway=stored.gateway, kind=stored.kind, payment=dispute)
            park_message(message_id, f"payment {dispute} {DISPUTED}: answer it at the gateway")
            return False
        done = _react(stored)
    except _TooEarly as early:
        put_message_off(message_id, early.until)
        return False
    except Exception as problem:
        postpone_message(message_id, repr(problem))
        return False
    if done:
        finish_message(message_id)
    else:
        postpone_message(message_id, "not ours, or not known yet")
    return done


def _disputed(stored: WebhookMessage) -> str | None:
    """The payment whose guest has asked their bank for the money; None of any other message.

    The books do not follow disputes, so a person must: the message stands in the admin until an operator, who has
    answered it, has it worked on again, which puts it away.
    """
    message = gateways.named(stored.gateway).read_stored(stored.payload)
    if message.about != About.DISPUTE:
        return None
    ours = Payment.objects.filter(gateway=stored.gateway, gateway_ref=message.gateway_ref).exclude(gateway_ref="")
    payment = ours.first()
    return str(payment.pk) if payment is not None else message.gateway_ref or "unknown"


def _react(stored: WebhookMessage) -> bool:
    message = gateways.named(stored.gateway).read_stored(stored.payload)
    if message.about == About.PAYMENT:
        return _payment(stored.gateway, message)
    if message.about == About.REFUND:
        return _refund(message)
    if message.about == About.PAYOUT:
        return _payout(message)
    return True  # nothing that we act upon


def _payment(gateway: str, message: Message) -> bool:
    payment = Payment.objects.filter(gateway=gateway, gateway_ref=message.gateway_ref).first()
    if payment is None and (own := _uuid(message.payment_id)) is not None:
        payment = Payment.objects.filter(gateway=gateway, pk=own).first()
    if payment is None:
        return False
    if payment.status not in PAID:
        _leave_to_its_caller(payment)
    charging.settle(str(payment.pk), may_send=False, hint=message.gateway_ref)
    return True


def _refund(message: Message) -> bool:
    own = _uuid(message.refund_id)
    refund = None if own is None else Refund.objects.select_related("payment").filter(pk=own).first()
    if refund is None:
        return False
    _leave_to_its_caller(refund.payment, refund.key)
    refunding.settle(str(refund.pk))
    return True


def _leave_to_its_caller(payment: Payment, key: str | None = None) -> None:
    until = answer_due(payment, key)
    if until is not None:
        raise _TooEarly(until)


def _payout(message: Message) -> bool:
    own = _uuid(message.payout_id)
    if own is None or not Payout.objects.filter(pk=own).exists():
        return False
    paying_out.settle(str(own))
    return True


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None

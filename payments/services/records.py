"""Reading one payment under its lock, and the calls that were made for it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max

from airbnb import clock, db
from payments.models import GatewayCall, Payment
from payments.states import CallState, Operation

# What it takes to write an answer down.
RECORDED_WITHIN = timedelta(seconds=0.5)
TAKES = (Operation.CHARGE, Operation.CONFIRM, Operation.CAPTURE)


def locked_payment(payment_id: str) -> Payment:
    """The payment under its reservation's lock, the first statement of the transaction."""
    code = Payment.objects.values_list("reservation", flat=True).get(pk=payment_id)
    db.reservation_lock(code)
    return Payment.objects.select_for_update(of=("self",)).get(pk=payment_id)


def answer_due(payment: Payment, key: str | None = None) -> datetime | None:
    """By when a call (with ``key``: this one) that went out just now is answered or given up; None when none did.

    Whoever made it records its outcome; if they died, that is found out afterwards.
    """
    within = timedelta(seconds=settings.GATEWAY_DEADLINE_S) + RECORDED_WITHIN
    calls = payment.calls.filter(state=CallState.SENT, last_sent_at__gt=clock.now() - within)
    last = (calls if key is None else calls.filter(key=key)).aggregate(at=Max("last_sent_at"))["at"]
    return last + within if last is not None else None


def call_of(payment: Payment, operation: Operation | None) -> GatewayCall:
    """The latest call of this kind, or with None the latest that takes money.

    Captures alone can have several, each after the one before was refused.
    """
    wanted = TAKES if operation is None else (operation,)
    found = payment.calls.filter(operation__in=wanted).order_by("-pk").first()
    if found is None:
        raise GatewayCall.DoesNotExist(f"{payment.pk} has no {operation}")
    return found

"""Reading one payment under its lock, and the calls that were made for it."""

from __future__ import annotations

from airbnb import db
from payments.models import GatewayCall, Payment
from payments.states import Operation

TAKES = (Operation.CHARGE, Operation.CONFIRM, Operation.CAPTURE)


def locked_payment(payment_id: str) -> Payment:
    """The payment under its reservation's lock, the first statement of the transaction."""
    code = Payment.objects.values_list("reservation", flat=True).get(pk=payment_id)
    db.reservation_lock(code)
    return Payment.objects.select_for_update(of=("self",)).get(pk=payment_id)


def call_of(payment: Payment, operation: Operation | None) -> GatewayCall:
    """The latest call of this kind, or with None the latest that takes money.

    Captures alone can have several, each after the one before was refused.
    """
    wanted = TAKES if operation is None else (operation,)
    found = payment.calls.filter(operation__in=wanted).order_by("-pk").first()
    if found is None:
        raise GatewayCall.DoesNotExist(f"{payment.pk} has no {operation}")
    return found

"""Cancels: all of a payment or part of it, never more than is left."""

from __future__ import annotations

from airbnb.embedded.sandbox.desk import Answer, Desk

from . import reading
from .errors import TossError
from .payments import book, change, find, local
from .reading import Params

PAID = ("DONE", "PARTIAL_CANCELED")


def cancel(desk: Desk, params: Params, payment_key: str) -> Answer:
    """``POST /v1/payments/{paymentKey}/cancel``: ``cancelAmount``, or all that is left."""
    reading.only(params, "cancelReason", "cancelAmount", "taxFreeAmount", "currency", "refundReceiveAccount")
    reason = reading.text(params, "cancelReason", 200)
    record = find(desk, payment_key)
    payment = record["payment"]
    if payment["status"] == "CANCELED":
        raise TossError(400, "ALREADY_CANCELED_PAYMENT")
    if payment["status"] not in PAID:
        raise TossError(403, "NOT_CANCELABLE_PAYMENT")
    left = payment["balanceAmount"]
    amount = reading.amount(params, "cancelAmount") if "cancelAmount" in params else left
    if amount > left:
        raise TossError(403, "NOT_CANCELABLE_AMOUNT")
    status = "CANCELED" if amount == left else "PARTIAL_CANCELED"
    key = book(desk, payment, -amount, status)
    made = {
        "transactionKey": key,
        "cancelReason": reason,
        "cancelAmount": amount,
        "canceledAt": local(desk.store.now()),
        "cancelStatus": "DONE",
        "cancelRequestId": None,
        "refundableAmount": left - amount,
        "taxFreeAmount": 0,
        "easyPayDiscountAmount": 0,
        "receiptKey": None,
    }
    cancels = [*(payment["cancels"] or []), made]
    change(desk, record, status=status, balanceAmount=left - amount, cancels=cancels, lastTransactionKey=key)
    return 200, record["payment"]

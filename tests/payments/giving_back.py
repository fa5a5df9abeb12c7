"""Refunds that the gateway has sent, and a card whose bank sends them back."""

from __future__ import annotations

import time as stopwatch
from typing import Any

from airbnb.money import Money
from payments import refunding
from payments.models import Payment, Refund
from payments.services import promise_refund

FAILS = "pm_card_refundFail"


def sent_back(payment: Payment, source: str = "test") -> Refund:
    """A refund of a thousand that the gateway has sent."""
    amount = Money(1000, "KRW")
    refund = promise_refund(payment_id=str(payment.pk), amount=amount, source=source, reason="flexible")
    assert refund is not None
    done = refunding.send(str(refund.pk))
    assert done is not None
    assert done.status == "succeeded"
    return done


def fails(sandbox: Any, payment: Payment) -> None:
    """The guest's bank sends it back; nobody tells us."""
    sandbox.faults(clock_s=5)
    ends = stopwatch.monotonic() + 10
    while sandbox.charges(payment.reservation)[0]["refunded"]:
        assert stopwatch.monotonic() < ends
        stopwatch.sleep(0.05)

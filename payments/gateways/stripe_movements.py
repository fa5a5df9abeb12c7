"""Stripe's balance transactions as movements: fees, payouts to the house's own bank, top-ups from it (pure).

https://docs.stripe.com/reports/balance-transaction-types. Charges, refunds and transfers are told elsewhere; of them
only the fee counts here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from airbnb.money import MINOR_DIGITS, Money
from payments.gateways.port import FeeFor, Moved, Movement

# Between the balance and the house's bank, whichever way: one that failed or was cancelled comes back.
AT_THE_BANK = ("payout", "payout_cancel", "payout_failure", "topup", "topup_reversal")
# Fees that are movements of their own, with nothing in their field ``fee``.
FEES = ("stripe_fee", "stripe_fx_fee", "tax_fee")
FEE_FOR = {
    "charge": FeeFor.PAYMENT,
    "payment": FeeFor.PAYMENT,
    "refund": FeeFor.REFUND,
    "payment_refund": FeeFor.REFUND,
    "refund_failure": FeeFor.REFUND,
    "payment_failure_refund": FeeFor.REFUND,
}


def movements_of(moved: dict[str, Any]) -> Iterator[Movement]:
    """What one balance transaction tells: its fee, and what it moved at the bank. Other currencies are not ours."""
    currency, at = moved["currency"].upper(), datetime.fromtimestamp(moved["created"], tz=UTC)
    if currency not in MINOR_DIGITS:
        return
    fee = -moved["net"] if _is_a_fee(moved) else moved["fee"]
    if fee:
        source = moved.get("source")
        about: dict[str, Any] = source if isinstance(source, dict) else {}
        intent = about.get("payment_intent")
        yield Movement(
            Moved.FEE,
            moved["id"],
            Money(fee, currency),
            at,
            fee_for=FEE_FOR.get(moved["type"], FeeFor.OTHER),
            payment_id=str((about.get("metadata") or {}).get("payment") or ""),
            gateway_ref=intent if isinstance(intent, str) else "",
        )
    if moved["type"] in AT_THE_BANK and moved["amount"]:
        kind = Moved.SETTLED if moved["amount"] < 0 else Moved.TOPPED_UP
        yield Movement(kind, moved["id"], Money(abs(moved["amount"]), currency), at)


def _is_a_fee(moved: dict[str, Any]) -> bool:
    return moved["type"] in FEES or moved.get("reporting_category") == "fee"

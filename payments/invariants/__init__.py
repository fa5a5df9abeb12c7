"""What must never be true of payments, refunds, payouts, messages and the ledger; one module for each of them."""

from __future__ import annotations

from airbnb.invariants import Invariant
from payments.invariants import books, charges, comparisons, messages, payouts, refunds

INVARIANTS: list[Invariant] = [
    *charges.INVARIANTS,
    *refunds.INVARIANTS,
    *payouts.INVARIANTS,
    *messages.INVARIANTS,
    *books.INVARIANTS,
    *comparisons.INVARIANTS,
]

"""What must never be true of payments, refunds, messages and the ledger; one module for each of them."""

from __future__ import annotations

from airbnb.invariants import Invariant
from payments.invariants import books, charges, messages, refunds

INVARIANTS: list[Invariant] = [*charges.INVARIANTS, *refunds.INVARIANTS, *messages.INVARIANTS, *books.INVARIANTS]

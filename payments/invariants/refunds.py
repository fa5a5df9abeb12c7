"""What must never be true of refunds (I16)."""

from __future__ import annotations

from airbnb.invariants import Invariant

INVARIANTS: list[Invariant] = [
    Invariant(
        "I16_refunds_within_capture",
        "the refunds of a payment sum to what is promised, those done to what went back",
        """SELECT p.id, p.reservation FROM payments_payment p
           LEFT JOIN payments_refund r ON r.payment_id = p.id GROUP BY p.id
           HAVING coalesce(sum(r.amount_minor), 0) <> p.promised_minor
               OR coalesce(sum(r.amount_minor) FILTER (WHERE r.status = 'succeeded'), 0) <> p.refunded_minor""",
    ),
]

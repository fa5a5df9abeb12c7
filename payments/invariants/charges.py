"""What must never be true of payments and the calls they took (I9, I13, I14)."""

from __future__ import annotations

from airbnb.invariants import Invariant

INVARIANTS: list[Invariant] = [
    Invariant(
        "I9_captured_within_amount",
        "no payment captured other than its amount, nor gave back more than it owes",
        """SELECT id, reservation FROM payments_payment
           WHERE captured_minor NOT IN (0, amount_minor) OR promised_minor > captured_minor
              OR refunded_minor > promised_minor OR quarantined <> ''""",
    ),
    Invariant(
        "I13_outcomes_are_found_out",
        "no payment stays undecided, and no refund unsent, for ten minutes beyond its next look",
        """SELECT id::text, reservation FROM payments_payment
           WHERE status IN ('processing', 'unknown') AND next_look_at < now() - interval '10 minutes'
           UNION ALL
           SELECT id::text, source FROM payments_refund
           WHERE status = 'pending' AND next_attempt_at < now() - interval '10 minutes'""",
    ),
    Invariant(
        "I14_one_charge_a_payment",
        "a payment has one charge call, and a succeeded refund one succeeded call for each sending",
        """SELECT payment_id::text, count(*) FROM payments_gatewaycall
           WHERE operation = 'charge' GROUP BY payment_id HAVING count(*) > 1""",
    ),
]

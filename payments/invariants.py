"""What must never be true of payments, refunds, messages and the ledger (numbers as in the invariant list)."""

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
    Invariant(
        "I16_refunds_within_capture",
        "the refunds of a payment sum to what is promised, those done to what went back",
        """SELECT p.id, p.reservation FROM payments_payment p
           LEFT JOIN payments_refund r ON r.payment_id = p.id GROUP BY p.id
           HAVING coalesce(sum(r.amount_minor), 0) <> p.promised_minor
               OR coalesce(sum(r.amount_minor) FILTER (WHERE r.status = 'succeeded'), 0) <> p.refunded_minor""",
    ),
    Invariant(
        "I17_messages_are_worked_on",
        "no message of a gateway waits longer than fifteen minutes beyond its next attempt",
        """SELECT id, kind FROM payments_webhookmessage
           WHERE state = 'waiting' AND next_attempt_at < now() - interval '15 minutes'""",
    ),
    Invariant(
        "I18_entries_sum_to_zero",
        "every ledger transaction has entries that sum to zero in each currency",
        """SELECT t.id, a.currency, sum(e.amount_minor) AS off FROM payments_ledgertransaction t
           LEFT JOIN payments_ledgerentry e ON e.transaction_id = t.id
           LEFT JOIN payments_ledgeraccount a ON a.id = e.account_id
           GROUP BY t.id, a.currency HAVING coalesce(sum(e.amount_minor), 1) <> 0""",
    ),
    Invariant(
        "I19_held_money_is_not_overdrawn",
        "no reservation's held money is below zero, and refunds owed are never negative",
        """SELECT t.reservation, a.kind, a.currency, sum(e.amount_minor) AS balance
           FROM payments_ledgerentry e
           JOIN payments_ledgertransaction t ON t.id = e.transaction_id
           JOIN payments_ledgeraccount a ON a.id = e.account_id
           WHERE a.kind IN ('guest_funds_held', 'refunds_payable')
           GROUP BY 1, 2, 3 HAVING sum(e.amount_minor) > 0""",
    ),
    Invariant(
        "I21_captures_are_booked",
        "every captured payment has exactly its ledger transaction, and every capture its payment",
        """SELECT p.id::text, t.source_id FROM payments_payment p
           FULL JOIN payments_ledgertransaction t
             ON t.source_type = 'capture' AND t.source_id = p.id::text
           WHERE (p.captured_minor > 0 AND t.id IS NULL)
              OR (t.source_type = 'capture' AND coalesce(p.captured_minor, 0) = 0)""",
    ),
    Invariant(
        "I21_refunds_are_booked",
        "every refund is booked when promised and when sent, and every such booking has its refund",
        """SELECT r.id::text, r.status FROM payments_refund r
           WHERE NOT EXISTS (SELECT 1 FROM payments_ledgertransaction t
                             WHERE t.source_type = 'refund_promised' AND t.source_id = r.id::text)
              OR (r.status = 'succeeded') <> EXISTS (
                     SELECT 1 FROM payments_ledgertransaction t
                     WHERE t.source_type = 'refund_settled' AND t.source_id = r.id::text || ':' || r.generation
                       AND NOT EXISTS (SELECT 1 FROM payments_ledgertransaction back
                                       WHERE back.source_type = 'refund_returned' AND back.source_id = t.source_id))""",
    ),
]

"""What must never be true of the ledger (I18 to I23)."""

from __future__ import annotations

from airbnb.invariants import Invariant

INVARIANTS: list[Invariant] = [
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

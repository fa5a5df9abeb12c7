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
           WHERE t.occurred_at > recent() GROUP BY t.id, a.currency HAVING coalesce(sum(e.amount_minor), 1) <> 0""",
    ),
    Invariant(
        "I18_entries_belong_to_a_movement",
        "every ledger entry has its transaction and its account, so that the books as a whole sum to zero",
        """SELECT e.id, e.transaction_id, e.account_id FROM payments_ledgerentry e
           LEFT JOIN payments_ledgertransaction t ON t.id = e.transaction_id
           LEFT JOIN payments_ledgeraccount a ON a.id = e.account_id WHERE t.id IS NULL OR a.id IS NULL""",
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
           LEFT JOIN payments_ledgertransaction p ON p.source_type = 'refund_promised' AND p.source_id = r.id::text
           LEFT JOIN payments_ledgertransaction s
             ON s.source_type = 'refund_settled' AND s.source_id = r.id::text || ':' || r.generation
           LEFT JOIN payments_ledgertransaction back
             ON back.source_type = 'refund_returned' AND back.source_id = s.source_id
           WHERE p.id IS NULL OR (r.status = 'succeeded') <> (s.id IS NOT NULL AND back.id IS NULL)
           UNION ALL
           SELECT t.source_id, t.source_type FROM payments_ledgertransaction t
           LEFT JOIN payments_refund r ON r.id::text = split_part(t.source_id, ':', 1)
           WHERE t.source_type LIKE 'refund_%' AND r.id IS NULL""",
    ),
    Invariant(
        "I21_movements_have_their_sums",
        "a capture, a promise and a refund are booked with exactly the sum of their payment or refund",
        """SELECT t.id, t.source_type, t.source_id, e.amount_minor
           FROM payments_ledgertransaction t
           JOIN payments_ledgerentry e ON e.transaction_id = t.id
           JOIN payments_ledgeraccount a ON a.id = e.account_id
           LEFT JOIN payments_payment p ON t.source_type = 'capture' AND t.source_id = p.id::text
           LEFT JOIN payments_refund r ON t.source_type LIKE 'refund_%'
             AND split_part(t.source_id, ':', 1) = r.id::text
           WHERE t.occurred_at > recent() AND ((t.source_type = 'capture' AND a.kind = 'gateway_clearing'
                  AND (e.amount_minor <> p.captured_minor OR a.owner <> p.gateway OR a.currency <> p.currency))
              OR (t.source_type LIKE 'refund_%' AND a.kind = 'refunds_payable'
                  AND (abs(e.amount_minor) <> r.amount_minor OR a.currency <> r.currency
                       OR (e.amount_minor > 0) <> (t.source_type = 'refund_settled'))))""",
    ),
    Invariant(
        "I21_fees_are_booked",
        "every fee of a gateway is booked once with its sum, and every such booking has its fee",
        """SELECT f.id::text, t.source_id, f.amount_minor, e.amount_minor AS booked FROM payments_gatewayfee f
           FULL JOIN payments_ledgertransaction t ON t.source_type = 'fee' AND t.source_id = f.id::text
           LEFT JOIN payments_ledgerentry e ON e.transaction_id = t.id
             AND e.account_id IN (SELECT id FROM payments_ledgeraccount
                                  WHERE kind = 'fee_expense' AND owner = f.gateway AND currency = f.currency)
           WHERE (f.id IS NOT NULL AND coalesce(e.amount_minor, 0) <> f.amount_minor)
              OR (t.source_type = 'fee' AND f.id IS NULL)""",
    ),
    Invariant(
        "I21_a_payment_costs_one_fee",
        "a payment that was taken has one fee for it, of its own gateway and booked to its own reservation",
        """SELECT f.payment_id::text, count(*) FROM payments_gatewayfee f WHERE f.about = 'payment'
           GROUP BY 1 HAVING count(*) > 1
           UNION ALL
           SELECT f.payment_id::text, f.id FROM payments_gatewayfee f
           JOIN payments_payment p ON p.id = f.payment_id
           LEFT JOIN payments_ledgertransaction t ON t.source_type = 'fee' AND t.source_id = f.id::text
           WHERE f.gateway <> p.gateway OR t.reservation <> p.reservation""",
    ),
    Invariant(
        "I21_bank_movements_are_booked",
        "every movement at the house's bank is booked once with its sum, and every such booking has its movement",
        """SELECT b.id::text, t.source_id, b.amount_minor, e.amount_minor AS booked FROM payments_bankmovement b
           FULL JOIN payments_ledgertransaction t ON t.source_type = 'bank' AND t.source_id = b.id::text
           LEFT JOIN payments_ledgerentry e ON e.transaction_id = t.id
             AND e.account_id IN (SELECT id FROM payments_ledgeraccount
                                  WHERE kind = 'bank' AND owner = '' AND currency = b.currency)
           WHERE (b.id IS NOT NULL AND coalesce(e.amount_minor, 0)
                  <> CASE b.direction WHEN 'settled' THEN b.amount_minor ELSE -b.amount_minor END)
              OR (t.source_type = 'bank' AND b.id IS NULL)""",
    ),
    Invariant(
        "I22_debts_do_not_grow_old",
        "money owed to guests or on its way to hosts has arrived after ten days",
        """SELECT t.reservation, a.kind, a.currency, sum(e.amount_minor) AS balance, max(t.occurred_at) AS last
           FROM payments_ledgerentry e
           JOIN payments_ledgertransaction t ON t.id = e.transaction_id
           JOIN payments_ledgeraccount a ON a.id = e.account_id
           WHERE a.kind IN ('refunds_payable', 'payout_in_transit', 'disputes_open')
           GROUP BY 1, 2, 3
           HAVING sum(e.amount_minor) <> 0 AND max(t.occurred_at) < now() - interval '10 days'""",
    ),
    Invariant(
        "I22_movements_are_told",
        "no gateway has kept its fees and what it paid out to itself for three days while its books were compared",
        """SELECT gateway, max(until) AS compared, max(until) FILTER (WHERE movements IS NOT NULL) AS told
           FROM payments_bookscomparison WHERE finished_at IS NOT NULL GROUP BY gateway
           HAVING max(until) - coalesce(max(until) FILTER (WHERE movements IS NOT NULL), min(until))
                  > interval '3 days'""",
    ),
    Invariant(
        "I23_clearing_is_what_the_gateways_have",
        "a gateway's clearing account is what payments took and gave back, less its fees and what it sent to hosts and"
        " to the house's bank, plus what came from there",
        """SELECT gateway, currency, booked, told FROM (
             SELECT a.owner AS gateway, a.currency, sum(e.amount_minor) AS booked FROM payments_ledgerentry e
             JOIN payments_ledgeraccount a ON a.id = e.account_id
             WHERE a.kind = 'gateway_clearing' GROUP BY 1, 2) AS books
           FULL JOIN (
             SELECT gateway, currency, sum(minor) AS told FROM (
               SELECT gateway, currency, captured_minor - refunded_minor AS minor FROM payments_payment
               UNION ALL SELECT gateway, currency, -amount_minor FROM payments_gatewayfee
               UNION ALL SELECT gateway, currency,
                                CASE direction WHEN 'settled' THEN -amount_minor ELSE amount_minor END
                         FROM payments_bankmovement
               UNION ALL SELECT y.gateway, o.currency, -o.send_minor FROM payments_payout o
                         JOIN payments_payee y ON y.id = o.payee_id WHERE o.status = 'sent') AS parts
             GROUP BY 1, 2) AS moved USING (gateway, currency)
           WHERE coalesce(booked, 0) <> coalesce(told, 0)""",
    ),
]

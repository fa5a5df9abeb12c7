"""What must never be true of payouts, of what hosts owe, and of their side of the ledger (I19 to I22, I31)."""

from __future__ import annotations

from airbnb.invariants import Invariant

INVARIANTS: list[Invariant] = [
    Invariant(
        "I19_released_stays_hold_nothing",
        "nothing is held for a stay whose every line is released or cancelled, except what beside it goes back",
        """SELECT e.reservation, held.balance, paid.kept, paid.beside FROM payments_earning e
           JOIN (SELECT t.reservation, sum(x.amount_minor) AS balance FROM payments_ledgerentry x
                 JOIN payments_ledgertransaction t ON t.id = x.transaction_id
                 JOIN payments_ledgeraccount a ON a.id = x.account_id AND a.kind = 'guest_funds_held'
                 GROUP BY 1) AS held ON held.reservation = e.reservation
           JOIN (SELECT reservation,
                        coalesce(sum(captured_minor - promised_minor) FILTER (WHERE NOT surplus), 0) AS kept,
                        coalesce(sum(captured_minor - promised_minor) FILTER (WHERE surplus), 0) AS beside
                 FROM payments_payment GROUP BY 1) AS paid ON paid.reservation = e.reservation
           WHERE paid.kept <= e.gross_minor AND -held.balance > paid.beside
             AND EXISTS (SELECT 1 FROM payments_payout p WHERE p.earning_id = e.id AND p.released_at IS NOT NULL)
             AND NOT EXISTS (SELECT 1 FROM payments_payout p WHERE p.earning_id = e.id AND p.status = 'scheduled')""",
    ),
    Invariant(
        "I20_hosts_owe_only_what_was_clawed_back",
        "no host's account is overdrawn by more than what their stays' refunds took back and is not recovered yet",
        """SELECT b.owner, b.currency, b.balance, coalesce(sum(c.amount_minor - c.recovered_minor), 0) AS owed
            FROM (SELECT a.owner, a.currency, sum(e.amount_minor) AS balance FROM payments_ledgerentry e
              JOIN payments_ledgeraccount a ON a.id = e.account_id WHERE a.kind = 'host_payable' GROUP BY 1, 2) AS b
            LEFT JOIN payments_clawback c ON 'host:' || c.host_id = b.owner AND c.currency = b.currency
            GROUP BY 1, 2, 3
            HAVING b.balance > coalesce(sum(c.amount_minor - c.recovered_minor), 0)""",
    ),
    Invariant(
        "I20_hosts_are_owed_what_is_released",
        "a host is owed what is released less what was sent, is on its way, or was taken back",
        """SELECT coalesce(b.owner, s.owner) AS owner, coalesce(b.currency, s.currency) AS currency, b.balance, s.owed
            FROM (SELECT a.owner, a.currency, sum(e.amount_minor) AS balance FROM payments_ledgerentry e
              JOIN payments_ledgeraccount a ON a.id = e.account_id WHERE a.kind = 'host_payable' GROUP BY 1, 2) AS b
            FULL JOIN (
              SELECT 'host:' || host_id AS owner, currency, sum(owed) AS owed FROM (
                SELECT host_id, currency,
                       amount_minor - CASE WHEN status IN ('sending', 'unknown', 'sent') THEN send_minor ELSE 0 END
                         AS owed
                FROM payments_payout WHERE released_at IS NOT NULL
                UNION ALL SELECT host_id, currency, -amount_minor FROM payments_clawback) AS parts
              GROUP BY 1, 2) AS s ON s.owner = b.owner AND s.currency = b.currency
            WHERE -coalesce(b.balance, 0) <> coalesce(s.owed, 0)""",
    ),
    Invariant(
        "I20_debts_are_recovered_once",
        "what was kept back from payouts is what their statements say, and no payout sent more than was left of it",
        """SELECT c.id::text, c.recovered_minor FROM payments_clawback c
           LEFT JOIN payments_recovery r ON r.clawback_id = c.id GROUP BY c.id
           HAVING c.recovered_minor <> coalesce(sum(r.amount_minor), 0)
           UNION ALL
           SELECT p.id::text, p.send_minor FROM payments_payout p
           LEFT JOIN payments_recovery r ON r.payout_id = p.id
           WHERE p.status IN ('sending', 'unknown', 'sent', 'netted') GROUP BY p.id
           HAVING p.send_minor <> p.amount_minor - coalesce(sum(r.amount_minor), 0)""",
    ),
    Invariant(
        "I21_releases_are_booked",
        "every line that is released is booked once with its sums, and every such booking has its line",
        """SELECT p.id::text, p.reservation FROM payments_payout p
           FULL JOIN payments_ledgertransaction t ON t.source_type = 'release' AND t.source_id = p.id::text
           LEFT JOIN payments_ledgerentry e ON e.transaction_id = t.id
             AND e.account_id IN (SELECT id FROM payments_ledgeraccount
                                  WHERE kind = 'host_payable' AND owner = 'host:' || p.host_id)
           WHERE (p.released_at IS NOT NULL AND p.amount_minor > 0
                  AND (t.id IS NULL OR coalesce(-e.amount_minor, 0) <> p.amount_minor))
              OR (t.source_type = 'release' AND p.released_at IS NULL)""",
    ),
    Invariant(
        "I21_payouts_are_booked",
        "every sending is booked when it begins and when it has arrived or come back, and by nothing else",
        """SELECT p.id::text, p.status FROM payments_payout p
           LEFT JOIN payments_ledgertransaction b
             ON b.source_type = 'payout_begun' AND b.source_id = p.id::text || ':' || p.generation
           LEFT JOIN payments_ledgertransaction s
             ON s.source_type = 'payout_settled' AND s.source_id = p.id::text || ':' || p.generation
           WHERE (p.status IN ('sending', 'unknown', 'sent')) <> (b.id IS NOT NULL)
              OR (p.status = 'sent') <> (s.id IS NOT NULL)
           UNION ALL
           SELECT t.source_id, t.source_type FROM payments_ledgertransaction t
           LEFT JOIN payments_payout p ON p.id::text = split_part(t.source_id, ':', 1)
           LEFT JOIN payments_ledgertransaction e ON e.source_id = t.source_id
             AND e.source_type IN ('payout_settled', 'payout_failed')
           WHERE t.source_type IN ('payout_begun', 'payout_settled', 'payout_failed')
             AND (p.id IS NULL OR (t.source_type = 'payout_begun' AND e.id IS NULL
                                   AND t.source_id <> p.id::text || ':' || p.generation))
           UNION ALL
           SELECT t.source_id, t.source_type FROM payments_ledgertransaction t
           LEFT JOIN payments_payout p ON p.id::text = split_part(t.source_id, ':', 1)
           LEFT JOIN payments_ledgertransaction s ON s.source_type = 'payout_settled' AND s.source_id = t.source_id
           WHERE t.source_type = 'payout_returned'
             AND (p.id IS NULL OR s.id IS NULL OR t.source_id = p.id::text || ':' || p.generation)""",
    ),
    Invariant(
        "I22_payouts_arrive",
        "no payout is on its way for a week, and none that failed or that only we can send waits a week for us",
        """SELECT id, reservation, status FROM payments_payout
           WHERE (status IN ('sending', 'unknown') AND intended_at < now() - interval '7 days')
              OR ((status = 'failed' OR (status = 'held' AND held_for = 'balance'))
                  AND released_at < now() - interval '7 days' AND next_attempt_at < now() - interval '7 days')
              OR (status = 'ready' AND failure_code <> '' AND told_for <> ''
                  AND released_at < now() - interval '7 days')""",
    ),
    Invariant(
        "I22_stuck_payouts_are_told",
        "a payout that failed, or that waits for money or books of ours, was told, so that operators know of it",
        """SELECT p.id::text, p.reservation, p.status, p.failure_code FROM payments_payout p
           WHERE (p.status = 'failed' OR (p.status = 'held' AND p.held_for = 'balance')
                  OR (p.status = 'ready' AND p.told_for = 'gateway_balance'))
             AND NOT EXISTS (
               SELECT 1 FROM events_storedevent e
               WHERE e.name IN ('PayoutFailed', 'PayoutHeld') AND e.payload->>'payout_id' = p.id::text)""",
    ),
    Invariant(
        "I31_payouts_are_released_and_sent_in_time",
        "no line waits for its release, and no payout for its sending, two hours beyond its time",
        """SELECT id, reservation, status FROM payments_payout
           WHERE status IN ('scheduled', 'ready', 'sending', 'unknown')
             AND next_attempt_at < now() - interval '2 hours'""",
    ),
]

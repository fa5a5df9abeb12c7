"""What must never be true between a reservation and its money (I4, I10 to I12)."""

# ruff: noqa: S608  (the statements are put together from constants of this file alone)

from __future__ import annotations

from airbnb.invariants import Invariant

_STANDING = "('confirmed', 'in_stay', 'completed')"
# What was captured for the applied alterations of each reservation.
_DIFFERENCES = """(SELECT a.reservation_id, sum(q.captured_minor) AS captured FROM reservations_alteration a
    JOIN payments_payment q ON q.id = a.payment_id AND q.currency = a.currency AND NOT q.surplus
    WHERE a.status = 'applied' GROUP BY 1) AS d"""

# What was taken for each reservation and stays with it, what of that is owed back, and money beside it.
_MONEY = """(SELECT reservation, max(decided_at) AS decided_at,
      coalesce(sum(captured_minor) FILTER (WHERE NOT surplus), 0) AS kept,
      coalesce(sum(promised_minor) FILTER (WHERE NOT surplus), 0) AS owed,
      coalesce(sum(captured_minor - promised_minor) FILTER (WHERE surplus), 0) AS beside
    FROM payments_payment WHERE captured_minor > 0 GROUP BY reservation) AS money"""

INVARIANTS: list[Invariant] = [
    Invariant(
        "I4_dead_reservations_let_go_of_cards",
        "ten minutes after a reservation ended, no money is set aside or asked for without the wish to give it up",
        """SELECT p.id::text, p.reservation, p.status, r.status AS ended FROM payments_payment p
           JOIN reservations_reservation r ON r.code = p.reservation
           WHERE p.status IN ('processing', 'unknown', 'requires_action', 'authorized') AND NOT p.void_wanted
             AND r.status IN ('expired', 'declined', 'cancelled') AND r.changed_at < now() - interval '10 minutes'""",
    ),
    Invariant(
        "I10_nothing_stands_unpaid",
        "what stands has captured payments, its own and its alterations', of exactly its total and what was returned",
        f"""SELECT r.code, r.status, r.total_minor, r.returned_minor, r.captured_minor, c.captured
            FROM reservations_reservation r
            LEFT JOIN payments_payment p ON p.id = r.payment_id AND p.reservation = r.code
            LEFT JOIN {_DIFFERENCES} ON d.reservation_id = r.id
            CROSS JOIN LATERAL (SELECT coalesce(p.captured_minor, 0) + coalesce(d.captured, 0) AS captured) AS c
            WHERE r.status IN {_STANDING} AND (
              p.id IS NULL OR p.captured_minor = 0 OR p.currency <> r.currency OR p.surplus
              OR c.captured <> r.captured_minor OR r.captured_minor <> r.total_minor + r.returned_minor)""",
    ),
    Invariant(
        "I10_paying_waits_for_a_payment",
        "a reservation that is being paid has a payment that is not decided yet",
        """SELECT r.code, p.status FROM reservations_reservation r
           LEFT JOIN payments_payment p ON p.id = r.payment_id AND p.reservation = r.code
           WHERE r.status = 'paying'
             AND (p.id IS NULL OR p.status NOT IN ('processing', 'unknown', 'requires_action'))""",
    ),
    Invariant(
        "I11_no_money_without_a_stay",
        "captured money has its reservation standing at that price, or what is due of it is owed back in ten minutes",
        f"""SELECT money.reservation, r.status, r.total_minor, money.kept, money.owed, money.beside
            FROM {_MONEY} LEFT JOIN reservations_reservation r ON r.code = money.reservation
            WHERE money.decided_at < now() - interval '10 minutes' AND (
              r.id IS NULL OR money.beside <> 0
              OR (r.status IN {_STANDING} AND money.kept <> r.captured_minor)
              OR (r.status = 'cancelled' AND money.kept <> 0 AND money.owed < r.refund_due_minor + r.returned_minor
                  AND r.cancelled_at < now() - interval '10 minutes')
              OR (r.status NOT IN {_STANDING} AND r.status <> 'cancelled' AND money.owed <> money.kept))""",
    ),
    Invariant(
        "I11_what_was_given_back_is_owed",
        "ten minutes after it was given, what went back beyond the terms is owed to the guest, beside all else that is",
        f"""SELECT r.code, money.kept, money.owed, given.sum FROM reservations_reservation r
            CROSS JOIN LATERAL (SELECT sum((line->'amount'->>'amount')::bigint) AS sum
                                FROM jsonb_array_elements(r.graced_lines) AS line) AS given
            LEFT JOIN {_MONEY} ON money.reservation = r.code
            WHERE r.graced_lines <> '[]' AND r.changed_at < now() - interval '10 minutes'
              AND coalesce(money.owed, 0) < r.returned_minor + r.refund_due_minor + given.sum""",
    ),
    Invariant(
        "I12_lines_are_the_total",
        "the agreed lines sum to the total, in one currency, and the quote was good when the hold was made",
        """SELECT r.code, r.total_minor, s.sum FROM reservations_reservation r
           CROSS JOIN LATERAL (
             SELECT coalesce(sum((line->'amount'->>'amount')::bigint), 0) AS sum,
                    bool_and(line->'amount'->>'currency' = r.currency) AS same
             FROM jsonb_array_elements(r.lines) AS line) AS s
           WHERE r.changed_at > recent()
             AND (s.sum <> r.total_minor OR s.same IS NOT TRUE OR r.quoted_until < r.created_at)""",
    ),
    Invariant(
        "I12_refund_within_paid",
        "a refund due is the sum of its lines and never more than was paid",
        """SELECT r.code, r.refund_due_minor, s.sum FROM reservations_reservation r
           CROSS JOIN LATERAL (
             SELECT coalesce(sum((line->'amount'->>'amount')::bigint), 0) AS sum
             FROM jsonb_array_elements(r.refund_lines) AS line) AS s
           WHERE r.status = 'cancelled' AND (
             r.refund_due_minor <> s.sum OR r.refund_due_minor > r.captured_minor - r.returned_minor)""",
    ),
]

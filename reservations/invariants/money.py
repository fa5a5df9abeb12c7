"""What must never be true between a reservation and its money (I10 to I12)."""

# ruff: noqa: S608  (the statements are put together from constants of this file alone)

from __future__ import annotations

from airbnb.invariants import Invariant

_STANDING = "('confirmed', 'in_stay', 'completed')"

INVARIANTS: list[Invariant] = [
    Invariant(
        "I10_nothing_stands_unpaid",
        "a confirmed reservation has one payment that captured exactly its total, in its currency",
        f"""SELECT r.code, r.status, r.total_minor, p.captured_minor FROM reservations_reservation r
            LEFT JOIN payments_payment p ON p.id = r.payment_id AND p.reservation = r.code
            WHERE r.status IN {_STANDING} AND (
              p.id IS NULL OR p.captured_minor <> r.total_minor OR p.currency <> r.currency
              OR r.captured_minor <> r.total_minor)""",
    ),
    Invariant(
        "I11_no_money_without_a_stay",
        "captured money either has its reservation standing, or what is due of it goes back within ten minutes",
        """SELECT p.id, p.reservation, p.captured_minor, p.promised_minor, r.status FROM payments_payment p
            LEFT JOIN reservations_reservation r ON r.code = p.reservation
            WHERE p.captured_minor > 0 AND p.decided_at < now() - interval '10 minutes' AND (
              r.id IS NULL
              OR (r.payment_id IS DISTINCT FROM p.id AND p.promised_minor <> p.captured_minor)
              OR (r.payment_id = p.id AND r.status NOT IN ('cancelled', 'confirmed', 'in_stay', 'completed')
                  AND p.promised_minor <> p.captured_minor)
              OR (r.payment_id = p.id AND r.status = 'cancelled' AND p.promised_minor < r.refund_due_minor
                  AND r.cancelled_at < now() - interval '10 minutes'))""",
    ),
    Invariant(
        "I12_lines_are_the_total",
        "the agreed lines sum to the total, in one currency, and the quote was good when the hold was made",
        """SELECT r.code, r.total_minor, s.sum FROM reservations_reservation r
           CROSS JOIN LATERAL (
             SELECT coalesce(sum((line->'amount'->>'amount')::bigint), 0) AS sum,
                    bool_and(line->'amount'->>'currency' = r.currency) AS same
             FROM jsonb_array_elements(r.lines) AS line) AS s
           WHERE s.sum <> r.total_minor OR s.same IS NOT TRUE OR r.quoted_until < r.created_at""",
    ),
    Invariant(
        "I12_refund_within_paid",
        "a refund due is the sum of its lines and never more than was paid",
        """SELECT r.code, r.refund_due_minor, s.sum FROM reservations_reservation r
           CROSS JOIN LATERAL (
             SELECT coalesce(sum((line->'amount'->>'amount')::bigint), 0) AS sum
             FROM jsonb_array_elements(r.refund_lines) AS line) AS s
           WHERE r.status = 'cancelled' AND (
             r.refund_due_minor <> s.sum OR r.refund_due_minor > r.captured_minor)""",
    ),
]

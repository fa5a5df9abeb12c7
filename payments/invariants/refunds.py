"""What must never be true of refunds (I12, I16)."""

from __future__ import annotations

from airbnb.invariants import Invariant

INVARIANTS: list[Invariant] = [
    Invariant(
        "I16_refunds_within_capture",
        "the refunds of a payment sum to what is promised, those done to what went back",
        """SELECT p.id::text, p.reservation, p.promised_minor, p.refunded_minor FROM payments_payment p
           LEFT JOIN payments_refund r ON r.payment_id = p.id GROUP BY p.id
           HAVING coalesce(sum(r.amount_minor), 0) <> p.promised_minor
               OR coalesce(sum(r.amount_minor) FILTER (WHERE r.status = 'succeeded'), 0) <> p.refunded_minor""",
    ),
    Invariant(
        "I12_refunds_are_their_lines",
        "a refund that says what it is for, line by line, is the sum of its lines",
        """SELECT r.id::text, r.source, r.amount_minor, s.sum FROM payments_refund r
           CROSS JOIN LATERAL (SELECT sum((line->'amount'->>'amount')::bigint) AS sum
                               FROM jsonb_array_elements(r.lines) AS line) AS s
           WHERE r.lines <> '[]' AND s.sum <> r.amount_minor AND r.created_at > recent()""",
    ),
    Invariant(
        "I16_failed_refunds_are_told",
        "a refund that failed was told, so that an operator and its guest know of the open debt",
        """SELECT r.id::text, r.failure_code FROM payments_refund r
           WHERE r.status = 'failed' AND NOT EXISTS (
             SELECT 1 FROM events_storedevent e
             WHERE e.name = 'RefundFailed' AND e.payload->>'refund_id' = r.id::text)""",
    ),
]

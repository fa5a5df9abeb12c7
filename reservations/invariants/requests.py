"""What must never be true of requests to book: their money, their time, and what the host said (I4, I10)."""

from __future__ import annotations

from airbnb.invariants import Invariant

INVARIANTS: list[Invariant] = [
    Invariant(
        "I10_requests_have_their_total_set_aside",
        "a request has exactly one payment that counts: its total is authorised and is not being let go",
        """SELECT r.code, p.status, p.amount_minor, r.total_minor FROM reservations_reservation r
           LEFT JOIN payments_payment p ON p.id = r.payment_id AND p.reservation = r.code
           WHERE r.status = 'requested' AND (
             p.id IS NULL OR p.status <> 'authorized' OR p.amount_minor <> r.total_minor
             OR p.currency <> r.currency OR p.void_wanted OR p.surplus
             OR EXISTS (SELECT FROM payments_payment o
                        WHERE o.reservation = r.code AND o.id <> p.id AND NOT o.surplus
                          AND o.status NOT IN ('declined', 'voided')))""",
    ),
    Invariant(
        "I4_requests_end",
        "no request that nobody answered stands two minutes after its time",
        """SELECT code, answer_by FROM reservations_reservation
           WHERE status = 'requested' AND accepted_at IS NULL AND answer_by < now() - interval '2 minutes'""",
    ),
    Invariant(
        "I10_acceptances_are_decided",
        "what a host accepted is being captured, and its outcome is known within ten minutes",
        """SELECT r.code, r.accepted_at, p.capture_wanted FROM reservations_reservation r
           LEFT JOIN payments_payment p ON p.id = r.payment_id
           WHERE r.status = 'requested' AND r.accepted_at IS NOT NULL
             AND (p.capture_wanted IS NOT TRUE OR r.accepted_at < now() - interval '10 minutes')""",
    ),
    Invariant(
        "I10_nothing_stands_unaccepted",
        "a stay in a room on request stands only once its host has accepted it",
        """SELECT code, status FROM reservations_reservation
           WHERE status IN ('confirmed', 'in_stay', 'completed') AND NOT instant AND accepted_at IS NULL""",
    ),
]

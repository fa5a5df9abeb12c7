"""Invariants of the bus."""

from __future__ import annotations

from airbnb.invariants import Invariant

INVARIANTS = [
    Invariant(
        "I25 deliveries are not stuck",
        "A receipt is done, waits for its next attempt, or is given up after all attempts.",
        "SELECT id, listener, attempts, next_attempt_at FROM events_delivery"
        " WHERE status = 'pending' AND next_attempt_at < now() - interval '5 minutes'",
    ),
    Invariant(
        "I25b receipts are not given up early",
        "A receipt is given up only after twelve attempts.",
        "SELECT id, listener, attempts FROM events_delivery WHERE status = 'dead' AND attempts < 12",
    ),
]

"""What must never be true of messages from gateways (I17)."""

from __future__ import annotations

from airbnb.invariants import Invariant

INVARIANTS: list[Invariant] = [
    Invariant(
        "I17_messages_are_worked_on",
        "no message of a gateway waits longer than fifteen minutes beyond its next attempt",
        """SELECT id, kind FROM payments_webhookmessage
           WHERE state = 'waiting' AND next_attempt_at < now() - interval '15 minutes'""",
    ),
]

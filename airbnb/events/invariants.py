"""What must never be true of events and their receipts (I25, I26, I31)."""

from __future__ import annotations

from airbnb.events import bus
from airbnb.invariants import Invariant


def _without_receipt() -> str:
    """Of the last hour's events, those without a receipt for a listener that already had one before.

    A listener that came with a new release has no receipts for what happened earlier, and a rolling release has
    processes that do not know it yet; so it counts from ten minutes after its first receipt.
    """
    pairs = [(each.event.__name__, each.name) for each in bus.LISTENERS.values()]
    known = ", ".join(f"('{event}', '{listener}')" for event, listener in sorted(pairs)) or "(NULL, NULL)"
    return f"""SELECT e.id, e.name, w.listener FROM (VALUES {known}) AS w(event, listener)
        CROSS JOIN LATERAL (
          SELECT s.occurred_at FROM events_delivery d JOIN events_storedevent s ON s.id = d.event_id
          WHERE d.listener = w.listener ORDER BY d.id LIMIT 1) AS first
        JOIN events_storedevent e ON e.name = w.event
          AND e.occurred_at > now() - interval '1 hour' AND e.occurred_at > first.occurred_at + interval '10 minutes'
        WHERE NOT EXISTS (SELECT 1 FROM events_delivery d WHERE d.event_id = e.id AND d.listener = w.listener)"""  # noqa: S608


INVARIANTS = [
    Invariant(
        "I25_deliveries_are_not_stuck",
        "a receipt is done, waits for its next attempt, or is given up after all attempts",
        """SELECT id, listener, attempts, next_attempt_at FROM events_delivery
           WHERE status = 'pending' AND next_attempt_at < now() - interval '5 minutes'""",
    ),
    Invariant(
        "I25_receipts_are_not_given_up_early",
        "a receipt is given up only after twelve attempts, and then not tried any more",
        """SELECT id, listener, attempts FROM events_delivery
           WHERE (status = 'dead' AND attempts < 12) OR (status = 'pending' AND attempts > 12)""",
    ),
    Invariant(
        "I25_every_listener_has_its_receipt",
        "an event has a receipt for each of its listeners",
        _without_receipt,
    ),
    Invariant(
        "I26_one_receipt_each",
        "a listener has one receipt for an event, so that its effect is taken once",
        """SELECT event_id, listener, count(*) FROM events_delivery
           GROUP BY event_id, listener HAVING count(*) > 1""",
    ),
    Invariant(
        "I31_no_receipt_waits_for_ever",
        "the next attempt of a receipt is never further away than the longest pause",
        """SELECT id, listener, next_attempt_at FROM events_delivery
           WHERE status = 'pending' AND next_attempt_at > now() + interval '15 hours'""",
    ),
    Invariant(
        "I31_nobody_idles_in_a_transaction",
        "no session has had a transaction open for more than five seconds without working in it",
        """SELECT pid, application_name, state_change FROM pg_stat_activity
           WHERE datname = current_database() AND pid <> pg_backend_pid()
             AND state LIKE 'idle in transaction%' AND state_change < now() - interval '5 seconds'""",
    ),
]

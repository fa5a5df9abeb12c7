"""What must never be true of events and their receipts (I25, I26, I31)."""

from __future__ import annotations

from airbnb.events import bus
from airbnb.invariants import Invariant


def _without_receipt() -> str:
    """The events without a receipt for a listener that had one before: a lost effect that nothing would make up for.

    A listener that came with a new release has no receipts for what happened earlier, so it counts from its first. In
    service the last hour's events are looked at, and a listener counts from ten minutes after its first receipt within
    two hours: a rolling release has processes that do not know it yet. Asked without a beginning, nothing is spared
    that receipts are kept for.
    """
    pairs = [(each.event.__name__, each.name) for each in bus.LISTENERS.values()]
    wanted = ", ".join(f"('{event}', '{listener}')" for event, listener in sorted(pairs)) or "(NULL, NULL)"
    return f"""WITH wanted (event, listener) AS (VALUES {wanted}),
          told AS (SELECT id, name, occurred_at FROM events_storedevent
            WHERE name IN (SELECT event FROM wanted) AND occurred_at > now() - {_in_full("29 days", "2 hours")}),
          known AS (SELECT d.listener, min(told.occurred_at) AS since FROM told
            JOIN events_delivery d ON d.event_id = told.id GROUP BY d.listener)
        SELECT told.id, told.name, wanted.listener FROM told JOIN wanted ON wanted.event = told.name
        JOIN known ON known.listener = wanted.listener
          AND told.occurred_at >= known.since + {_in_full("0 minutes", "10 minutes")}
        WHERE told.occurred_at > now() - {_in_full("29 days", "1 hour")} AND NOT EXISTS (
          SELECT 1 FROM events_delivery d WHERE d.event_id = told.id AND d.listener = wanted.listener)"""  # noqa: S608  (of names in our own code)


def _in_full(asked: str, in_service: str) -> str:
    """An interval: one for the check without a beginning, another for the one that looks back a while."""
    return f"CASE WHEN recent() = '-infinity' THEN interval '{asked}' ELSE interval '{in_service}' END"


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
        "I25_nothing_is_given_up",
        "no reaction is missing: what was given up waits for an operator to mend its cause and deliver it again",
        "SELECT id, listener, event_id, left(last_error, 80) AS error FROM events_delivery WHERE status = 'dead'",
    ),
    Invariant(
        "I25_every_listener_has_its_receipt",
        "an event has a receipt for each of its listeners",
        _without_receipt,
    ),
    Invariant(
        "I26_one_receipt_each",
        "a listener has one receipt for an event, so that its effect is taken once",
        """SELECT d.event_id, d.listener, count(*) FROM events_delivery d
           JOIN events_storedevent e ON e.id = d.event_id AND e.occurred_at > recent()
           GROUP BY d.event_id, d.listener HAVING count(*) > 1""",
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

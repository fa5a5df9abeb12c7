"""Faults of the bus."""

from __future__ import annotations

from tests.invariants.faults.planting import fault

ONE = "id = (SELECT max(id) FROM events_delivery WHERE status = 'done')"

FAULTS = [
    fault(
        "I25_deliveries_are_not_stuck",
        "a receipt that nobody sweeps up",
        f"UPDATE events_delivery SET status = 'pending', done_at = NULL, next_attempt_at = now() -"
        f" interval '1 hour' WHERE {ONE}",
    ),
    fault(
        "I25_receipts_are_not_given_up_early",
        "given up after three attempts",
        f"UPDATE events_delivery SET status = 'dead', done_at = NULL, attempts = 3 WHERE {ONE}",
        also=("I25_nothing_is_given_up",),
    ),
    fault(
        "I25_nothing_is_given_up",
        "a reaction that failed twelve times and waits for somebody",
        f"UPDATE events_delivery SET status = 'dead', done_at = NULL, attempts = 12 WHERE {ONE}",
    ),
    fault(
        "I25_receipts_are_not_given_up_early",
        "tried a thirteenth time",
        f"UPDATE events_delivery SET status = 'pending', done_at = NULL, attempts = 13 WHERE {ONE}",
    ),
    fault(
        "I25_every_listener_has_its_receipt",
        "an event without one of its receipts, though others of its kind have one",
        "UPDATE events_storedevent SET occurred_at = now() - interval '50 minutes' WHERE id = ("
        "SELECT event_id FROM events_delivery WHERE listener = 'notifications.reactions.tell_confirmed'"
        " ORDER BY id LIMIT 1)",
        "DELETE FROM events_delivery WHERE id = (SELECT max(id) FROM events_delivery"
        " WHERE listener = 'notifications.reactions.tell_confirmed')",
    ),
    fault(
        "I25_every_listener_has_its_receipt",
        "the newest event without one of its receipts, as a storm or a killed process might leave it",
        "DELETE FROM events_delivery WHERE id = (SELECT max(id) FROM events_delivery"
        " WHERE listener = 'notifications.reactions.tell_confirmed')",
    ),
    fault(
        "I26_one_receipt_each",
        "two receipts of one listener for one event",
        "INSERT INTO events_delivery (event_id, listener, queue, status, attempts, next_attempt_at,"
        " last_error, done_at)"
        f" SELECT event_id, listener, queue, status, attempts, next_attempt_at, '', done_at FROM"
        f" events_delivery WHERE {ONE}",
        drop=("events_delivery.delivery_once_per_listener",),
    ),
    fault(
        "I31_no_receipt_waits_for_ever",
        "a next attempt in a week",
        f"UPDATE events_delivery SET status = 'pending', done_at = NULL, next_attempt_at = now() +"
        f" interval '7 days' WHERE {ONE}",
    ),
]

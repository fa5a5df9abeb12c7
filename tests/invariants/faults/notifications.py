"""Faults of notifications."""

from __future__ import annotations

from tests.invariants.faults.planting import fault

CONFIRMED = "kind = 'reservation_confirmed' AND reservation = '{confirmed}'"
TOLD = f"(SELECT id FROM notifications_notification WHERE {CONFIRMED} AND role = 'guest')"
LETTER = f"notification_id = {TOLD} AND channel = 'email'"
HOSTS = f"(SELECT id FROM notifications_notification WHERE {CONFIRMED} AND role = 'host')"

FAULTS = [
    fault(
        "I26_told_once",
        "told the same twice",
        f"UPDATE notifications_notification SET (event_id, recipient_id) = (SELECT event_id, recipient_id"
        f" FROM notifications_notification WHERE id = {TOLD}) WHERE id = ("
        "SELECT id FROM notifications_notification WHERE kind = 'reservation_held' AND reservation = '{confirmed}')",
        drop=("notifications_notification.notification_once_per_recipient",),
    ),
    fault(
        "I26_sent_once",
        "two deliveries through one channel",
        "INSERT INTO notifications_channeldelivery (notification_id, channel, status, attempts,"
        " next_attempt_at, sent_at,"
        " last_error) SELECT notification_id, channel, status, attempts, next_attempt_at, sent_at, last_error"
        f" FROM notifications_channeldelivery WHERE {LETTER}",
        drop=("notifications_channeldelivery.channel_delivery_once",),
    ),
    fault(
        "I27_parties_are_told",
        "the guest was never told that it stands",
        "UPDATE events_delivery SET next_attempt_at = now() - interval '1 hour' WHERE id = (SELECT"
        " id FROM events_delivery"
        " WHERE listener = 'notifications.reactions.tell_confirmed' AND event_id = (SELECT event_id"
        f" FROM notifications_notification WHERE id = {TOLD}))",
        f"DELETE FROM notifications_notification WHERE id = {TOLD}",
    ),
    fault(
        "I27_what_a_booking_needs_is_written",
        "a confirmation that nobody was ever written",
        f"DELETE FROM notifications_channeldelivery WHERE {LETTER}",
    ),
    fault(
        "I27_nothing_waits_unnoticed",
        "a letter that nobody sends",
        "UPDATE notifications_channeldelivery SET status = 'failed', sent_at = NULL,"
        f" next_attempt_at = now() - interval '2 hours' WHERE {LETTER}",
    ),
    fault(
        "I27_everything_told_is_in_the_app",
        "told by letter, and not in the list",
        f"DELETE FROM notifications_channeldelivery WHERE notification_id = {TOLD} AND channel = 'in_app'",
    ),
    fault(
        "I28_only_parties_are_told",
        "an operator is told of a stay",
        f"UPDATE notifications_notification SET recipient_id = {{operator}} WHERE id = {TOLD}",
    ),
    fault(
        "I28_only_parties_are_told",
        "the host reads the guest's letter",
        f"UPDATE notifications_notification SET role = 'guest' WHERE id = {HOSTS}",
    ),
    fault(
        "I31_no_message_waits_for_ever",
        "a letter to be sent next week",
        "UPDATE notifications_channeldelivery SET status = 'failed', sent_at = NULL,"
        f" next_attempt_at = now() + interval '7 days' WHERE {LETTER}",
    ),
]

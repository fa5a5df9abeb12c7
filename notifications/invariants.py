"""What must never be true of notifications (reliability numbering: I26 to I28)."""

from __future__ import annotations

from airbnb.invariants import Invariant

INVARIANTS: list[Invariant] = [
    Invariant(
        "I26_told_once",
        "one notification per event and recipient, one delivery per channel",
        """SELECT n.event_id, n.recipient_id, d.channel FROM notifications_notification n
           JOIN notifications_channeldelivery d ON d.notification_id = n.id
           GROUP BY 1, 2, 3 HAVING count(*) > 1""",
    ),
    Invariant(
        "I27_the_booked_are_told",
        "ten minutes after a booking stands or is cancelled, guest and host have been told",
        """SELECT e.name, e.payload->>'reservation' AS reservation, who.id AS user_id FROM events_storedevent e
           CROSS JOIN LATERAL (VALUES ((e.payload->>'guest_id')::bigint), ((e.payload->>'host_id')::bigint)) AS who(id)
           JOIN accounts_user u ON u.id = who.id AND u.is_active
           LEFT JOIN notifications_notification n ON n.event_id = e.id AND n.recipient_id = who.id
           WHERE e.name IN ('ReservationConfirmed', 'ReservationCancelled') AND n.id IS NULL
             AND EXISTS (SELECT 1 FROM events_delivery d WHERE d.event_id = e.id
                         AND d.listener LIKE 'notifications.%'
                         AND d.next_attempt_at < now() - interval '10 minutes')""",
    ),
    Invariant(
        "I27_nothing_waits_unnoticed",
        "no message is due for more than an hour without an attempt",
        """SELECT d.id, d.channel, d.attempts, d.next_attempt_at FROM notifications_channeldelivery d
           WHERE d.status IN ('pending', 'failed') AND d.next_attempt_at < now() - interval '1 hour'""",
    ),
    Invariant(
        "I28_only_parties_are_told",
        "a notification about a reservation goes to its guest or its host",
        """SELECT n.id, n.reservation, n.recipient_id FROM notifications_notification n
           JOIN reservations_reservation r ON r.code = n.reservation
           WHERE n.recipient_id <> r.guest_id AND n.recipient_id <> r.host_id""",
    ),
]

"""What must never be true of notifications (I26 to I28, I31)."""

# ruff: noqa: S608  (the statements are put together from constants of this file alone)

from __future__ import annotations

from airbnb.invariants import Invariant
from notifications.kinds import EMAIL, KINDS

# Who must be told of what, by the field of the event that names them.
_MATRIX = """(VALUES ('ReservationCreated', 'guest_id'), ('ReservationExpired', 'guest_id'),
    ('ReservationRequested', 'guest_id'), ('ReservationRequested', 'host_id'), ('ReservationDeclined', 'guest_id'),
    ('ReservationConfirmed', 'guest_id'), ('ReservationConfirmed', 'host_id'),
    ('ReservationAltered', 'guest_id'), ('ReservationAltered', 'host_id'),
    ('ReservationCancelled', 'guest_id'), ('ReservationCancelled', 'host_id'),
    ('GraceGiven', 'guest_id'), ('GraceGiven', 'host_id'), ('PayoutFailed', 'host_id'), ('PayoutSent', 'host_id'),
    ('PayeeChanged', 'host_id'), ('HoldExtended', 'guest_id'), ('RequestReminderDue', 'host_id'),
    ('PaymentActionRequired', 'guest_id'), ('PaymentRefused', 'guest_id'), ('PaymentCancelled', 'guest_id'),
    ('RefundFailed', 'guest_id'), ('AlterationProposed', 'guest_id'), ('AlterationProposed', 'host_id'),
    ('AlterationAccepted', 'guest_id'), ('AlterationAccepted', 'host_id'),
    ('AlterationPayLater', 'guest_id'), ('AlterationPayable', 'guest_id'),
    ('StayStarted', 'guest_id'), ('StayStarted', 'host_id'),
    ('StayCompleted', 'guest_id'), ('StayCompleted', 'host_id')) AS who (event, field)"""

# While a gateway comes and goes these are sent as letters once in ten minutes, and shown in the app each time.
_AT_TIMES_QUIET = ("payments_unavailable", "payments_available", "alteration_pay_later", "alteration_payable")
_WRITTEN = ", ".join(
    f"'{kind.name}'"
    for kind in KINDS.values()
    if EMAIL in kind.channels and not kind.may_switch_off(EMAIL) and kind.name not in _AT_TIMES_QUIET
)

INVARIANTS: list[Invariant] = [
    Invariant(
        "I26_told_once",
        "one notification per event and recipient",
        """SELECT event_id, recipient_id, count(*) FROM notifications_notification
           WHERE created_at > recent() GROUP BY 1, 2 HAVING count(*) > 1""",
    ),
    Invariant(
        "I26_sent_once",
        "one delivery per notification and channel",
        """SELECT d.notification_id, d.channel, count(*) FROM notifications_channeldelivery d
           JOIN notifications_notification n ON n.id = d.notification_id AND n.created_at > recent()
           GROUP BY 1, 2 HAVING count(*) > 1""",
    ),
    Invariant(
        "I27_parties_are_told",
        "once a change of a reservation was delivered, everybody it concerns has been told",
        f"""SELECT e.id, e.name, e.payload->>'reservation' AS reservation, u.id AS user_id
            FROM {_MATRIX} JOIN events_storedevent e ON e.name = who.event
              AND e.occurred_at > recent()
            JOIN accounts_user u ON u.id = (e.payload->>who.field)::bigint AND u.is_active
            LEFT JOIN notifications_notification n ON n.event_id = e.id AND n.recipient_id = u.id
            WHERE n.id IS NULL AND EXISTS (
              SELECT 1 FROM events_delivery d WHERE d.event_id = e.id AND d.listener LIKE 'notifications.%'
                AND d.status <> 'dead' AND d.next_attempt_at < now() - interval '10 minutes')""",
    ),
    Invariant(
        "I27_what_a_booking_needs_is_written",
        "what must be told by letter has one: sent, waiting, or given up where operators see it",
        f"""SELECT n.id, n.kind, n.recipient_id FROM notifications_notification n
            JOIN accounts_user u ON u.id = n.recipient_id AND u.is_active AND u.email <> ''
            LEFT JOIN notifications_channeldelivery d ON d.notification_id = n.id AND d.channel = 'email'
            WHERE d.id IS NULL AND n.created_at > recent() AND n.kind IN ({_WRITTEN})""",
    ),
    Invariant(
        "I27_nothing_waits_unnoticed",
        "no message is due for more than an hour without an attempt",
        """SELECT d.id, d.channel, d.attempts, d.next_attempt_at FROM notifications_channeldelivery d
           WHERE d.status IN ('pending', 'failed') AND d.next_attempt_at < now() - interval '1 hour'""",
    ),
    Invariant(
        "I27_everything_told_is_in_the_app",
        "every notification stands in its recipient's list, and is marked as delivered there",
        """SELECT n.id, n.kind, n.recipient_id FROM notifications_notification n
           LEFT JOIN notifications_channeldelivery d
             ON d.notification_id = n.id AND d.channel = 'in_app' AND d.status = 'sent'
           WHERE d.id IS NULL AND n.created_at > recent()""",
    ),
    Invariant(
        "I28_only_parties_are_told",
        "a notification about a reservation goes to its guest or host, in that role, or to an operator as one",
        """SELECT n.id, n.reservation, n.recipient_id, n.role FROM notifications_notification n
           JOIN reservations_reservation r ON r.code = n.reservation
           JOIN accounts_user u ON u.id = n.recipient_id
           WHERE n.created_at > recent() AND NOT CASE n.role WHEN 'guest' THEN n.recipient_id = r.guest_id
                                 WHEN 'host' THEN n.recipient_id = r.host_id ELSE u.is_operator END""",
    ),
    Invariant(
        "I31_no_message_waits_for_ever",
        "the next attempt of a message is never further away than the longest pause",
        """SELECT id, channel, next_attempt_at FROM notifications_channeldelivery
           WHERE status IN ('pending', 'failed') AND next_attempt_at > now() + interval '7 hours'""",
    ),
]

"""What must never be true of states, their diary and the events that tell them (I5, I24, I29, I34)."""

# ruff: noqa: S608  (the statements are put together from constants of this file alone)

from __future__ import annotations

from airbnb.invariants import Invariant

# The event that tells each change of state. A line that keeps the state (prolonged, altered, moved) is told by others.
_TOLD_BY = """(VALUES ('', 'held', 'ReservationCreated'), ('held', 'paying', 'PaymentBegun'),
    ('paying', 'held', 'HoldResumed'), ('requested', 'held', 'HoldResumed'),
    ('paying', 'requested', 'ReservationRequested'),
    ('paying', 'confirmed', 'ReservationConfirmed'), ('requested', 'confirmed', 'ReservationConfirmed'),
    ('expired', 'confirmed', 'ReservationConfirmed'), ('held', 'expired', 'ReservationExpired'),
    ('paying', 'expired', 'ReservationExpired'), ('requested', 'expired', 'ReservationExpired'),
    ('requested', 'declined', 'ReservationDeclined'), ('requested', 'cancelled', 'ReservationCancelled'),
    ('confirmed', 'cancelled', 'ReservationCancelled'), ('in_stay', 'cancelled', 'ReservationCancelled'),
    ('confirmed', 'in_stay', 'StayStarted'), ('in_stay', 'completed', 'StayCompleted'))
    AS told (from_status, to_status, event)"""

INVARIANTS: list[Invariant] = [
    Invariant(
        "I5_only_allowed_transitions",
        "every change of state in the diary is one of the permitted ways",
        """SELECT t.reservation_id, t.from_status, t.to_status FROM reservations_transition t
           WHERE t.from_status <> t.to_status AND NOT (t.from_status = '' AND t.to_status = 'held')
             AND NOT EXISTS (SELECT 1 FROM reservations_allowedtransition a
                             WHERE a.from_status = t.from_status AND a.to_status = t.to_status)""",
    ),
    Invariant(
        "I5_diary_tells_the_state",
        "the last line of the diary is the reservation's state, and each line begins where the one before ended",
        """SELECT code, status, told, version, lines, broken FROM (
             SELECT r.code, r.status, r.version, count(t.id) AS lines,
                    max(t.to_status) FILTER (WHERE t.version = r.version) AS told,
                    coalesce(bool_or(t.from_status <> t.before), false) AS broken
             FROM reservations_reservation r LEFT JOIN (
               SELECT *, lag(to_status, 1, '') OVER (PARTITION BY reservation_id ORDER BY version) AS before
               FROM reservations_transition) t ON t.reservation_id = r.id
             GROUP BY r.id) AS diary
           WHERE told IS DISTINCT FROM status OR lines <> version OR broken""",
    ),
    Invariant(
        "I24_changes_are_told",
        "every change of state has the event that tells it, with its revision",
        f"""SELECT r.code, t.version, t.from_status, t.to_status, told.event AS missing
            FROM reservations_transition t JOIN {_TOLD_BY} USING (from_status, to_status)
            JOIN reservations_reservation r ON r.id = t.reservation_id
            LEFT JOIN events_storedevent e ON e.name = told.event AND e.payload->>'reservation' = r.code
              AND (e.payload->>'revision')::int = t.version
            WHERE e.id IS NULL""",
    ),
    Invariant(
        "I24_what_is_told_happened",
        "every event that tells a change of state has its line in the diary",
        f"""SELECT e.id, e.name, e.payload->>'reservation' AS reservation, e.payload->>'revision' AS revision
            FROM events_storedevent e
            LEFT JOIN (SELECT r.code, t.version, told.event FROM reservations_transition t
                       JOIN {_TOLD_BY} USING (from_status, to_status)
                       JOIN reservations_reservation r ON r.id = t.reservation_id) AS line
              ON line.event = e.name AND line.code = e.payload->>'reservation'
              AND line.version = (e.payload->>'revision')::int
            WHERE e.name IN (SELECT event FROM {_TOLD_BY}) AND line.code IS NULL""",
    ),
    Invariant(
        "I34_operators_sign_what_they_do",
        "a change by a person names the person, and one by an operator is signed by an operator",
        """SELECT t.reservation_id, t.version, t.actor, t.actor_id FROM reservations_transition t
           LEFT JOIN accounts_user u ON u.id = t.actor_id
           WHERE (t.actor IN ('guest', 'host', 'operator') AND u.id IS NULL)
              OR (t.actor = 'operator' AND NOT u.is_operator)""",
    ),
    Invariant(
        "I29_trips_tell_the_state",
        "once everything was delivered, the trip that people see is in the state and at the price of its reservation",
        """SELECT r.code, r.status, t.status AS shown, r.version, t.revision FROM reservations_reservation r
           LEFT JOIN reservations_trip t ON t.code = r.code
           WHERE (t.code IS NULL OR (t.status, t.check_in, t.check_out, t.total_minor, t.guest_id)
                  IS DISTINCT FROM (r.status, r.check_in, r.check_out, r.total_minor, r.guest_id))
             AND r.changed_at < now() - interval '10 minutes'
             AND NOT EXISTS (SELECT 1 FROM events_delivery d JOIN events_storedevent e ON e.id = d.event_id
                             WHERE d.status <> 'done' AND e.payload->>'reservation' = r.code)""",
    ),
]

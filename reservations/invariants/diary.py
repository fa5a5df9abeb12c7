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
        "a reservation has a line in its diary for each version, and the last one is its state",
        """SELECT r.code, r.status, r.version, diary.lines, diary.last, t.to_status AS told
           FROM reservations_reservation r
           CROSS JOIN LATERAL (SELECT count(*) AS lines, max(version) AS last
                               FROM reservations_transition WHERE reservation_id = r.id) AS diary
           LEFT JOIN reservations_transition t ON t.reservation_id = r.id AND t.version = r.version
           WHERE r.changed_at > recent() AND (diary.lines <> r.version OR diary.last IS DISTINCT FROM r.version
              OR t.to_status IS DISTINCT FROM r.status)""",
    ),
    Invariant(
        "I5_lines_follow_each_other",
        "each line of a diary begins where the one before ended",
        """SELECT t.reservation_id, t.version, t.from_status, before.to_status FROM reservations_transition t
           LEFT JOIN reservations_transition before
             ON before.reservation_id = t.reservation_id AND before.version = t.version - 1
           WHERE t.at > recent() AND t.from_status <> coalesce(before.to_status, '')""",
    ),
    Invariant(
        "I24_changes_are_told",
        "every change of state has the event that tells it, with its revision",
        f"""SELECT r.code, t.version, t.from_status, t.to_status, told.event AS missing
            FROM reservations_transition t JOIN {_TOLD_BY} USING (from_status, to_status)
            JOIN reservations_reservation r ON r.id = t.reservation_id
            LEFT JOIN events_storedevent e ON e.name = told.event AND e.payload->>'reservation' = r.code
              AND (e.payload->>'revision')::int = t.version AND e.occurred_at > recent() - interval '1 day'
            WHERE e.id IS NULL AND t.at > recent()""",
    ),
    Invariant(
        "I24_what_is_told_happened",
        "every event that tells a change of state has its line in the diary",
        f"""SELECT e.id, e.name, e.payload->>'reservation' AS reservation, e.payload->>'revision' AS revision
            FROM events_storedevent e
            LEFT JOIN (SELECT r.code, t.version, told.event FROM reservations_transition t
                       JOIN {_TOLD_BY} USING (from_status, to_status)
                       JOIN reservations_reservation r ON r.id = t.reservation_id
                       WHERE t.at > recent() - interval '1 day' OR r.changed_at > recent()) AS line
              ON line.event = e.name AND line.code = e.payload->>'reservation'
              AND line.version = (e.payload->>'revision')::int
            WHERE e.name IN (SELECT event FROM {_TOLD_BY}) AND e.occurred_at > recent() AND line.code IS NULL""",
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
             AND r.changed_at > recent() AND r.changed_at < now() - interval '10 minutes'
             AND NOT EXISTS (SELECT 1 FROM events_delivery d JOIN events_storedevent e ON e.id = d.event_id
                             WHERE d.status = 'pending' AND d.listener LIKE 'reservations.projections.%'
                               AND e.payload->>'reservation' = r.code)""",
    ),
]

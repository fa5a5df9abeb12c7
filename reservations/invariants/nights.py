"""What must never be true of the nights of reservations (I1 to I4, I6, I8)."""

# ruff: noqa: S608  (the statements are put together from constants of this file alone)

from __future__ import annotations

from airbnb.invariants import Invariant

_LIVE = "('held', 'paying', 'requested', 'confirmed', 'in_stay')"

# Each night that a living reservation should have, with the row that is there for it, if any.
_SHOULD_HAVE = f"""reservations_reservation r
    CROSS JOIN LATERAL generate_series(0, r.check_out - r.check_in - 1) AS number
    LEFT JOIN rooms_night n ON n.room_id = r.room_id AND n.night = r.check_in + number
    WHERE r.status IN {_LIVE}"""

INVARIANTS: list[Invariant] = [
    Invariant(
        "I1_stays_do_not_overlap",
        "no two living reservations of one room share a night",
        f"""SELECT code, room_id, check_in, busy_until FROM (
              SELECT code, room_id, check_in, max(check_out) OVER (
                PARTITION BY room_id ORDER BY check_in, id
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS busy_until
              FROM reservations_reservation WHERE status IN {_LIVE}) AS in_order
            WHERE check_in < busy_until""",
    ),
    Invariant(
        "I2_nobody_closed_a_night_under_a_stay",
        "no night of a living reservation is closed by the host or taken elsewhere",
        f"SELECT r.code, n.night, n.kind FROM {_SHOULD_HAVE} AND n.kind <> 'reserved'",
    ),
    Invariant(
        "I3_nights_are_the_stays",
        "a living reservation has every one of its nights in the calendar",
        f"""SELECT r.code, r.check_in + number AS missing, n.reservation AS instead FROM {_SHOULD_HAVE}
              AND (n.room_id IS NULL OR (n.kind = 'reserved' AND n.reservation <> r.code))""",
    ),
    Invariant(
        "I3_nights_have_a_living_stay",
        "a reserved night belongs to a living reservation or its open alteration, and lies within its dates",
        f"""SELECT n.room_id, n.night, n.reservation FROM rooms_night n
            LEFT JOIN reservations_reservation r ON r.code = n.reservation AND r.room_id = n.room_id
              AND r.status IN {_LIVE} AND n.night >= r.check_in AND n.night < r.check_out
            WHERE n.kind = 'reserved' AND r.id IS NULL AND NOT EXISTS (
              SELECT 1 FROM reservations_alteration a JOIN reservations_reservation o ON o.id = a.reservation_id
              WHERE a.code = n.reservation AND o.room_id = n.room_id AND a.status IN ('proposed', 'accepted', 'paying')
                AND n.night >= a.check_in AND n.night < a.check_out
                AND NOT (n.night >= a.old_check_in AND n.night < a.old_check_out))""",
    ),
    Invariant(
        "I3_settled_nights_are_paid",
        "nights are settled exactly while their reservation stands",
        """SELECT n.room_id, n.night, r.code, r.status FROM rooms_night n
           JOIN reservations_reservation r ON r.code = n.reservation
           WHERE n.kind = 'reserved' AND n.settled <> (r.status IN ('confirmed', 'in_stay'))""",
    ),
    Invariant(
        "I4_holds_end",
        "no hold stands two minutes after its time",
        """SELECT code, hold_expires_at FROM reservations_reservation
           WHERE status = 'held' AND hold_expires_at < now() - interval '2 minutes'""",
    ),
    Invariant(
        "I4_stays_begin_and_end",
        "ten minutes after its check-in a stay has begun, and after its check-out it is completed",
        """SELECT code, status, check_in_at, check_out_at FROM reservations_reservation
           WHERE (status = 'confirmed' AND check_in_at < now() - interval '10 minutes')
              OR (status = 'in_stay' AND check_out_at < now() - interval '10 minutes')""",
    ),
    Invariant(
        "I6_stays_have_nights_ahead",
        "a stay has nights, and was not booked for a day that was already over in the room's zone",
        """SELECT code, check_in, check_out, created_at FROM reservations_reservation
           WHERE changed_at > recent()
             AND (check_out <= check_in OR check_in < (created_at AT TIME ZONE time_zone)::date)""",
    ),
    Invariant(
        "I8_few_open_holds",
        "a guest has at most three open holds",
        """SELECT guest_id, count(*) AS holds FROM reservations_reservation
           WHERE status = 'paying' OR (status = 'held' AND hold_expires_at > now())
           GROUP BY guest_id HAVING count(*) > 3""",
    ),
    Invariant(
        "I8_one_open_hold_per_room",
        "a guest holds a room once at a time",
        """SELECT guest_id, room_id, count(*) AS holds FROM reservations_reservation
           WHERE status IN ('held', 'paying') GROUP BY guest_id, room_id HAVING count(*) > 1""",
    ),
]

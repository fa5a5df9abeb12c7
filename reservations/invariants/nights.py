"""What must never be true of the nights of reservations (I1 to I4, I6, I8)."""

# ruff: noqa: S608  (the statements are put together from constants of this file alone)

from __future__ import annotations

from airbnb.invariants import Invariant

_LIVE = "('held', 'paying', 'requested', 'confirmed', 'in_stay')"

INVARIANTS: list[Invariant] = [
    Invariant(
        "I1_stays_do_not_overlap",
        "no two living reservations of one room share a night",
        f"""SELECT a.code, b.code AS other FROM reservations_reservation a
            JOIN reservations_reservation b ON a.room_id = b.room_id AND a.id < b.id
            WHERE a.status IN {_LIVE} AND b.status IN {_LIVE}
              AND a.check_in < b.check_out AND b.check_in < a.check_out""",
    ),
    Invariant(
        "I3_nights_are_the_stays",
        "a living reservation has exactly its nights in the calendar",
        f"""SELECT r.code, day::date AS missing FROM reservations_reservation r
            CROSS JOIN LATERAL generate_series(r.check_in, r.check_out - 1, interval '1 day') AS day
            LEFT JOIN rooms_night n ON n.room_id = r.room_id AND n.night = day::date
              AND n.kind = 'reserved' AND n.reservation = r.code
            WHERE r.status IN {_LIVE} AND n.room_id IS NULL""",
    ),
    Invariant(
        "I3_nights_have_a_living_stay",
        "a reserved night belongs to a living reservation and lies within its dates",
        f"""SELECT n.room_id, n.night, n.reservation FROM rooms_night n
            LEFT JOIN reservations_reservation r ON r.code = n.reservation AND r.room_id = n.room_id
              AND r.status IN {_LIVE} AND n.night >= r.check_in AND n.night < r.check_out
            WHERE n.kind = 'reserved' AND r.id IS NULL""",
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
        "I6_stays_have_nights_ahead",
        "a stay has nights, and was not booked for a day that was already over in the room's zone",
        """SELECT code, check_in, check_out, created_at FROM reservations_reservation
           WHERE check_out <= check_in OR check_in < (created_at AT TIME ZONE time_zone)::date""",
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

"""What must never be true of reservations, their nights and their money (reliability.md numbering: I1 to I12)."""

# ruff: noqa: S608  (only the two constants below are filled in)

from __future__ import annotations

from airbnb.invariants import Invariant

_LIVE = "('held', 'paying', 'requested', 'confirmed', 'in_stay')"
_STANDING = "('confirmed', 'in_stay', 'completed')"

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
                    (array_agg(t.to_status ORDER BY t.version DESC))[1] AS told,
                    coalesce(bool_or(t.from_status <> t.before), false) AS broken
             FROM reservations_reservation r LEFT JOIN (
               SELECT *, lag(to_status, 1, '') OVER (PARTITION BY reservation_id ORDER BY version) AS before
               FROM reservations_transition) t ON t.reservation_id = r.id
             GROUP BY r.id) AS diary
           WHERE told IS DISTINCT FROM status OR lines <> version OR broken""",
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
    Invariant(
        "I10_nothing_stands_unpaid",
        "a confirmed reservation has one payment that captured exactly its total, in its currency",
        f"""SELECT r.code, r.status, r.total_minor, p.captured_minor FROM reservations_reservation r
            LEFT JOIN payments_payment p ON p.id = r.payment_id AND p.reservation = r.code
            WHERE r.status IN {_STANDING} AND (
              p.id IS NULL OR p.captured_minor <> r.total_minor OR p.currency <> r.currency
              OR r.captured_minor <> r.total_minor)""",
    ),
    Invariant(
        "I11_no_money_without_a_stay",
        "captured money either has its reservation standing, or what is due of it goes back within ten minutes",
        """SELECT p.id, p.reservation, p.captured_minor, p.promised_minor, r.status FROM payments_payment p
            LEFT JOIN reservations_reservation r ON r.code = p.reservation
            WHERE p.captured_minor > 0 AND p.decided_at < now() - interval '10 minutes' AND (
              r.id IS NULL
              OR (r.payment_id IS DISTINCT FROM p.id AND p.promised_minor <> p.captured_minor)
              OR (r.payment_id = p.id AND r.status NOT IN ('cancelled', 'confirmed', 'in_stay', 'completed')
                  AND p.promised_minor <> p.captured_minor)
              OR (r.payment_id = p.id AND r.status = 'cancelled' AND p.promised_minor < r.refund_due_minor
                  AND r.cancelled_at < now() - interval '10 minutes'))""",
    ),
    Invariant(
        "I12_lines_are_the_total",
        "the agreed lines sum to the total, in one currency, and the quote was good when the hold was made",
        """SELECT r.code, r.total_minor, s.sum FROM reservations_reservation r
           CROSS JOIN LATERAL (
             SELECT coalesce(sum((line->'amount'->>'amount')::bigint), 0) AS sum,
                    bool_and(line->'amount'->>'currency' = r.currency) AS same
             FROM jsonb_array_elements(r.lines) AS line) AS s
           WHERE s.sum <> r.total_minor OR s.same IS NOT TRUE OR r.quoted_until < r.created_at""",
    ),
    Invariant(
        "I12_refund_within_paid",
        "a refund due is the sum of its lines and never more than was paid",
        """SELECT r.code, r.refund_due_minor, s.sum FROM reservations_reservation r
           CROSS JOIN LATERAL (
             SELECT coalesce(sum((line->'amount'->>'amount')::bigint), 0) AS sum
             FROM jsonb_array_elements(r.refund_lines) AS line) AS s
           WHERE r.status = 'cancelled' AND (
             r.refund_due_minor <> s.sum OR r.refund_due_minor > r.captured_minor)""",
    ),
]

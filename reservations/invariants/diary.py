"""What must never be true of states and their diary (I5)."""

from __future__ import annotations

from airbnb.invariants import Invariant

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
                    (array_agg(t.to_status ORDER BY t.version DESC))[1] AS told,
                    coalesce(bool_or(t.from_status <> t.before), false) AS broken
             FROM reservations_reservation r LEFT JOIN (
               SELECT *, lag(to_status, 1, '') OVER (PARTITION BY reservation_id ORDER BY version) AS before
               FROM reservations_transition) t ON t.reservation_id = r.id
             GROUP BY r.id) AS diary
           WHERE told IS DISTINCT FROM status OR lines <> version OR broken""",
    ),
]

"""What must never be true of alterations: their nights, their money, and the stay that they made."""

from __future__ import annotations

from airbnb.invariants import Invariant

INVARIANTS: list[Invariant] = [
    Invariant(
        "I3_altered_nights_are_kept",
        "an open alteration has exactly the nights that it adds, under its own code",
        """SELECT a.code, day::date AS missing FROM reservations_alteration a
           JOIN reservations_reservation r ON r.id = a.reservation_id
           CROSS JOIN LATERAL generate_series(a.check_in, a.check_out - 1, interval '1 day') AS day
           LEFT JOIN rooms_night n ON n.room_id = r.room_id AND n.night = day::date
             AND n.kind = 'reserved' AND n.reservation = a.code AND NOT n.settled
           WHERE a.status IN ('proposed', 'accepted', 'paying') AND n.room_id IS NULL
             AND NOT (day::date >= a.old_check_in AND day::date < a.old_check_out)""",
    ),
    Invariant(
        "I4_alterations_end",
        "no alteration waits two minutes after its time, nor beside a reservation that stands no more",
        """SELECT a.code, a.status, r.status AS reservation, a.expires_at FROM reservations_alteration a
           JOIN reservations_reservation r ON r.id = a.reservation_id
           WHERE (a.status IN ('proposed', 'accepted') AND a.expires_at < now() - interval '2 minutes')
              OR (a.status IN ('proposed', 'accepted', 'paying') AND r.status NOT IN ('confirmed', 'in_stay'))""",
    ),
    Invariant(
        "I5_an_open_alteration_starts_from_the_stay",
        "what an open alteration would change is the stay as it is",
        """SELECT a.code, r.code AS reservation FROM reservations_alteration a
           JOIN reservations_reservation r ON r.id = a.reservation_id
           WHERE a.status IN ('proposed', 'accepted', 'paying')
             AND (a.old_check_in, a.old_check_out, a.old_guests, a.old_total_minor, a.old_host_payout_minor)
                 IS DISTINCT FROM (r.check_in, r.check_out, r.guests, r.total_minor, r.host_payout_minor)""",
    ),
    Invariant(
        "I5_the_last_alteration_is_the_stay",
        "a reservation has the terms of its latest applied alteration",
        """SELECT r.code, a.code AS alteration FROM (
             SELECT DISTINCT ON (reservation_id) * FROM reservations_alteration WHERE status = 'applied'
             ORDER BY reservation_id, applied_revision DESC) AS a
           JOIN reservations_reservation r ON r.id = a.reservation_id
           WHERE (a.check_in, a.check_out, a.guests, a.total_minor, a.host_payout_minor, a.lines::jsonb)
                 IS DISTINCT FROM (r.check_in, r.check_out, r.guests, r.total_minor, r.host_payout_minor,
                                   r.lines::jsonb) OR a.applied_revision > r.version""",
    ),
    Invariant(
        "I10_differences_are_paid",
        "an applied alteration that costs more has a payment that captured exactly the difference",
        """SELECT a.code, a.difference_minor, p.captured_minor FROM reservations_alteration a
           JOIN reservations_reservation r ON r.id = a.reservation_id
           LEFT JOIN payments_payment p ON p.id = a.payment_id AND p.reservation = r.code
             AND p.purpose = 'alteration:' || a.code
           WHERE a.status = 'applied' AND a.difference_minor > 0
             AND (p.id IS NULL OR p.captured_minor <> a.difference_minor OR p.currency <> a.currency)""",
    ),
    Invariant(
        "I11_differences_go_back",
        "what alterations gave back is the sum of their negative differences, and is promised within ten minutes",
        """SELECT r.code, r.returned_minor, s.returned, m.promised FROM reservations_reservation r
           LEFT JOIN (SELECT reservation_id, sum(greatest(-difference_minor, 0)) AS returned, max(decided_at) AS at
                      FROM reservations_alteration WHERE status = 'applied' GROUP BY 1) AS s ON s.reservation_id = r.id
           LEFT JOIN LATERAL (
             SELECT coalesce(sum(promised_minor), 0) AS promised FROM payments_payment
             WHERE r.returned_minor > 0 AND reservation = r.code AND captured_minor > 0) AS m ON r.returned_minor > 0
           WHERE r.changed_at > recent() AND (r.returned_minor <> coalesce(s.returned, 0)
              OR (r.returned_minor > 0 AND m.promised < r.returned_minor AND s.at < now() - interval '10 minutes'))""",
    ),
    Invariant(
        "I12_altered_lines_are_the_total",
        "the lines of an alteration sum to its total, and its difference is new less old",
        """SELECT a.code, a.total_minor, s.sum FROM reservations_alteration a
           CROSS JOIN LATERAL (
             SELECT coalesce(sum((line->'amount'->>'amount')::bigint), 0) AS sum,
                    bool_and(line->'amount'->>'currency' = a.currency) AS same
             FROM jsonb_array_elements(a.lines) AS line) AS s
           WHERE s.sum <> a.total_minor OR s.same IS NOT TRUE
              OR a.difference_minor <> a.total_minor - a.old_total_minor""",
    ),
]

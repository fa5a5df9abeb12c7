"""What must never be true of rooms, their nights and the read models made from them."""

from __future__ import annotations

from airbnb.invariants import Invariant

INVARIANTS: list[Invariant] = [
    Invariant(
        "I2_nights_have_one_holder",
        "a night of a room is taken once",
        "SELECT room_id, night FROM rooms_night GROUP BY room_id, night HAVING count(*) > 1",
    ),
    Invariant(
        "I2_no_stays_ahead_in_rooms_taken_down",
        "a room that was taken down has no reserved night ahead",
        """SELECT r.code, n.night, n.reservation FROM rooms_room r JOIN rooms_night n ON n.room_id = r.id
           WHERE r.status = 'archived' AND n.kind = 'reserved'
             AND n.night >= (now() AT TIME ZONE r.time_zone)::date""",
    ),
    Invariant(
        "I2_nights_are_named",
        "a night that is not reserved belongs to nobody, and only a reserved one is settled",
        """SELECT room_id, night, kind, reservation FROM rooms_night
           WHERE (kind = 'reserved') <> (reservation <> '') AND kind <> 'preparation'
              OR (settled AND kind <> 'reserved')""",
    ),
    Invariant(
        "I29_stays_of_rooms_tell_the_state",
        "once everything was delivered, the host's view of a stay is in the state of its reservation",
        """SELECT r.code, r.status, s.status AS shown, r.version, s.revision FROM reservations_reservation r
           LEFT JOIN rooms_roomstay s ON s.reservation = r.code
           WHERE (s.reservation IS NULL OR (s.status, s.room_id, s.check_in, s.check_out)
                  IS DISTINCT FROM (r.status, r.room_id, r.check_in, r.check_out))
             AND r.changed_at > recent() AND r.changed_at < now() - interval '10 minutes'
             AND NOT EXISTS (SELECT 1 FROM events_delivery d JOIN events_storedevent e ON e.id = d.event_id
                             WHERE d.status <> 'done' AND e.payload->>'reservation' = r.code)""",
    ),
    Invariant(
        "I33_photographs_are_worked_on",
        "an hour after it was given a photograph is shown in all sizes or refused",
        """SELECT p.code, p.state, p.attempts FROM rooms_photo p
           WHERE (p.state = 'processing' AND p.added_at < now() - interval '1 hour')
              OR (p.state = 'ready' AND NOT p.sizes ?& ARRAY['480', '960', '1600'])""",
    ),
    Invariant(
        "I34_what_is_shown_has_an_owner",
        "every room that strangers see belongs to a host",
        """SELECT r.code, r.host_id FROM rooms_room r LEFT JOIN accounts_user u ON u.id = r.host_id
           WHERE r.status = 'listed' AND u.is_host IS NOT TRUE""",
    ),
    Invariant(
        "I29_search_calendar_is_the_nights",
        "the bits of the search calendar are exactly the taken nights",
        """SELECT s.room_id FROM rooms_searchindex s
           CROSS JOIN LATERAL (
               SELECT count(*) AS taken FROM rooms_night n WHERE n.room_id = s.room_id
                 AND n.night >= s.starts_on AND n.night < s.starts_on + length(s.calendar)) AS nights
           CROSS JOIN LATERAL (
               SELECT count(*) AS marked FROM rooms_night n WHERE n.room_id = s.room_id
                 AND n.night >= s.starts_on AND n.night < s.starts_on + length(s.calendar)
                 AND get_bit(s.calendar, n.night - s.starts_on) = 1) AS bits
           WHERE nights.taken <> bits.marked OR bit_count(s.calendar) <> nights.taken""",
    ),
    Invariant(
        "I29_search_terms_are_the_rooms",
        "the search knows every room by its present terms",
        """SELECT r.code FROM rooms_room r LEFT JOIN rooms_searchindex s ON s.room_id = r.id
           WHERE s.room_id IS NULL
              OR (s.listed, s.city, s.kind, s.capacity, s.base_price_minor, s.weekend_price_minor,
                  s.cleaning_fee_minor, s.min_nights, s.max_nights, s.instant_book, s.time_zone, s.check_in_from)
                 IS DISTINCT FROM
                 (r.status = 'listed', r.city, r.kind, r.capacity::int, r.base_price_minor,
                  coalesce(r.weekend_price_minor, r.base_price_minor),
                  r.cleaning_fee_minor, r.min_nights, r.max_nights, r.instant_book, r.time_zone, r.check_in_from)
              OR s.has_day_rules <> EXISTS (SELECT FROM rooms_dayrule d WHERE d.room_id = r.id)
              OR s.has_discounts <> EXISTS (SELECT FROM rooms_discountrule d WHERE d.room_id = r.id)""",
    ),
    Invariant(
        "I30_counts_are_the_published_reviews",
        "review count and sum of a room are those of its published reviews",
        """SELECT v.room_id, v.review_count, v.rating_sum FROM rooms_roomview v
           LEFT JOIN rooms_roomreview w ON w.room_id = v.room_id AND NOT w.deleted
           GROUP BY v.room_id
           HAVING v.review_count <> count(w.review_id) OR v.rating_sum <> coalesce(sum(w.rating), 0)""",
    ),
]

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
                  s.cleaning_fee_minor, s.min_nights, s.max_nights, s.instant_book, s.time_zone)
                 IS DISTINCT FROM
                 (r.status = 'listed', r.city, r.kind, r.capacity::int, r.base_price_minor,
                  coalesce(r.weekend_price_minor, r.base_price_minor),
                  r.cleaning_fee_minor, r.min_nights, r.max_nights, r.instant_book, r.time_zone)
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

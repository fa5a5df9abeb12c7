"""Faults of rooms, their nights and their read models."""

from __future__ import annotations

from tests.invariants.faults.planting import fault

FAULTS = [
    fault(
        "I2_nights_have_one_holder",
        "a night taken twice",
        "INSERT INTO rooms_night (room_id, night, kind, reservation, settled, note, taken_at)"
        " SELECT room_id, night, kind, reservation, settled, note, taken_at FROM rooms_night"
        " WHERE room_id = {room} AND night = '{closed}'",
        drop=("rooms_night.rooms_night_pkey",),
        also=("I29_search_calendar_is_the_nights",),
    ),
    fault(
        "I2_no_stays_ahead_in_rooms_taken_down",
        "a room with stays ahead taken down",
        "UPDATE rooms_room SET status = 'archived' WHERE id = {room}",
        "UPDATE rooms_searchindex SET listed = false WHERE room_id = {room}",
    ),
    fault(
        "I2_nights_are_named",
        "a closed night that is settled",
        "UPDATE rooms_night SET settled = true WHERE room_id = {room} AND night = '{closed}'",
        drop=("rooms_night.night_settled_is_reserved",),
    ),
    fault(
        "I29_search_calendar_is_the_nights",
        "a free night that search shows as taken",
        "UPDATE rooms_searchindex SET calendar = set_bit(calendar, 700, 1) WHERE room_id = {room}",
    ),
    fault(
        "I29_search_terms_are_the_rooms",
        "search knows an old price",
        "UPDATE rooms_searchindex SET base_price_minor = base_price_minor + 1 WHERE room_id = {room}",
    ),
    fault(
        "I29_stays_of_rooms_tell_the_state",
        "the host's board has forgotten a stay",
        "UPDATE reservations_reservation SET changed_at = now() - interval '1 hour' WHERE code = '{confirmed}'",
        "DELETE FROM rooms_roomstay WHERE reservation = '{confirmed}'",
    ),
    fault(
        "I30_counts_are_the_published_reviews",
        "one review more than there are",
        "UPDATE rooms_roomview SET review_count = review_count + 1 WHERE room_id = {room}",
    ),
    fault(
        "I33_photographs_are_worked_on",
        "a photograph that nobody works on",
        "UPDATE rooms_photo SET state = 'processing', added_at = now() - interval '2 hours' WHERE code = '{photo}'",
    ),
    fault(
        "I33_photographs_are_worked_on",
        "a photograph shown without its largest size",
        "UPDATE rooms_photo SET sizes = sizes - '1600' WHERE code = '{photo}'",
    ),
    fault(
        "I34_what_is_shown_has_an_owner",
        "a listed room of somebody who lets none",
        "UPDATE rooms_room SET host_id = {guest} WHERE id = {room}",
    ),
]

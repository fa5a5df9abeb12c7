"""Faults of alterations."""

from __future__ import annotations

from tests.invariants.faults.planting import fault

FAULTS = [
    fault(
        "I3_altered_nights_are_kept",
        "a night that was proposed is free",
        "DELETE FROM rooms_night WHERE reservation = '{proposal}' AND night = ("
        "SELECT check_in FROM reservations_alteration WHERE code = '{proposal}')",
        also=("I29_search_calendar_is_the_nights",),
    ),
    fault(
        "I4_alterations_end",
        "a proposal that nobody ended",
        "UPDATE reservations_alteration SET expires_at = now() - interval '1 hour' WHERE code = '{proposal}'",
    ),
    fault(
        "I5_an_open_alteration_starts_from_the_stay",
        "a proposal for other guests than there are",
        "UPDATE reservations_alteration SET old_guests = old_guests + 1 WHERE code = '{proposal}'",
    ),
    fault(
        "I5_the_last_alteration_is_the_stay",
        "an alteration that was agreed and not made",
        "UPDATE reservations_reservation SET guests = guests + 1 WHERE code = '{altered}'",
    ),
    fault(
        "I10_differences_are_paid",
        "a longer stay whose difference is another payment's",
        "UPDATE payments_payment SET purpose = 'alteration:nothing' WHERE reservation = '{altered}'"
        " AND purpose <> 'booking'",
    ),
    fault(
        "I11_differences_go_back",
        "a shorter stay of which nothing went back",
        "UPDATE reservations_reservation SET returned_minor = returned_minor - 1, captured_minor = captured_minor - 1"
        " WHERE code = '{shorter}'",
        also=("I10_nothing_stands_unpaid",),
    ),
    fault(
        "I12_altered_lines_are_the_total",
        "a proposal whose lines are not its total",
        "UPDATE reservations_alteration SET total_minor = total_minor + 1, difference_minor = difference_minor + 1"
        " WHERE code = '{proposal}'",
    ),
]

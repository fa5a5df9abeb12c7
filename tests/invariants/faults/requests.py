"""Faults of requests to book: their money, their time, and what the host said."""

from __future__ import annotations

from tests.invariants.faults.planting import fault

FAULTS = [
    fault(
        "I10_requests_have_their_total_set_aside",
        "a request whose money is being let go",
        "UPDATE payments_payment SET void_wanted = true WHERE reservation = '{asked}'",
    ),
    fault(
        "I10_requests_have_their_total_set_aside",
        "a request with less set aside than it costs",
        "UPDATE payments_payment SET amount_minor = amount_minor - 1 WHERE reservation = '{asked}'",
    ),
    fault(
        "I10_requests_have_their_total_set_aside",
        "a request whose money was voided",
        "UPDATE payments_payment SET status = 'voided' WHERE reservation = '{asked}'",
    ),
    fault(
        "I4_requests_end",
        "a request that nobody ended",
        "UPDATE reservations_reservation SET answer_by = now() - interval '3 minutes' WHERE code = '{asked}'",
    ),
    fault(
        "I4_dead_reservations_let_go_of_cards",
        "a declined request that keeps its money set aside",
        "UPDATE reservations_reservation SET changed_at = now() - interval '1 hour' WHERE code = '{declined_request}'",
        "UPDATE payments_payment SET status = 'authorized', void_wanted = false"
        " WHERE reservation = '{declined_request}'",
    ),
    fault(
        "I10_acceptances_are_decided",
        "an acceptance without the intent to capture",
        "UPDATE reservations_reservation SET accepted_at = now(), accepted_by_id = host_id WHERE code = '{asked}'",
    ),
    fault(
        "I10_acceptances_are_decided",
        "a capture whose outcome nobody found out",
        "UPDATE reservations_reservation SET accepted_at = now() - interval '11 minutes', accepted_by_id = host_id"
        " WHERE code = '{asked}'",
        "UPDATE payments_payment SET capture_wanted = true WHERE reservation = '{asked}'",
    ),
    fault(
        "I10_nothing_stands_unaccepted",
        "a stay on request that its host never accepted",
        "UPDATE reservations_reservation SET instant = false WHERE code = '{confirmed}'",
        drop=("reservations_reservation.reservation_stands_only_accepted",),
    ),
]

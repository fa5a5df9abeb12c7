"""Faults of reservations: their nights, their diary, what was told, and their money."""

from __future__ import annotations

from tests.invariants.faults.planting import fault

NIGHT = "FROM rooms_night WHERE reservation = '{confirmed}' AND night = '{check_in}'"
UNTOLD = ("I24_changes_are_told",)


def also_held(number: int, room: str) -> str:
    """SQL for one more hold of the guest, in a room without a calendar: only the count of holds sees it."""
    columns = (
        "version, status, guest_id, host_id, room_code, room_slug, room_title_i18n, room_cover, check_in, check_out,"
        " check_in_at, check_out_at, time_zone, guests, lines, total_minor, host_payout_minor, currency,"
        " cancellation_policy, house_rules_i18n, quoted_until, hold_expires_at, pay_later, captured_minor,"
        " contact_name, contact_phone, message, created_at, cancelled_by, cancel_reason, refund_due_minor,"
        " refund_rule, refund_lines, changed_at, changed_by, changed_why, changed_under"
    )
    return (
        f"INSERT INTO reservations_reservation (code, room_id, {columns})"
        f" SELECT 'BBX{number}', {room}, {columns} FROM reservations_reservation WHERE code = '{{held}}'"
    )


# A hold that was written by hand has neither nights nor a diary nor an event.
BY_HAND = ("I3_nights_are_the_stays", "I5_diary_tells_the_state")

FAULTS = [
    fault(
        "I1_stays_do_not_overlap",
        "a hold moved over a confirmed stay",
        "UPDATE reservations_reservation SET check_in = '{check_in}', check_out = '{check_out}' WHERE code = '{held}'",
        also=("I3_nights_are_the_stays", "I3_nights_have_a_living_stay"),
    ),
    fault(
        "I2_nobody_closed_a_night_under_a_stay",
        "the host closes a night of a stay",
        f"UPDATE rooms_night SET kind = 'blocked', reservation = '', settled = false"
        f" {NIGHT.removeprefix('FROM rooms_night')}",
    ),
    fault(
        "I3_nights_are_the_stays",
        "a night of a stay is free",
        f"DELETE {NIGHT}",
        also=("I29_search_calendar_is_the_nights",),
    ),
    fault(
        "I3_nights_have_a_living_stay",
        "a night kept for nobody",
        "INSERT INTO rooms_night (room_id, night, kind, reservation, settled, note, taken_at)"
        " VALUES ({gone}, current_date - 30, 'reserved', '{expired}', false, '', now())",
    ),
    fault(
        "I3_settled_nights_are_paid",
        "a night of a stay that stands is as if only held",
        f"UPDATE rooms_night SET settled = false {NIGHT.removeprefix('FROM rooms_night')}",
    ),
    fault(
        "I4_holds_end",
        "a hold that nobody ended",
        "UPDATE reservations_reservation SET hold_expires_at = now() - interval '3 minutes' WHERE code = '{held}'",
    ),
    fault(
        "I4_stays_begin_and_end",
        "a stay that never ends",
        "UPDATE reservations_reservation SET check_in_at = now() - interval '2 days',"
        " check_out_at = now() - interval '1 hour' WHERE code = '{staying}'",
    ),
    fault(
        "I4_dead_reservations_let_go_of_cards",
        "money set aside for an expired hold",
        "UPDATE reservations_reservation SET changed_at = now() - interval '1 hour' WHERE code = '{expired}'",
        "UPDATE payments_payment SET reservation = '{expired}' WHERE reservation = '{paying}'",
        also=("I10_paying_waits_for_a_payment",),
    ),
    fault(
        "I5_only_allowed_transitions",
        "a stay confirmed without being paid",
        "UPDATE reservations_transition SET from_status = 'held' WHERE reservation_id = {confirmed_id} AND version = 3",
        also=("I5_lines_follow_each_other", "I24_what_is_told_happened"),
    ),
    fault(
        "I5_diary_tells_the_state",
        "a gap in the diary",
        "DELETE FROM reservations_transition WHERE reservation_id = {confirmed_id} AND version = 2",
        also=("I5_lines_follow_each_other", "I24_what_is_told_happened"),
    ),
    fault(
        "I5_lines_follow_each_other",
        "a line that begins elsewhere",
        "UPDATE reservations_transition SET from_status = 'paying', to_status = 'held'"
        " WHERE reservation_id = (SELECT id FROM reservations_reservation WHERE code = '{held}') AND version = 2",
        also=("I24_changes_are_told",),
    ),
    fault(
        "I5_diary_tells_the_state",
        "a state that nobody wrote down",
        "UPDATE reservations_reservation SET version = version + 1 WHERE code = '{confirmed}'",
    ),
    fault(
        "I6_stays_have_nights_ahead",
        "booked for a day that was over",
        "UPDATE reservations_reservation SET created_at = check_in + interval '2 days',"
        " quoted_until = check_in + interval '3 days' WHERE code = '{held}'",
    ),
    fault(
        "I8_few_open_holds",
        "four open holds",
        *(also_held(number, str(99000 + number)) for number in range(3)),
        also=BY_HAND,
    ),
    fault(
        "I8_one_open_hold_per_room",
        "the same room held twice",
        also_held(9, "room_id").replace("room_id, {columns}", "room_id"),
        drop=("reservations_reservation.reservation_one_open_hold_per_room",),
        also=("I1_stays_do_not_overlap", *BY_HAND),
    ),
    fault(
        "I10_nothing_stands_unpaid",
        "a stay whose payment is another's",
        "UPDATE reservations_reservation SET payment_id = '00000000-0000-7000-8000-000000000000'"
        " WHERE code = '{confirmed}'",
    ),
    fault(
        "I10_nothing_stands_unpaid",
        "a stay that cost more than was taken",
        "UPDATE reservations_reservation SET total_minor = total_minor + 1, lines = jsonb_set(lines,"
        " '{{0,amount,amount}}', to_jsonb((lines->0->'amount'->>'amount')::bigint + 1)) WHERE code = '{confirmed}'",
        drop=("reservations_reservation.reservation_stands_only_paid",),
    ),
    fault(
        "I10_paying_waits_for_a_payment",
        "paying, and the payment was declined",
        "UPDATE payments_payment SET status = 'declined' WHERE reservation = '{paying}'",
    ),
    fault(
        "I11_no_money_without_a_stay",
        "money for a hold that expired is kept",
        "UPDATE payments_payment SET decided_at = now() - interval '1 hour', surplus = false,"
        " reservation = '{expired}' WHERE reservation = '{confirmed}'",
        also=("I10_nothing_stands_unpaid", "I21_a_payment_costs_one_fee"),
    ),
    fault(
        "I11_no_money_without_a_stay",
        "money beside a payment is kept",
        "UPDATE payments_payment SET decided_at = now() - interval '1 hour', captured_minor = captured_minor + 1,"
        " amount_minor = amount_minor + 1 WHERE id = '{late}'",
        also=("I21_movements_have_their_sums", "I23_clearing_is_what_the_gateways_have"),
    ),
    fault(
        "I11_what_was_given_back_is_owed",
        "something given back that nobody owes the guest",
        "UPDATE reservations_reservation SET changed_at = now() - interval '1 hour', graced_lines = '[{{\"kind\":"
        ' "cleaning", "date": null, "amount": {{"amount": 500, "currency": "KRW"}}}}]\''
        " WHERE code = '{confirmed}'",
    ),
    fault(
        "I12_lines_are_the_total",
        "a total that is not its lines",
        "UPDATE reservations_reservation SET total_minor = total_minor + 1 WHERE code = '{held}'",
    ),
    fault(
        "I12_lines_are_the_total",
        "held on a quote that was over",
        "UPDATE reservations_reservation SET quoted_until = created_at - interval '1 minute' WHERE code = '{held}'",
    ),
    fault(
        "I12_refund_within_paid",
        "a refund that is not its lines",
        "UPDATE reservations_reservation SET refund_due_minor = refund_due_minor - 1 WHERE code = '{cancelled}'",
    ),
    fault(
        "I24_changes_are_told",
        "a stay confirmed and nobody told",
        "UPDATE events_storedevent SET name = 'PaymentWaitEnded'"
        " WHERE name = 'ReservationConfirmed' AND payload->>'reservation' = '{confirmed}'",
    ),
    fault(
        "I24_what_is_told_happened",
        "a cancellation told that never was",
        "INSERT INTO events_storedevent (id, name, version, payload, occurred_at, correlation_id)"
        " SELECT gen_random_uuid(), 'ReservationCancelled', 1, payload, now(), '' FROM events_storedevent"
        " WHERE name = 'ReservationConfirmed' AND payload->>'reservation' = '{confirmed}'",
    ),
    fault(
        "I29_trips_tell_the_state",
        "a trip that still shows the hold",
        "UPDATE reservations_reservation SET changed_at = now() - interval '1 hour' WHERE code = '{confirmed}'",
        "UPDATE reservations_trip SET status = 'held' WHERE code = '{confirmed}'",
    ),
    fault(
        "I34_operators_sign_what_they_do",
        "an operator's change signed by a guest",
        "UPDATE reservations_transition SET actor_id = {guest} WHERE actor = 'operator' AND to_status = 'cancelled'",
    ),
]

"""Faults of payments, refunds, messages and the ledger."""

from __future__ import annotations

from tests.invariants.faults.planting import fault

PAYMENT = "WHERE id = '{payment}'"
SENT = "refund_settled"


def booked(kind: str, source: str) -> str:
    """The id of a ledger transaction."""
    return f"(SELECT id FROM payments_ledgertransaction WHERE source_type = '{kind}' AND source_id LIKE '{source}%')"


CAPTURE = booked("capture", "{payment}")
PROMISE = booked("refund_promised", "{refund}")
SETTLED = booked("refund_settled", "{refund}")

FAULTS = [
    fault(
        "I9_captured_within_amount",
        "more captured than was to be paid",
        f"UPDATE payments_payment SET amount_minor = amount_minor - 1 {PAYMENT}",
        drop=("payments_payment.payment_captured",),
    ),
    fault(
        "I9_sums_are_the_gateways",
        "a payment kept apart",
        f"UPDATE payments_payment SET quarantined = 'amount_differs' {PAYMENT}",
    ),
    fault(
        "I12_refunds_are_their_lines",
        "a refund that says it is for another sum",
        "UPDATE payments_refund SET lines = jsonb_build_array(jsonb_build_object('kind', 'night', 'amount',"
        " jsonb_build_object('amount', amount_minor - 1, 'currency', currency))) WHERE id = '{refund}'",
    ),
    fault(
        "I13_outcomes_are_asked_for",
        "nobody asks about a payment",
        "UPDATE payments_payment SET next_look_at = now() - interval '1 hour' WHERE reservation = '{paying}'",
    ),
    fault(
        "I13_outcomes_are_asked_for",
        "nobody sends a refund",
        "UPDATE payments_refund SET status = 'pending', next_attempt_at = now() - interval '1 hour',"
        " failure_code = ''"
        " WHERE id = '{failed_refund}'",
    ),
    fault(
        "I13_outcomes_are_found_out",
        "a payment of unknown outcome for half a day",
        "UPDATE payments_payment SET status = 'unknown', created_at = now() - interval '12 hours'"
        " WHERE reservation = '{paying}'",
    ),
    fault(
        "I14_one_charge_a_payment",
        "a second charge under a fresh key",
        "INSERT INTO payments_gatewaycall (payment_id, operation, key, state, amount_minor, attempts, answer,"
        " correlation_id, intended_at) VALUES ('{payment}', 'charge', 'again', 'succeeded', 1, 1, '{{}}', '', now())",
    ),
    fault(
        "I14_one_sending_a_refund",
        "a refund sent under two keys",
        "INSERT INTO payments_gatewaycall (payment_id, operation, key, state, amount_minor, attempts, answer,"
        " correlation_id, intended_at) SELECT payment_id, 'refund', 'refund:{refund}:2',"
        " 'succeeded', 1, 1, '{{}}', '',"
        " now() FROM payments_refund WHERE id = '{refund}'",
    ),
    fault(
        "I14_one_sending_a_refund",
        "a refund done that nobody sent",
        "DELETE FROM payments_gatewaycall WHERE key LIKE 'refund:{refund}:%'",
    ),
    fault(
        "I14_books_are_the_gateways",
        "the gateway took money that we know nothing of",
        "INSERT INTO payments_bookscomparison (gateway, since, until, compared, settled, differences, begun_at,"
        " finished_at) VALUES ('stripe', now(), now() + interval '1 day', 1, 0, '[{{\"what\": \"unknown_to_us\"}}]',"
        " now(), now())",
    ),
    fault(
        "I14_gateways_are_compared",
        "a gateway whose books nobody has gone through for days",
        "UPDATE django_migrations SET applied = now() - interval '3 days'"
        " WHERE app = 'payments' AND name = '0001_payments_and_ledger'",
        "UPDATE payments_payment SET created_at = now() - interval '3 days' WHERE id = '{payment}'",
        "UPDATE payments_bookscomparison SET finished_at = finished_at - interval '3 days'",
    ),
    fault(
        "I14_gateways_are_compared",
        "comparisons that begin and never come to their end",
        "UPDATE django_migrations SET applied = now() - interval '3 days'"
        " WHERE app = 'payments' AND name = '0001_payments_and_ledger'",
        "UPDATE payments_payment SET created_at = now() - interval '3 days' WHERE id = '{payment}'",
        "UPDATE payments_bookscomparison SET finished_at = finished_at - interval '3 days'",
        "INSERT INTO payments_bookscomparison (gateway, since, until, compared, settled, differences, begun_at,"
        " finished_at) VALUES ('stripe', now() - interval '1 day', now(), 0, 0, '[]', now(), NULL)",
    ),
    fault(
        "I14_what_was_sent_is_asked_about",
        "a refund that nobody asks about any more",
        "UPDATE payments_refund SET next_attempt_at = now() - interval '3 days' WHERE id = '{refund}'",
    ),
    fault(
        "I14_what_was_sent_is_asked_about",
        "a payout that nobody asks about any more",
        "UPDATE payments_payout SET next_attempt_at = now() - interval '3 days' WHERE id = '{payout}'",
    ),
    fault(
        "I15_money_set_aside_is_decided_on",
        "money set aside that will lapse tonight",
        "UPDATE payments_payment SET status = 'authorized', capture_before = now() + interval '6 hours'"
        " WHERE reservation = '{paying}'",
        also=("I10_paying_waits_for_a_payment",),
    ),
    fault(
        "I16_refunds_within_capture",
        "a refund larger than what was promised",
        "UPDATE payments_refund SET amount_minor = amount_minor + 1 WHERE id = '{refund}'",
        also=("I12_refunds_are_their_lines", "I21_movements_have_their_sums"),
    ),
    fault(
        "I16_failed_refunds_are_told",
        "a refund failed and nobody knows",
        "UPDATE events_storedevent SET name = 'PaymentWaitEnded' WHERE name = 'RefundFailed'",
    ),
    fault(
        "I17_messages_are_worked_on",
        "a message that nobody works on",
        "UPDATE payments_webhookmessage SET state = 'waiting', next_attempt_at = now() - interval '1 hour'"
        " WHERE id = {message}",
    ),
    fault(
        "I17_messages_are_kept_once",
        "the same message twice",
        "INSERT INTO payments_webhookmessage (gateway, event_id, kind, payload, state, attempts, next_attempt_at,"
        " last_error, received_at, done_at) SELECT gateway, event_id, kind, payload, state,"
        " attempts, next_attempt_at,"
        " last_error, received_at, done_at FROM payments_webhookmessage WHERE id = {message}",
        drop=("payments_webhookmessage.webhook_message_once",),
    ),
    fault(
        "I17_given_up_messages_decide_nothing",
        "a message given up about a payment that nobody has decided",
        "UPDATE payments_webhookmessage SET state = 'parked', payload = jsonb_build_object('payment',"
        " (SELECT id::text FROM payments_payment WHERE reservation = '{paying}')) WHERE id = {message}",
    ),
    fault(
        "I17_given_up_messages_decide_nothing",
        "a message given up that names such a payment as the gateway does",
        "UPDATE payments_webhookmessage SET state = 'parked', payload = jsonb_build_object('about',"
        " (SELECT gateway_ref FROM payments_payment WHERE reservation = '{paying}')) WHERE id = {message}",
    ),
    fault(
        "I18_entries_sum_to_zero",
        "a sum that came from nowhere",
        f"UPDATE payments_ledgerentry SET amount_minor = amount_minor + 1 WHERE transaction_id = {CAPTURE}"
        " AND amount_minor < 0",
    ),
    fault(
        "I18_entries_belong_to_a_movement",
        "an entry without its movement",
        "INSERT INTO payments_ledgerentry (transaction_id, account_id, amount_minor)"
        " SELECT 0, min(id), 5 FROM payments_ledgeraccount WHERE kind = 'fee_expense' OR kind = 'guest_funds_held'",
    ),
    fault(
        "I19_held_money_is_not_overdrawn",
        "more owed back than was held",
        "UPDATE payments_ledgertransaction SET reservation = '{held}' WHERE id = " + PROMISE,
    ),
    fault(
        "I21_captures_are_booked",
        "a capture that is not booked",
        f"UPDATE payments_ledgertransaction SET source_id = '00000000-0000-7000-8000-000000000000'"
        f" WHERE id = {CAPTURE}",
    ),
    fault(
        "I21_refunds_are_booked",
        "a refund sent that is not booked",
        f"UPDATE payments_ledgertransaction SET source_id = '{{refund}}:9' WHERE id = {SETTLED}",
    ),
    fault(
        "I21_refunds_are_booked",
        "a promise booked for no refund",
        f"UPDATE payments_ledgertransaction SET source_id = '00000000-0000-7000-8000-000000000000'"
        f" WHERE id = {PROMISE}",
    ),
    fault(
        "I21_movements_have_their_sums",
        "a capture booked under the wrong gateway",
        "INSERT INTO payments_ledgeraccount (kind, owner, currency) VALUES ('gateway_clearing', 'elsewhere', 'KRW')",
        "UPDATE payments_ledgerentry SET account_id = (SELECT id FROM payments_ledgeraccount WHERE"
        " owner = 'elsewhere')"
        f" WHERE transaction_id = {CAPTURE} AND amount_minor > 0",
        also=("I23_clearing_is_what_the_gateways_have",),
    ),
    fault(
        "I22_debts_do_not_grow_old",
        "a refund owed for a month",
        "UPDATE payments_ledgertransaction SET occurred_at = now() - interval '30 days', reservation = '{held}'"
        " WHERE source_type = 'refund_returned'",
    ),
    fault(
        "I23_clearing_is_what_the_gateways_have",
        "the gateway has kept what we think went back",
        "UPDATE payments_payment SET refunded_minor = refunded_minor - 1 WHERE id = '{late}'",
        also=("I16_refunds_within_capture",),
    ),
    fault(
        "I31_nobody_waits_for_ever",
        "a payment to be looked at tomorrow",
        "UPDATE payments_payment SET next_look_at = now() + interval '1 day' WHERE reservation = '{paying}'",
    ),
    fault(
        "I32_no_secrets_in_what_is_kept",
        "a card number in an answer",
        'UPDATE payments_gatewaycall SET answer = \'{{"number": "4242424242424242"}}\''
        " WHERE payment_id = '{payment}' AND operation = 'charge'",
    ),
    fault(
        "I32_no_secrets_in_what_is_kept",
        "a gateway's key in an error",
        "UPDATE events_delivery SET last_error = 'no such key: sk_live_xyz' WHERE id = (SELECT"
        " min(id) FROM events_delivery)",
    ),
]

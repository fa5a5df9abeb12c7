"""Faults of payouts, of what hosts owe, and of their side of the ledger."""

from __future__ import annotations

from tests.invariants.faults.payments import booked
from tests.invariants.faults.planting import fault

RELEASED = booked("release", "{payout}")
BEGUN = booked("payout_begun", "{payout}")
OF_HOST = (
    "account_id = (SELECT id FROM payments_ledgeraccount WHERE kind = 'host_payable' AND owner = 'host:{paid_host}')"
)
HELD = "account_id = (SELECT id FROM payments_ledgeraccount WHERE kind = 'guest_funds_held' AND currency = 'KRW')"
REVENUE = "account_id = (SELECT id FROM payments_ledgeraccount WHERE kind = 'platform_revenue' AND currency = 'KRW')"
NOBODY = "'00000000-0000-7000-8000-000000000000'"

FAULTS = [
    fault(
        "I19_released_stays_hold_nothing",
        "a release that left some of the money held",
        f"UPDATE payments_ledgerentry SET amount_minor = amount_minor - 7 WHERE transaction_id = {RELEASED} AND {HELD}",
        f"UPDATE payments_ledgerentry SET amount_minor = amount_minor + 7"
        f" WHERE transaction_id = {RELEASED} AND {REVENUE}",
    ),
    fault(
        "I20_hosts_owe_only_what_was_clawed_back",
        "a host owes more than any refund took back",
        f"UPDATE payments_ledgerentry SET amount_minor = amount_minor + 10000000"
        f" WHERE transaction_id = {RELEASED} AND {OF_HOST}",
        f"UPDATE payments_ledgerentry SET amount_minor = amount_minor - 10000000"
        f" WHERE transaction_id = {RELEASED} AND {REVENUE}",
        also=("I20_hosts_are_owed_what_is_released", "I21_releases_are_booked"),
    ),
    fault(
        "I20_hosts_are_owed_what_is_released",
        "a host is owed what nobody released",
        f"UPDATE payments_ledgerentry SET amount_minor = amount_minor - 9 WHERE transaction_id = {BEGUN} AND {OF_HOST}",
        "UPDATE payments_ledgerentry SET amount_minor = amount_minor + 9"
        f" WHERE transaction_id = {BEGUN} AND amount_minor < 0",
    ),
    fault(
        "I20_debts_are_recovered_once",
        "a debt that counts as paid without a statement",
        "UPDATE payments_clawback SET recovered_minor = recovered_minor - 1 WHERE id = {debt}",
    ),
    fault(
        "I20_debts_are_recovered_once",
        "a payout that kept back less than its statement says",
        "UPDATE payments_recovery SET amount_minor = amount_minor - 1 WHERE payout_id = '{payout}'",
        "UPDATE payments_clawback SET recovered_minor = recovered_minor - 1 WHERE id = {debt}",
    ),
    fault(
        "I21_releases_are_booked",
        "a line that is released and not booked",
        f"UPDATE payments_ledgertransaction SET source_id = {NOBODY} WHERE id = {RELEASED}",
    ),
    fault(
        "I21_releases_are_booked",
        "a release booked for a line whose time has not come",
        f"UPDATE payments_ledgertransaction SET source_id = '{{to_come}}' WHERE id = {RELEASED}",
    ),
    fault(
        "I21_payouts_are_booked",
        "a payout that was sent and not booked",
        "UPDATE payments_ledgertransaction SET source_id = '{payout}:9'"
        " WHERE source_type = 'payout_settled' AND source_id LIKE '{payout}%'",
    ),
    fault(
        "I21_payouts_are_booked",
        "a sending booked for no payout",
        f"UPDATE payments_ledgertransaction SET source_id = {NOBODY} || ':1'"
        " WHERE source_type = 'payout_failed' AND source_id LIKE '{failed_payout}%'",
    ),
    fault(
        "I22_payouts_arrive",
        "a failed payout that nobody sees to",
        "UPDATE payments_payout SET released_at = now() - interval '9 days', next_attempt_at = now() -"
        " interval '8 days' WHERE id = '{failed_payout}'",
    ),
    fault(
        "I22_payouts_arrive",
        "a payout that has waited for our money for a week",
        "UPDATE payments_payout SET status = 'ready', failure_code = 'balance_insufficient',"
        " told_for = 'gateway_balance', released_at = now() - interval '9 days', next_attempt_at = now()"
        " WHERE id = '{failed_payout}'",
    ),
    fault(
        "I22_payouts_arrive",
        "a payout that has waited for our books for a week",
        "UPDATE payments_payout SET status = 'held', held_for = 'balance', released_at = now() - interval '9 days',"
        " next_attempt_at = now() - interval '8 days' WHERE id = '{failed_payout}'",
    ),
    fault(
        "I22_stuck_payouts_are_told",
        "a payout failed and nobody knows",
        "UPDATE events_storedevent SET name = 'PaymentWaitEnded'"
        " WHERE name = 'PayoutFailed' AND payload->>'payout_id' = '{failed_payout}'",
    ),
    fault(
        "I21_payouts_are_booked",
        "a payout that came back, booked as if it had never come",
        "UPDATE payments_ledgertransaction SET source_type = 'payout_failed'"
        " WHERE source_type = 'payout_settled' AND source_id LIKE '{returned_payout}%'",
    ),
    fault(
        "I31_payouts_are_released_and_sent_in_time",
        "a line that nobody releases",
        "UPDATE payments_payout SET next_attempt_at = now() - interval '3 hours' WHERE id = '{to_come}'",
    ),
]

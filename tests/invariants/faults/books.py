"""Faults of fees, of the house's bank, and of what each gateway holds."""

from __future__ import annotations

from tests.invariants.faults.planting import fault

FEE = "(SELECT id FROM payments_ledgertransaction WHERE source_type = 'fee' AND source_id = '{fee}')"
BANK = "(SELECT id FROM payments_ledgertransaction WHERE source_type = 'bank' AND source_id = '{settled}')"
CLEARING = "I23_clearing_is_what_the_gateways_have"

FAULTS = [
    fault(
        "I21_fees_are_booked",
        "a fee that is not booked, and a booking without its fee",
        f"UPDATE payments_ledgertransaction SET source_id = '0' WHERE id = {FEE}",
    ),
    fault(
        "I21_fees_are_booked",
        "a fee booked with another sum",
        "UPDATE payments_gatewayfee SET amount_minor = amount_minor + 1 WHERE id = {fee}",
        also=(CLEARING,),
    ),
    fault(
        "I21_a_payment_costs_one_fee",
        "a second fee for the taking of a payment",
        "INSERT INTO payments_gatewayfee"
        " (gateway, gateway_id, about, payment_id, amount_minor, currency, at, created_at)"
        " SELECT gateway, 'again', about, payment_id, amount_minor, currency, at, created_at"
        " FROM payments_gatewayfee WHERE id = {fee}",
        drop=("payments_gatewayfee.gateway_fee_of_payment",),
        also=("I21_fees_are_booked", CLEARING),
    ),
    fault(
        "I21_a_payment_costs_one_fee",
        "a fee booked to another reservation",
        f"UPDATE payments_ledgertransaction SET reservation = '{{held}}' WHERE id = {FEE}",
    ),
    fault(
        "I21_bank_movements_are_booked",
        "money that went to the bank and is not booked",
        f"UPDATE payments_ledgertransaction SET source_id = '0' WHERE id = {BANK}",
    ),
    fault(
        "I21_bank_movements_are_booked",
        "money that came from the bank, booked as if it had gone there",
        "UPDATE payments_bankmovement SET direction = 'topped_up' WHERE id = {settled}",
        also=(CLEARING,),
    ),
    fault(
        "I22_movements_are_told",
        "a gateway that has not told its fees for four days",
        "INSERT INTO payments_bookscomparison (gateway, since, until, compared, settled, differences, begun_at,"
        " finished_at) VALUES ('stripe', now(), now() + interval '4 days', 1, 0, '[]', now(), now())",
    ),
    fault(
        CLEARING,
        "a booking of no kind took money out of a gateway's account",
        "INSERT INTO payments_ledgertransaction (source_type, source_id, reservation, occurred_at, correlation_id)"
        " VALUES ('adjustment', '1', '', now(), '')",
        "INSERT INTO payments_ledgerentry (transaction_id, account_id, amount_minor) SELECT t.id, a.id, -5"
        " FROM payments_ledgertransaction t, payments_ledgeraccount a WHERE t.source_type = 'adjustment'"
        " AND a.kind = 'gateway_clearing' AND a.owner = 'stripe' AND a.currency = 'KRW'",
        "INSERT INTO payments_ledgerentry (transaction_id, account_id, amount_minor) SELECT t.id, a.id, 5"
        " FROM payments_ledgertransaction t, payments_ledgeraccount a WHERE t.source_type = 'adjustment'"
        " AND a.kind = 'bank' AND a.currency = 'KRW'",
    ),
]

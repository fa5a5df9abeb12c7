"""The invariants of money: silent after honest work, loud after each planted fault."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from airbnb.invariants import check
from airbnb.money import Money
from payments import tasks
from payments.invariants import INVARIANTS
from payments.models import Payment
from payments.services import promise_refund

pytestmark = pytest.mark.django_db

FAULTS = {
    "I9_captured_within_amount": "UPDATE payments_payment SET quarantined = 'amount_differs'",
    "I13_outcomes_are_found_out": (
        "UPDATE payments_payment SET status = 'unknown', captured_minor = 0, promised_minor = 0, refunded_minor = 0,"
        " next_look_at = now() - interval '1 hour'"
    ),
    "I14_one_charge_a_payment": (
        "INSERT INTO payments_gatewaycall (payment_id, operation, key, state, amount_minor, attempts, answer,"
        " correlation_id, intended_at) SELECT payment_id, operation, 'again', state, amount_minor, 1, '{}', '', now()"
        " FROM payments_gatewaycall WHERE operation = 'charge'"
    ),
    "I16_refunds_within_capture": "UPDATE payments_refund SET amount_minor = amount_minor + 1",
    "I17_messages_are_worked_on": (
        "INSERT INTO payments_webhookmessage (gateway, event_id, kind, payload, state, attempts, next_attempt_at,"
        " last_error, received_at) VALUES ('stripe', 'e', 'k', '{}', 'waiting', 0, now() - interval '1 hour', '',"
        " now())"
    ),
    "I18_entries_sum_to_zero": (
        "UPDATE payments_ledgerentry SET amount_minor = amount_minor + 1"
        " WHERE id = (SELECT min(id) FROM payments_ledgerentry)"
    ),
    "I19_held_money_is_not_overdrawn": "UPDATE payments_ledgerentry SET amount_minor = -amount_minor",
    "I21_captures_are_booked": "UPDATE payments_ledgertransaction SET source_id = 'x' WHERE source_type = 'capture'",
    "I21_refunds_are_booked": (
        "UPDATE payments_ledgertransaction SET source_id = 'y' WHERE source_type = 'refund_settled'"
    ),
}


@pytest.fixture
def refunded(paid: Callable[..., Payment]) -> Payment:
    """Paid and partly refunded, by the services."""
    payment = paid()
    promise_refund(payment_id=str(payment.pk), amount=Money(28000), source="s", reason="flexible")
    tasks.send_refunds()
    return payment


def test_honest_work_breaks_none(refunded: Payment) -> None:
    assert check(INVARIANTS) == []


def test_each_has_a_planted_fault() -> None:
    assert set(FAULTS) == {each.name for each in INVARIANTS}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found(refunded: Payment, name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")  # no trigger stands in the way of the fault
        cursor.execute(FAULTS[name])
        cursor.execute("SET LOCAL session_replication_role = origin")
    assert name in {finding.invariant.name for finding in check(INVARIANTS)}


def test_payments_in_progress_are_no_fault(prepare: Any) -> None:
    prepare()
    assert check(INVARIANTS) == []

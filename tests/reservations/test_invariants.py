"""Each invariant finds the fault it is for: the guard is switched off, the fault planted, and it is caught."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction

from airbnb.invariants import check
from reservations.invariants import INVARIANTS
from reservations.models import Reservation
from tests.factories.reservations import some_stay
from tests.support import cancelled_reservation, confirmed_reservation, held_reservation, room_of

pytestmark = pytest.mark.django_db
BY_NAME = {each.name: each for each in INVARIANTS}


def copied(**changes: Any) -> str:
    """SQL that puts a second row beside the held one, with these columns changed."""
    others = [field.column for field in Reservation._meta.fields if field.column not in changes]
    values = ", ".join(repr(value) for value in changes.values())
    return (
        f"INSERT INTO reservations_reservation ({', '.join([*changes, *others])})"
        f" SELECT {values}, {', '.join(others)} FROM reservations_reservation WHERE code = '{{held}}'"
    )


# What is planted: raw SQL about two reservations, a confirmed one and a held one, with all triggers off; constraints
# that would also refuse are dropped first, in a transaction that is rolled back.
FAULTS: dict[str, list[str]] = {
    "I1_stays_do_not_overlap": [
        "UPDATE reservations_reservation SET room_id = {room}, check_in = '{check_in}', check_out = '{check_out}'"
        " WHERE code = '{held}'",
    ],
    "I3_nights_are_the_stays": ["DELETE FROM rooms_night WHERE reservation = '{held}'"],
    "I3_nights_have_a_living_stay": ["UPDATE reservations_reservation SET status = 'expired' WHERE code = '{held}'"],
    "I3_settled_nights_are_paid": ["UPDATE rooms_night SET settled = true WHERE reservation = '{held}'"],
    "I4_holds_end": [
        "UPDATE reservations_reservation SET hold_expires_at = now() - interval '3 minutes' WHERE code = '{held}'"
    ],
    "I5_only_allowed_transitions": [
        "UPDATE reservations_transition SET from_status = 'completed'"
        " WHERE reservation_id = {confirmed_id} AND version = 3"
    ],
    "I5_diary_tells_the_state": [
        "UPDATE reservations_reservation SET status = 'paying', payment_id = '{uuid}' WHERE code = '{held}'"
    ],
    "I6_stays_have_nights_ahead": [
        "UPDATE reservations_reservation SET created_at = check_in + interval '2 days' WHERE code = '{held}'"
    ],
    "I8_few_open_holds": [copied(id=99000 + n, code=f"BBX{n}", room_id=99000 + n) for n in range(3)],
    "I8_one_open_hold_per_room": [
        "DROP INDEX reservation_one_open_hold_per_room",
        copied(id=99009, code="BBX9"),
    ],
    "I10_nothing_stands_unpaid": [
        "UPDATE reservations_reservation SET payment_id = '{uuid}' WHERE code = '{confirmed}'"
    ],
    "I11_no_money_without_a_stay": [
        "UPDATE payments_payment SET decided_at = now() - interval '1 hour' WHERE reservation = '{confirmed}'",
        "UPDATE reservations_reservation SET status = 'expired' WHERE code = '{confirmed}'",
    ],
    "I12_lines_are_the_total": [
        "UPDATE reservations_reservation SET total_minor = total_minor + 1 WHERE code = '{held}'"
    ],
    "I12_refund_within_paid": [
        "UPDATE reservations_reservation SET refund_due_minor = refund_due_minor - 1 WHERE code = '{cancelled}'"
    ],
}


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_every_invariant_has_its_fault() -> None:
    assert set(FAULTS) == set(BY_NAME)


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_a_planted_fault_is_caught(guest: Any, host: Any, sandbox: Any, name: str) -> None:
    confirmed = confirmed_reservation(guest, room_of(host), stay=some_stay(2))
    cancelled = cancelled_reservation(guest, room_of(host), stay=some_stay(2, ahead=40))
    held = held_reservation(guest, room_of(host), stay=some_stay(2, ahead=50))
    assert check(INVARIANTS) == []
    names = {
        "held": held.code,
        "confirmed": confirmed.code,
        "cancelled": cancelled.code,
        "confirmed_id": confirmed.pk,
        "room": confirmed.room_id,
        "check_in": confirmed.check_in,
        "check_out": confirmed.check_out,
        "uuid": uuid4(),
    }
    run("SET CONSTRAINTS ALL IMMEDIATE")
    with transaction.atomic():
        run("SET LOCAL session_replication_role = replica")
        for statement in FAULTS[name]:
            run(statement.format(**names))
        assert name in {each.invariant.name for each in check(INVARIANTS)}
        transaction.set_rollback(True)
    assert check(INVARIANTS) == []

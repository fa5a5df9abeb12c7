"""Every way between states: the model refuses what the table lacks, and so does the database."""

from __future__ import annotations

from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from airbnb import clock
from reservations.models import Reservation
from reservations.models.reservation import SYSTEM
from reservations.states import ALLOWED, IllegalTransition, MovedOn, Status
from tests.support import confirmed_reservation, fresh, held_reservation

pytestmark = pytest.mark.django_db
ILLEGAL = [pair for pair in product(Status, Status) if pair[0] != pair[1] and pair not in ALLOWED]


def sql(statement: str, *values: Any) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def refused(constraint: str, statement: str, *values: Any) -> None:
    """The database says no, in a savepoint, and names the rule."""
    with pytest.raises(IntegrityError) as told, transaction.atomic():
        sql(statement, *values)
    assert told.value.__cause__.diag.constraint_name == constraint  # type: ignore[union-attr]


def put_into(reservation: Reservation, status: Status) -> None:
    """Straight into a state, past the guards (as the role of a replica): only so can ways from it be tried."""
    sql("SET LOCAL session_replication_role = replica")
    sql(
        "UPDATE reservations_reservation SET status = %s, version = version + 1, payment_id = %s, confirmed_at = now(),"
        " captured_minor = total_minor, completed_at = now(), cancelled_at = now(), cancelled_by = 'guest',"
        " answer_by = now(), instant = %s WHERE id = %s",
        status,
        uuid4(),
        status != Status.REQUESTED,
        reservation.pk,
    )
    sql("SET LOCAL session_replication_role = origin")


def test_the_database_has_the_same_table() -> None:
    rows = sql("SELECT from_status, to_status FROM reservations_allowedtransition")
    assert set(rows) == {(str(start), str(end)) for start, end in ALLOWED}


@pytest.mark.parametrize("start", list(Status))
def test_illegal_ways_are_refused_by_model_and_database(guest: Any, start: Status) -> None:
    reservation = held_reservation(guest)
    put_into(reservation, start)
    for end in [end for begin, end in ILLEGAL if begin == start]:
        with pytest.raises(IllegalTransition):
            fresh(reservation)._change(end, at=clock.now(), actor=SYSTEM)
        refused(
            "reservation_transition_allowed",
            "UPDATE reservations_reservation SET status = %s, version = version + 1 WHERE id = %s",
            end,
            reservation.pk,
        )
    put_into(reservation, Status.EXPIRED)


def test_the_way_in_is_a_hold(guest: Any) -> None:
    reservation = held_reservation(guest)
    columns = [field.column for field in Reservation._meta.fields if field.column not in ("id", "code", "status")]
    listed = ", ".join(columns)
    refused(
        "reservation_begins_held",
        f"INSERT INTO reservations_reservation ({listed}, code, status)"
        f" SELECT {listed}, 'BBOTHER', 'expired' FROM reservations_reservation WHERE id = %s",
        reservation.pk,
    )


def test_two_that_read_the_same_state_cannot_both_write(guest: Any) -> None:
    reservation = held_reservation(guest)
    first, second = fresh(reservation), fresh(reservation)
    first.expire(at=clock.now(), actor=SYSTEM)
    with pytest.raises(MovedOn):
        second.begin_payment(payment_id=uuid4(), at=clock.now(), actor=SYSTEM)
    assert fresh(reservation).status == Status.EXPIRED


def test_an_unpaid_reservation_cannot_be_confirmed_by_raw_sql(guest: Any) -> None:
    reservation = held_reservation(guest)
    pay = "UPDATE reservations_reservation SET status = 'paying', payment_id = %s, version = version + 1 WHERE id = %s"
    sql(pay, uuid4(), reservation.pk)
    refused(
        "reservation_stands_only_paid",
        "UPDATE reservations_reservation SET status = 'confirmed', version = version + 1 WHERE id = %s",
        reservation.pk,
    )


def claim_to_be_paid(reservation: Reservation) -> None:
    """Raw SQL that satisfies every CHECK of the row, up to the commit."""
    pay = "UPDATE reservations_reservation SET status = 'paying', payment_id = %s, version = version + 1 WHERE id = %s"
    sql(pay, uuid4(), reservation.pk)
    sql(
        "UPDATE reservations_reservation SET status = 'confirmed', version = version + 1, confirmed_at = now(),"
        " captured_minor = total_minor WHERE id = %s",
        reservation.pk,
    )
    sql("SET CONSTRAINTS ALL IMMEDIATE")


def test_claiming_to_be_paid_is_refused_when_no_payment_captured_it(guest: Any) -> None:
    reservation = held_reservation(guest)
    with pytest.raises(IntegrityError, match="without a captured payment"), transaction.atomic():
        claim_to_be_paid(reservation)
    sql("SET CONSTRAINTS ALL DEFERRED")


def test_without_the_guard_the_same_sql_would_pass(guest: Any) -> None:
    """The control: it is the trigger that refuses, nothing else."""
    reservation = held_reservation(guest)
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    with transaction.atomic():
        sql("ALTER TABLE reservations_reservation DISABLE TRIGGER reservations_require_payment")
        claim_to_be_paid(reservation)
        assert fresh(reservation).status == Status.CONFIRMED
        transaction.set_rollback(True)
    assert fresh(reservation).status == Status.HELD


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("reservation_stay_not_empty", "check_out = check_in"),
        ("reservation_total_not_negative", "total_minor = -1"),
        ("reservation_hold_has_expiry", "hold_expires_at = NULL"),
        ("reservation_refund_within_paid", "refund_due_minor = 1"),
        ("reservation_has_guests", "guests = 0"),
        ("reservation_terms_frozen", "cancellation_policy = 'non-refundable'"),
        ("reservation_terms_frozen", "room_id = room_id + 1"),
    ],
)
def test_what_can_never_be_written(guest: Any, constraint: str, change: str) -> None:
    reservation = held_reservation(guest)
    if "frozen" not in constraint:  # the trigger would say no before the row's own rules
        sql("SET LOCAL session_replication_role = replica")
    refused(constraint, f"UPDATE reservations_reservation SET {change} WHERE id = %s", reservation.pk)


def test_lines_and_dates_are_frozen(guest: Any) -> None:
    reservation = held_reservation(guest)
    for change in ("total_minor = total_minor + 1", "lines = '[]'", "check_out = check_out + 1"):
        refused(
            "reservation_lines_frozen", f"UPDATE reservations_reservation SET {change} WHERE id = %s", reservation.pk
        )


def test_reservations_and_their_diary_are_kept(guest: Any, sandbox: Any) -> None:
    reservation = confirmed_reservation(guest)
    refused("reservation_kept_for_good", "DELETE FROM reservations_reservation WHERE id = %s", reservation.pk)
    for tried in ("DELETE FROM reservations_transition", "UPDATE reservations_transition SET actor = 'guest'"):
        refused("transition_append_only", tried)


def test_the_diary_says_who_when_why_and_under_which_request(guest: Any, sandbox: Any) -> None:
    from airbnb import correlation

    with correlation.use("a-request"):
        reservation = confirmed_reservation(guest)
    steps = list(reservation.transitions.values_list("version", "from_status", "to_status", "actor", "correlation_id"))
    assert steps == [
        (1, "", "held", "guest", "a-request"),
        (2, "held", "paying", "guest", "a-request"),
        (3, "paying", "confirmed", "gateway", "a-request"),
    ]
    assert reservation.transitions.get(version=1).actor_id == guest.pk

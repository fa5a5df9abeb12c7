"""Each invariant finds the fault it is for, and no other complains; over honest work all are silent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import override_settings

from airbnb import db
from airbnb.invariants import SHOWN_ROWS, all_invariants, check
from tests import gateway_books
from tests.invariants.faults import Fault, all_faults
from tests.invariants.faults.planting import fault, planted
from tests.invariants.world import build

pytestmark = pytest.mark.django_db
FAULTS = all_faults()


def broken() -> set[str]:
    """The names of the invariants that find something."""
    return {finding.invariant.name for finding in check()}


@contextmanager
def sandboxed(sandbox: Any, folder: Any) -> Iterator[None]:
    """Settings that lead to an empty sandbox, for longer than one test."""
    sandbox.reset()
    ours = {"STRIPE_API_BASE": sandbox.url, "STRIPE_SECRET_KEY": sandbox.secret_key, "MEDIA_ROOT": folder}
    with override_settings(**ours):
        yield


@pytest.fixture(scope="module")
def world(
    django_db_setup: None, django_db_blocker: Any, sandbox_process: Any, tmp_path_factory: Any
) -> Iterator[dict[str, Any]]:
    """One world for all faults: each is planted into it and taken out again, and it goes with the last."""
    with (
        django_db_blocker.unblock(),
        sandboxed(sandbox_process, tmp_path_factory.mktemp("media")),
        transaction.atomic(),
    ):
        token = db.tolerated_depth.set(db.depth())
        yield build(sandbox_process)
        db.tolerated_depth.reset(token)
        transaction.set_rollback(True)
    connection.close()


def test_honest_work_breaks_none(world: dict[str, Any]) -> None:
    assert check() == []


@pytest.mark.parametrize("one", FAULTS, ids=[f"{each.name}: {each.what}" for each in FAULTS])
def test_a_planted_fault_is_found_by_its_invariant_alone(world: dict[str, Any], one: Fault) -> None:
    with planted(one, world):
        assert broken() == {one.name} | one.also


def test_afterwards_the_world_is_as_before(world: dict[str, Any]) -> None:
    assert check() == []


def test_our_books_are_the_gateways(world: dict[str, Any], sandbox_process: Any) -> None:
    gateway_books.assert_equal(sandbox_process.ledger(), told=True)


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("UPDATE payments_payment SET captured_minor = captured_minor - 1 WHERE id = '{payment}'", "we booked"),
        ("UPDATE payments_refund SET status = 'pending' WHERE id = '{refund}'", "we sent 0 back"),
        ("DELETE FROM payments_ledgerentry WHERE transaction_id = (SELECT id FROM payments_ledgertransaction"
         " WHERE source_type = 'capture' AND source_id = '{payment}') AND amount_minor > 0", "the gateway has"),
        ("UPDATE payments_gatewayfee SET amount_minor = amount_minor + 1 WHERE id = {fee}", "we booked"),
        ("UPDATE payments_bankmovement SET gateway_id = 'txn_other' WHERE id = {settled}", "they say None"),
    ],
)  # fmt: skip
def test_books_that_differ_are_told(world: dict[str, Any], sandbox_process: Any, sql: str, said: str) -> None:
    with planted(fault("I23", "books", sql), world):
        found = gateway_books.differences(sandbox_process.ledger())
        assert said in found[0]


def test_what_was_told_and_is_not_booked_is_told(world: dict[str, Any], sandbox_process: Any) -> None:
    books = sandbox_process.ledger()
    more = [*books["fees"], books["fees"][0] | {"id": "txn_new"}]
    (found,) = gateway_books.differences(books | {"fees": more}, told=True)
    assert "is not booked" in found


def test_a_charge_made_twice_and_one_for_nobody_are_told(world: dict[str, Any], sandbox_process: Any) -> None:
    books = sandbox_process.ledger()
    twice = books["charges"][0]
    stray = twice | {"metadata": {"payment": "00000000-0000-7000-8000-000000000000"}}
    found = gateway_books.differences(books | {"charges": [*books["charges"], twice, stray]}, settled=False)
    assert [line for line in found if "charged 2 times" in line]
    assert [line for line in found if "which we do not know" in line]


def test_every_invariant_has_a_planted_fault() -> None:
    elsewhere = {"I31_nobody_idles_in_a_transaction"}  # takes a second session; below
    assert {each.name for each in all_invariants()} - elsewhere == {each.name for each in FAULTS}
    assert len(FAULTS) >= 30


def test_every_invariant_has_its_own_name_and_says_what_it_is_for() -> None:
    found = all_invariants()
    assert len({each.name for each in found}) == len(found)
    assert all(each.says and each.number[0] == "I" and each.number[1:].isdigit() for each in found)


def test_what_is_found_is_counted_and_shown_in_part(world: dict[str, Any]) -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("UPDATE rooms_searchindex SET base_price_minor = base_price_minor + 1")
            rooms = cursor.rowcount
        (found,) = check()
        assert (found.invariant.number, found.count, len(found.rows)) == ("I29", rooms, SHOWN_ROWS)
        transaction.set_rollback(True)

"""The ledger: balanced by rule and by the database, append-only, each movement once."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from airbnb import clock
from airbnb.money import Money
from payments import ledger
from payments.models import LedgerAccount, LedgerEntry, LedgerTransaction, Payment
from payments.services.posting import post
from tests.payments.facts import balances

Paid = Callable[..., Payment]


@given(amount=st.integers(min_value=1, max_value=10**11), currency=st.sampled_from(["KRW", "USD", "JPY", "EUR"]))
def test_every_posting_sums_to_zero(amount: int, currency: str) -> None:
    sum_of = Money(amount, currency)
    for entries in (
        ledger.captured(sum_of, "stripe"),
        ledger.refund_promised(sum_of),
        ledger.refund_settled(sum_of, "stripe"),
        ledger.refund_returned(sum_of, "stripe"),
        ledger.fee_kept(sum_of, "stripe"),
        ledger.fee_kept(-sum_of, "stripe"),
        ledger.settled(sum_of, "stripe"),
        ledger.topped_up(sum_of, "stripe"),
    ):
        assert sum(each.amount.amount_minor for each in entries) == 0
        assert all(not each.amount.is_zero for each in entries)


def test_a_fee_given_back_is_the_opposite_of_one_kept() -> None:
    kept, back = (ledger.fee_kept(Money(minor), "toss") for minor in (70, -70))
    assert {(each.account, each.owner, each.amount.amount_minor) for each in kept} == {
        (ledger.FEE_EXPENSE, "toss", 70),
        (ledger.GATEWAY_CLEARING, "toss", -70),
    }
    assert {(each.account, -each.amount) for each in back} == {(each.account, each.amount) for each in kept}
    with pytest.raises(ValueError, match="above zero"):
        ledger.fee_kept(Money(0), "toss")


def test_entries_that_do_not_balance_are_refused() -> None:
    with pytest.raises(ledger.Unbalanced):
        ledger.balanced([ledger.Entry(ledger.GATEWAY_CLEARING, Money(2)), ledger.Entry(ledger.HOST_PAYABLE, Money(-1))])
    with pytest.raises(ledger.Unbalanced):  # zero in sum, but not within one currency
        ledger.balanced(
            [ledger.Entry(ledger.GATEWAY_CLEARING, Money(1)), ledger.Entry(ledger.HOST_PAYABLE, Money(-1, "USD"))]
        )
    with pytest.raises(ValueError, match="above zero"):
        ledger.refund_promised(Money(0))


def _transaction(source: str = "x") -> LedgerTransaction:
    return LedgerTransaction.objects.create(
        source_type="capture", source_id=source, reservation="BB0", occurred_at=clock.now(), correlation_id="c"
    )


def _entry(
    of: LedgerTransaction, amount: int, kind: str = ledger.GATEWAY_CLEARING, currency: str = "KRW"
) -> LedgerEntry:
    account, _ = LedgerAccount.objects.get_or_create(kind=kind, owner="", currency=currency)
    return LedgerEntry.objects.create(transaction=of, account=account, amount_minor=amount)


def _at_commit() -> None:
    """What the database checks at commit, now."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _commit(*entries: tuple[int, str, str]) -> None:
    """A transaction with these entries, checked as at commit."""
    with transaction.atomic():
        made = _transaction()
        for amount, kind, currency in entries:
            _entry(made, amount, kind, currency)
        _at_commit()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "entries",
    [
        pytest.param([(5, ledger.GATEWAY_CLEARING, "KRW"), (-4, ledger.GUEST_FUNDS_HELD, "KRW")], id="unbalanced"),
        pytest.param([(5, ledger.GATEWAY_CLEARING, "KRW"), (-5, ledger.GUEST_FUNDS_HELD, "USD")], id="mixed"),
        pytest.param([], id="empty"),
    ],
)
def test_the_database_refuses_what_does_not_balance_at_commit(entries: list[tuple[int, str, str]]) -> None:
    with pytest.raises(IntegrityError, match="does not sum to zero"):
        _commit(*entries)


@pytest.mark.django_db
def test_a_balanced_one_is_kept() -> None:
    """The control: what balances passes the same check."""
    _commit((5, ledger.GATEWAY_CLEARING, "KRW"), (-5, ledger.GUEST_FUNDS_HELD, "KRW"))
    assert balances("BB0") == {"gateway_clearing": 5, "guest_funds_held": -5}


@pytest.mark.django_db
@pytest.mark.parametrize("model", [LedgerEntry, LedgerTransaction, LedgerAccount])
def test_the_books_are_append_only(paid: Paid, model: type) -> None:
    paid()
    field = {LedgerEntry: "amount_minor", LedgerTransaction: "reservation", LedgerAccount: "owner"}[model]
    value = 1 if model is LedgerEntry else "x"
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        model.objects.update(**{field: value})  # type: ignore[attr-defined]
    with pytest.raises(IntegrityError):
        _delete_all(model._meta.db_table)  # type: ignore[attr-defined]


def _delete_all(*tables: str) -> None:
    """Past the ORM, as a careless operator would."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"DELETE FROM {table}")


@pytest.mark.django_db
def test_one_source_is_posted_once() -> None:
    with transaction.atomic():
        wanted = {"source_type": "capture", "source_id": "p1", "reservation": "BB0"}
        assert post(**wanted, entries=ledger.captured(Money(7), "stripe"))
        assert not post(**wanted, entries=ledger.captured(Money(7), "stripe"))
    assert balances("BB0") == {"gateway_clearing": 7, "guest_funds_held": -7}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value", "constraint"),
    [
        ("captured_minor", 0, "payment_money_kept"),
        ("amount_minor", 1, "payment_terms_frozen"),
        ("reservation", "BBOTHER", "payment_terms_frozen"),
    ],
)
def test_money_that_was_taken_is_never_forgotten(paid: Paid, field: str, value: object, constraint: str) -> None:
    payment = paid()
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        Payment.objects.filter(pk=payment.pk).update(**{field: value, "status": "voided"})
    assert cast(psycopg.Error, caught.value.__cause__).diag.constraint_name == constraint


@pytest.mark.django_db
def test_payments_are_never_deleted(paid: Paid) -> None:
    paid()
    with pytest.raises(IntegrityError, match="never deleted"):
        _delete_all("payments_gatewaycall", "payments_payment")

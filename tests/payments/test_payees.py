"""Bank details: registered at the gateway, changed ones wait for a day, and the number is kept nowhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from airbnb import clock
from airbnb.errors import Invalid
from payments import tasks
from payments.models import Payee
from payments.services import BankUnreachable, withdraw_payee
from tests.payments.facts import events
from tests.payments.paying_hosts import ACCOUNT, due_stay, line_of, payee_of, run_timers, transfers

pytestmark = pytest.mark.django_db
OTHER = "3333012345678"


@pytest.fixture(autouse=True)
def _sandbox(sandbox: Any) -> None:
    """Accounts are registered at the sandbox."""


def test_the_first_account_is_in_force_at_once(host: Any) -> None:
    payee = payee_of(host)
    assert Payee.objects.in_force(host.pk, clock.now()) == payee
    (told,) = events("PayeeChanged")
    assert (told["host_id"], told["last4"], told["first"]) == (host.pk, "6789", True)


def test_the_number_is_kept_nowhere(host: Any) -> None:
    payee_of(host)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_jsonb(p)::text FROM payments_payee p UNION ALL SELECT payload::text FROM events_storedevent"
        )
        assert not [row for row in cursor.fetchall() if ACCOUNT in row[0]]


def test_a_changed_account_waits_a_day_and_the_earlier_one_is_paid(guest: Any, host: Any, sandbox: Any) -> None:
    first = payee_of(host)
    second = payee_of(host, OTHER)
    early = due_stay(guest, host)
    run_timers()
    assert [each["destination"] for each in transfers(sandbox)] == [first.destination]
    with clock.shifted(timedelta(hours=24, minutes=1)):
        due_stay(guest, host)
        run_timers()
    assert [each["destination"] for each in transfers(sandbox)] == [first.destination, second.destination]
    assert line_of(early).payee == first


def test_a_payout_under_way_keeps_its_account(guest: Any, host: Any, sandbox: Any) -> None:
    first = payee_of(host)
    reservation = due_stay(guest, host)
    sandbox.faults(mode="drop_before")
    run_timers()
    sandbox.faults(mode="none")
    payee_of(host, OTHER)
    with clock.shifted(timedelta(hours=30)):
        tasks.send_payouts()
    assert line_of(reservation).status == "sent"
    assert [each["destination"] for each in transfers(sandbox)] == [first.destination]


def test_a_second_change_takes_the_first_back(host: Any) -> None:
    """Whoever took over an account and changed its details is undone by the host's own change in time."""
    first, theirs = payee_of(host), payee_of(host, OTHER)
    with clock.shifted(timedelta(hours=20)):
        mine = payee_of(host)
    at = clock.now()
    assert Payee.objects.in_force(host.pk, at + timedelta(hours=30)) == first
    assert Payee.objects.in_force(host.pk, at + timedelta(hours=45)) == mine
    theirs.refresh_from_db()
    assert theirs.status == "withdrawn"


def test_a_change_can_be_withdrawn_in_time(host: Any) -> None:
    first = payee_of(host)
    payee_of(host, OTHER)
    assert withdraw_payee(host_id=host.pk)
    assert not withdraw_payee(host_id=host.pk)
    assert Payee.objects.in_force(host.pk, clock.now() + timedelta(days=3)) == first


def test_what_is_in_force_cannot_be_withdrawn(host: Any) -> None:
    payee = payee_of(host)
    assert not withdraw_payee(host_id=host.pk)
    assert Payee.objects.in_force(host.pk, clock.now()) == payee


@pytest.mark.parametrize("number", ["1234567", "123", "12-34", "=1+2"])
def test_an_account_that_is_refused_changes_nothing(host: Any, number: str) -> None:
    first = payee_of(host)
    with pytest.raises(Invalid) as refused:
        payee_of(host, number)
    assert "account_number" in refused.value.errors
    assert Payee.objects.in_force(host.pk, clock.now() + timedelta(days=2)) == first
    assert len(events("PayeeChanged")) == 1


def test_a_gateway_that_does_not_answer_changes_nothing(host: Any, sandbox: Any) -> None:
    sandbox.faults(mode="drop_before")
    with pytest.raises(BankUnreachable):
        payee_of(host)
    assert Payee.objects.in_force(host.pk, clock.now()) is None
    assert events("PayeeChanged") == []

"""What a stay brings its host: planned when it stands, released a day after check-in, and sent once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from airbnb import clock
from airbnb.invariants import check
from payments import tasks
from payments.invariants import INVARIANTS
from payments.models import Payout
from payments.services import PayoutNotOpen, hold_payout, let_payout_go, send_payout_again
from payments.states import PayoutStatus
from tests import support
from tests.payments.facts import balances, events
from tests.payments.paying_hosts import (
    ACCOUNT,
    CLOSED,
    after_check_in,
    due_stay,
    earning_of,
    line_of,
    lines_of,
    payee_of,
    run_timers,
    stay_of,
    transfers,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _sandbox(sandbox: Any) -> None:
    """All money moves at the sandbox."""


def test_a_confirmed_stay_is_planned_for_a_day_after_check_in(guest: Any, host: Any) -> None:
    reservation = support.confirmed_reservation(guest, support.room_of(host))
    line = line_of(reservation)
    assert (line.number, line.status, line.host_id) == (1, "scheduled", host.pk)
    assert line.due_at == reservation.check_in_at + timedelta(hours=24)
    assert line.amount_minor == reservation.host_payout_minor
    assert line.gross_minor == reservation.total_minor


def test_a_hold_is_not_planned(guest: Any, host: Any) -> None:
    assert lines_of(support.held_reservation(guest, support.room_of(host))) == []


def test_nothing_is_released_before_its_time(guest: Any, host: Any) -> None:
    payee_of(host)
    reservation = due_stay(guest, host, days=0)
    run_timers()
    assert line_of(reservation).status == "scheduled"
    assert balances(reservation.code) == {
        "gateway_clearing": reservation.total_minor,
        "guest_funds_held": -reservation.total_minor,
    }


def test_a_day_after_check_in_it_is_released_and_sent(guest: Any, host: Any, sandbox: Any) -> None:
    payee = payee_of(host)
    reservation = due_stay(guest, host)
    run_timers()
    line, paid = line_of(reservation), reservation.host_payout_minor
    assert line.status == "sent"
    (sent,) = transfers(sandbox)
    assert (sent["amount"], sent["currency"], sent["destination"]) == (paid, "KRW", payee.destination)
    assert sent["metadata"] == {
        "payout": str(line.pk),
        "key": line.key,
        "reservation": reservation.code,
        "correlation_id": line.correlation_id,
    }
    assert balances(reservation.code) == {
        "gateway_clearing": reservation.total_minor - paid,
        "guest_funds_held": 0,
        "host_payable": 0,
        "payout_in_transit": 0,
        "platform_revenue": paid - reservation.total_minor,
    }
    (told,) = events("PayoutSent")
    assert (told["amount_minor"], told["host_id"], told["last4"]) == (paid, host.pk, ACCOUNT[-4:])
    assert check(INVARIANTS) == []


def test_running_the_timers_again_changes_nothing(guest: Any, host: Any, sandbox: Any) -> None:
    payee_of(host)
    reservation = due_stay(guest, host)
    run_timers()
    before = balances(reservation.code)
    for _again in range(3):
        run_timers()
    assert len(transfers(sandbox)) == len(events("PayoutSent")) == 1
    assert balances(reservation.code) == before


def test_without_bank_details_it_waits_and_the_host_is_asked_once(
    guest: Any, host: Any, sandbox: Any, deliver: Any
) -> None:
    reservation = due_stay(guest, host)
    run_timers()
    line = line_of(reservation)
    assert (line.status, line.held_for) == ("held", "no_payee")
    assert balances(reservation.code)["host_payable"] == -reservation.host_payout_minor
    with clock.shifted(timedelta(hours=2)):
        tasks.send_payouts()
    assert [each["reason"] for each in events("PayoutHeld")] == ["no_payee"]
    payee_of(host)
    deliver()
    tasks.send_payouts()
    assert line_of(reservation).status == "sent"
    assert [each["amount"] for each in transfers(sandbox)] == [reservation.host_payout_minor]
    assert check(INVARIANTS) == []


def test_a_long_stay_is_paid_in_instalments(guest: Any, host: Any, sandbox: Any) -> None:
    payee_of(host)
    reservation = due_stay(guest, host, nights=65, max_nights=90)
    lines = lines_of(reservation)
    assert [each.number for each in lines] == [1, 2, 3]
    assert sum(each.amount_minor for each in lines) == reservation.host_payout_minor
    assert sum(each.gross_minor for each in lines) == reservation.total_minor
    run_timers()
    assert [each.status for each in lines_of(reservation)] == ["sent", "scheduled", "scheduled"]
    assert balances(reservation.code)["guest_funds_held"] == -sum(each.gross_minor for each in lines[1:])
    for days in (30, 60):
        with clock.shifted(timedelta(days=days)):
            run_timers()
    assert [each.status for each in lines_of(reservation)] == ["sent"] * 3
    assert sum(each["amount"] for each in transfers(sandbox)) == reservation.host_payout_minor
    assert balances(reservation.code)["guest_funds_held"] == 0
    assert earning_of(reservation).released == earning_of(reservation).agreed
    assert check(INVARIANTS) == []


def test_a_closed_account_fails_at_once_and_new_details_send_it(
    guest: Any, host: Any, sandbox: Any, deliver: Any
) -> None:
    payee_of(host, CLOSED)
    reservation = due_stay(guest, host)
    run_timers()
    line = line_of(reservation)
    assert (line.status, line.failure_code) == ("failed", "account_closed")
    assert balances(reservation.code)["host_payable"] == -reservation.host_payout_minor
    assert balances(reservation.code)["payout_in_transit"] == 0
    assert [each["code"] for each in events("PayoutFailed")] == ["account_closed"]
    good = payee_of(host)
    deliver()
    with clock.shifted(timedelta(hours=23)):
        tasks.send_payouts()
        assert line_of(reservation).status == "ready", "changed details wait for a day"
    with clock.shifted(timedelta(hours=25)):
        tasks.send_payouts()
    assert line_of(reservation).status == "sent"
    assert [each["destination"] for each in transfers(sandbox)] == [good.destination]
    assert check(INVARIANTS) == []


def test_an_operator_sends_a_failed_one_again(guest: Any, host: Any) -> None:
    payee_of(host, CLOSED)
    reservation = due_stay(guest, host)
    run_timers()
    line = line_of(reservation)
    assert send_payout_again(str(line.pk))
    assert not send_payout_again(str(line.pk))
    tasks.send_payouts()
    again = line_of(reservation)
    assert (again.status, again.generation) == ("failed", 3)
    assert len(events("PayoutFailed")) == 2


class TestHolds:
    def test_a_held_payout_is_released_and_not_sent(self, guest: Any, host: Any, sandbox: Any) -> None:
        payee_of(host)
        reservation = support.confirmed_reservation(guest, support.room_of(host))
        hold_payout(str(line_of(reservation).pk), "A claim is open")
        after_check_in(reservation, days=1)
        run_timers()
        line = line_of(reservation)
        assert (line.status, line.hold_note) == ("held", "A claim is open")
        assert transfers(sandbox) == []
        assert balances(reservation.code)["host_payable"] == -reservation.host_payout_minor
        assert let_payout_go(str(line.pk))
        assert not let_payout_go(str(line.pk))
        tasks.send_payouts()
        assert line_of(reservation).status == "sent"

    def test_what_was_sent_cannot_be_held(self, guest: Any, host: Any) -> None:
        payee_of(host)
        reservation = due_stay(guest, host)
        run_timers()
        with pytest.raises(PayoutNotOpen):
            hold_payout(str(line_of(reservation).pk), "Too late")


class TestTheDatabaseKeeps:
    @pytest.fixture
    def sent(self, guest: Any, host: Any) -> Payout:
        payee_of(host)
        reservation = due_stay(guest, host)
        run_timers()
        return line_of(reservation)

    def refused(self, change: str, name: str) -> None:
        with pytest.raises(IntegrityError, match=name), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)

    def test_a_line_once(self, sent: Payout) -> None:
        copy = Payout.objects.get(pk=sent.pk)
        copy.pk, copy.gateway_ref = None, ""
        with pytest.raises(IntegrityError, match="payout_once_a_line"), transaction.atomic():
            copy.save(force_insert=True)

    @pytest.mark.parametrize(
        ("change", "name"),
        [
            ("UPDATE payments_payout SET amount_minor = amount_minor + 1", "frozen"),
            ("UPDATE payments_payout SET reservation = 'other'", "frozen"),
            ("UPDATE payments_payout SET status = 'ready'", "final"),
            ("UPDATE payments_payout SET send_minor = 1", "final"),
            ("UPDATE payments_payout SET status = 'failed'", "final"),
            ("UPDATE payments_payout SET status = 'failed', generation = 3", "final"),
            ("UPDATE payments_payout SET status = 'failed', generation = 2, gateway_ref = ''", "final"),
            ("DELETE FROM payments_payout", "never deleted"),
            ("UPDATE payments_payee SET destination = 'acct_other'", "replaced"),
            ("DELETE FROM payments_payee", "replaced"),
        ],
    )
    def test_what_was_sent_as_it_was(self, sent: Payout, change: str, name: str) -> None:
        self.refused(change, name)

    def test_what_is_under_way_cannot_change_its_sum_or_account(self, guest: Any, host: Any, sandbox: Any) -> None:
        payee_of(host)
        due_stay(guest, host)
        sandbox.faults(mode="drop_before")
        run_timers()
        sandbox.faults(mode="none")
        assert Payout.objects.get().status == PayoutStatus.UNKNOWN
        self.refused("UPDATE payments_payout SET send_minor = send_minor - 1", "neither changed")
        self.refused("UPDATE payments_payout SET status = 'ready'", "neither changed")
        self.refused("UPDATE payments_payout SET status = 'cancelled', released_at = NULL", "frozen")


def test_a_stay_of_one_night_and_the_currency_of_the_stay(guest: Any, host: Any) -> None:
    reservation = support.confirmed_reservation(guest, support.room_of(host), stay=stay_of(1))
    assert line_of(reservation).currency == reservation.currency == "KRW"

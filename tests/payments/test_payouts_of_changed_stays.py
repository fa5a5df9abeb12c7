"""Cancelled and altered stays: what the host still gets, before the release and after it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from airbnb import clock, db
from airbnb.invariants import check
from airbnb.money import Money
from payments import services, tasks
from payments.invariants import INVARIANTS
from payments.models import Payment
from payments.schedules import Split
from reservations.models import Reservation
from tests import support
from tests.payments.facts import balances
from tests.payments.paying_hosts import (
    after_check_in,
    debts_of,
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


def settle(deliver: Any) -> None:
    """Reactions, refunds, payouts."""
    deliver()
    tasks.send_refunds()
    run_timers()


def altered(reservation: Reservation, split: Split, *, nights: int | None = None) -> None:
    """What a reaction to an alteration does, in a transaction under the reservation's lock."""
    check_out = reservation.check_in + timedelta(days=nights) if nights else reservation.check_out
    with db.write():
        db.reservation_lock(reservation.code)
        services.plan_again(
            reservation=reservation.code, split=split, check_in=reservation.check_in, check_out=check_out
        )


class TestCancelledBeforeTheRelease:
    def test_with_everything_back_the_host_gets_nothing(self, guest: Any, host: Any, deliver: Any) -> None:
        payee_of(host)
        reservation = support.cancelled_reservation(guest, support.room_of(host))
        settle(deliver)
        assert line_of(reservation).status == "cancelled"
        assert set(balances(reservation.code).values()) == {0}
        assert check(INVARIANTS) == []

    def test_by_the_host_the_host_gets_nothing(self, guest: Any, host: Any, deliver: Any) -> None:
        room = support.room_of(host, cancellation_policy="non-refundable")
        reservation = support.cancelled_reservation(guest, room, by=host)
        settle(deliver)
        assert line_of(reservation).status == "cancelled"
        assert set(balances(reservation.code).values()) == {0}

    def test_what_is_kept_is_paid_less_the_fee(self, guest: Any, host: Any, deliver: Any, sandbox: Any) -> None:
        """Non-refundable: the nights are kept, the cleaning goes back; the host's 3 % falls with it."""
        payee_of(host)
        room = support.room_of(host, cancellation_policy="non-refundable")
        stay = stay_of(2)
        reservation = support.confirmed_reservation(guest, room, stay=stay)
        after_check_in(reservation, days=-3)  # too near for the grace of 24 hours
        cancelled = support.cancel(support.fresh(reservation), guest)
        assert cancelled.refund_due_minor == 30_000
        nights = sum(each["amount"]["amount"] for each in reservation.lines if each["kind"] == "night")
        line = line_of(reservation)
        assert (line.status, line.amount_minor) == ("scheduled", nights - round(nights * 0.03))
        with clock.shifted(timedelta(days=5)):
            settle(deliver)
        assert [each["amount"] for each in transfers(sandbox)] == [line.amount_minor]
        assert balances(reservation.code)["guest_funds_held"] == 0
        assert check(INVARIANTS) == []

    def test_a_long_stay_has_one_line_left(self, guest: Any, host: Any) -> None:
        room = support.room_of(host, cancellation_policy="non-refundable", max_nights=90)
        reservation = support.confirmed_reservation(guest, room, stay=stay_of(65))
        after_check_in(reservation, days=-3)
        support.cancel(support.fresh(reservation), guest)
        assert [each.status for each in lines_of(reservation)] == ["scheduled", "cancelled", "cancelled"]
        assert lines_of(reservation)[0].amount_minor == earning_of(reservation).host_minor


class TestCancelledAfterTheRelease:
    def test_the_host_owes_it_from_the_next_payout(self, guest: Any, host: Any, deliver: Any, sandbox: Any) -> None:
        payee_of(host)
        reservation = due_stay(guest, host, nights=6)
        run_timers()
        first = line_of(reservation).amount_minor
        cancelled = support.cancel(reservation, guest)  # flexible: nights to come go back, but one
        settle(deliver)
        kept = earning_of(reservation).host_minor
        (debt,) = debts_of(host)
        assert (debt.amount_minor, debt.recovered_minor) == (first - kept, 0)
        books = balances(reservation.code)
        assert books["host_payable"] == first - kept, "overdrawn by what is owed"
        assert books["guest_funds_held"] == books["refunds_payable"] == 0
        assert books["platform_revenue"] == -(cancelled.total_minor - cancelled.refund_due_minor - kept)
        assert check(INVARIANTS) == []

        other = due_stay(guest, host, nights=6)
        run_timers()
        line = line_of(other)
        assert (line.status, line.send_minor) == ("sent", line.amount_minor - debt.amount_minor)
        assert [each["amount"] for each in transfers(sandbox)] == [first, line.send_minor]
        assert debts_of(host)[0].open_minor == 0
        assert [each.amount_minor for each in line.recoveries.all()] == [debt.amount_minor]
        assert check(INVARIANTS) == []

    def test_a_small_payout_is_set_off_whole(self, guest: Any, host: Any, deliver: Any, sandbox: Any) -> None:
        payee_of(host)
        reservation = due_stay(guest, host, nights=7)
        run_timers()
        support.cancel(reservation, guest)
        settle(deliver)
        owed = debts_of(host)[0].amount_minor
        small = due_stay(guest, host, nights=1)
        run_timers()
        assert line_of(small).status == "netted"
        assert debts_of(host)[0].open_minor == owed - line_of(small).amount_minor
        assert len(transfers(sandbox)) == 1
        assert check(INVARIANTS) == []

    def test_what_was_released_and_not_sent_is_reduced(self, guest: Any, host: Any, deliver: Any, sandbox: Any) -> None:
        reservation = due_stay(guest, host, nights=6)
        run_timers()
        assert line_of(reservation).status == "held"
        support.cancel(reservation, guest)
        payee_of(host)
        settle(deliver)
        kept = earning_of(reservation).host_minor
        assert [each["amount"] for each in transfers(sandbox)] == [kept]
        assert balances(reservation.code)["host_payable"] == 0
        assert check(INVARIANTS) == []

    def test_by_an_operator_all_of_it(self, guest: Any, host: Any, operator: Any, deliver: Any) -> None:
        payee_of(host)
        reservation = due_stay(guest, host, nights=3)  # one of two would be over between 11:00 and 15:00 in Seoul
        run_timers()
        from reservations.services import cancel_as_operator

        cancel_as_operator(reservation.code, operator, "The house burnt")
        settle(deliver)
        assert debts_of(host)[0].amount_minor == reservation.host_payout_minor
        books = balances(reservation.code)
        assert books["guest_funds_held"] == books["platform_revenue"] == 0
        assert check(INVARIANTS) == []

    def test_an_instalment_that_is_released_stands_and_the_rest_goes_back(
        self, guest: Any, host: Any, deliver: Any, sandbox: Any
    ) -> None:
        payee_of(host)
        reservation = due_stay(guest, host, nights=65, max_nights=90)
        run_timers()
        with clock.shifted(timedelta(days=33)):
            run_timers()
            support.cancel(reservation, guest)
            settle(deliver)
        kept = earning_of(reservation)
        lines = lines_of(reservation)
        assert [each.status for each in lines] == ["sent", "sent", "cancelled"]
        assert debts_of(host)[0].amount_minor == lines[0].amount_minor + lines[1].amount_minor - kept.host_minor
        assert balances(reservation.code)["guest_funds_held"] == 0
        assert check(INVARIANTS) == []


def test_a_refund_that_no_cancellation_gave_is_the_houses_own(guest: Any, host: Any, deliver: Any) -> None:
    """By grace, before the release and after it: the host's part is not touched."""
    payee_of(host)
    reservation = due_stay(guest, host)
    payment = Payment.objects.get(reservation=reservation.code)
    for number, amount in enumerate((5_000, 7_000)):
        services.promise_refund(payment_id=str(payment.pk), amount=Money(amount), source=f"grace-{number}", reason="x")
        tasks.send_refunds()
        run_timers()
    assert line_of(reservation).send_minor == reservation.host_payout_minor
    assert debts_of(host) == []
    books = balances(reservation.code)
    assert books["platform_revenue"] == -(reservation.total_minor - reservation.host_payout_minor - 12_000)
    assert books["guest_funds_held"] == 0
    assert check(INVARIANTS) == []


class TestAltered:
    def test_before_the_release_the_line_follows(self, guest: Any, host: Any) -> None:
        reservation = support.confirmed_reservation(guest, support.room_of(host))
        altered(reservation, Split(200_000, 170_000), nights=3)
        line = line_of(reservation)
        assert (line.gross_minor, line.amount_minor) == (200_000, 170_000)

    def test_a_later_check_in_is_paid_later(self, guest: Any, host: Any) -> None:
        reservation = support.confirmed_reservation(guest, support.room_of(host))
        before = line_of(reservation).due_at
        moved: date = reservation.check_in + timedelta(days=3)
        with db.write():
            db.reservation_lock(reservation.code)
            services.plan_again(
                reservation=reservation.code,
                split=earning_of(reservation).agreed,
                check_in=moved,
                check_out=moved + timedelta(days=2),
            )
        assert line_of(reservation).due_at == before + timedelta(days=3)

    def test_what_comes_on_top_after_the_release_is_a_line_of_its_own(self, guest: Any, host: Any) -> None:
        reservation = due_stay(guest, host)
        run_timers()
        agreed = earning_of(reservation).agreed
        altered(reservation, agreed + Split(100_000, 90_000), nights=3)
        first, second = lines_of(reservation)
        assert (first.status, second.status) == ("held", "scheduled")
        assert (second.number, second.amount_minor) == (2, 90_000)
        assert second.due_at <= clock.now()

    def test_lines_that_are_cancelled_come_back_with_a_longer_stay(self, guest: Any, host: Any) -> None:
        room = support.room_of(host, max_nights=90)
        reservation = support.confirmed_reservation(guest, room, stay=stay_of(65))
        agreed = earning_of(reservation).agreed
        altered(reservation, Split(100_000, 90_000), nights=5)
        assert [each.status for each in lines_of(reservation)] == ["scheduled", "cancelled", "cancelled"]
        altered(reservation, agreed, nights=65)
        assert [each.status for each in lines_of(reservation)] == ["scheduled"] * 3
        assert sum(each.amount_minor for each in lines_of(reservation)) == agreed.host

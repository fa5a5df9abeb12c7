"""Reservations that an earlier release confirmed without a plan of payouts get it from their own events."""

from __future__ import annotations

from typing import Any

import pytest

from payments import services, tasks
from payments.models import Earning, Payout
from reservations.models import Reservation
from tests import support
from tests.payments.paying_hosts import after_check_in, earning_of, line_of, lines_of, payee_of, run_timers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _sandbox(sandbox: Any) -> None:
    """Hosts are paid at the sandbox."""


@pytest.fixture
def unplanned(guest: Any, host: Any, monkeypatch: pytest.MonkeyPatch) -> Reservation:
    """Confirmed as by a release that knew no payouts."""
    with monkeypatch.context() as earlier:
        earlier.setattr(services, "plan_payouts", lambda **_facts: None)
        reservation = support.confirmed_reservation(guest, support.room_of(host))
    assert not Earning.objects.exists()
    return reservation


def test_is_planned_once_as_if_it_always_had_been(unplanned: Reservation) -> None:
    assert [tasks.plan_missing_payouts(), tasks.plan_missing_payouts()] == [1, 0]
    line = line_of(unplanned)
    assert (line.status, line.amount_minor) == ("scheduled", unplanned.host_payout_minor)
    assert earning_of(unplanned).check_in_at == unplanned.check_in_at


def test_one_with_a_plan_is_left_alone(guest: Any, host: Any) -> None:
    reservation = support.confirmed_reservation(guest, support.room_of(host))
    before = Payout.objects.values().get(reservation=reservation.code)
    assert tasks.plan_missing_payouts() == 0
    assert Payout.objects.values().get(reservation=reservation.code) == before


def test_a_stay_that_began_is_paid_at_once(unplanned: Reservation, host: Any) -> None:
    payee_of(host)
    after_check_in(unplanned, days=3)
    assert not Earning.objects.exists()
    tasks.plan_missing_payouts()
    run_timers()
    assert line_of(unplanned).status == "sent"


def test_what_was_cancelled_with_all_money_back_brings_nothing(unplanned: Reservation, host: Any) -> None:
    support.cancel(unplanned, host)
    tasks.plan_missing_payouts()
    assert earning_of(unplanned).cancelled
    assert [line for line in lines_of(unplanned) if line.status != "cancelled"] == []
    assert tasks.plan_missing_payouts() == 0


def test_one_that_fails_keeps_none_of_the_others_back(
    unplanned: Reservation, guest: Any, host: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr(services, "plan_payouts", lambda **_facts: None)
        other = support.confirmed_reservation(guest, support.room_of(host))
    plan = services.plan_payouts

    def choosy(*, reservation: str, **facts: Any) -> None:
        if reservation == unplanned.code:
            raise ValueError(reservation)
        plan(reservation=reservation, **facts)

    with monkeypatch.context() as broken:
        broken.setattr(services, "plan_payouts", choosy)
        assert tasks.plan_missing_payouts() == 1
    assert line_of(other).status == "scheduled"
    assert not Earning.objects.filter(reservation=unplanned.code).exists()

"""Payouts when things break: several workers at once, answers that never come, processes that die half-way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from airbnb import clock
from airbnb.invariants import check
from payments import gateways, paying_out, tasks
from payments.gateways.port import KnownTransfer, TransferOutcome
from payments.invariants import INVARIANTS
from payments.models import LedgerTransaction
from payments.services import begin_payout, release_payout
from tests import support
from tests.payments.facts import balances, events
from tests.payments.paying_hosts import debts_of, due_stay, line_of, payee_of, run_timers, transfers
from tests.support import at_once


@pytest.fixture(autouse=True)
def _sandbox(sandbox: Any) -> None:
    """All money moves at the sandbox."""


def later(hours: float = 2) -> None:
    """The timers, some time on."""
    with clock.shifted(timedelta(hours=hours)):
        run_timers()


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_three_workers_release_and_send_one_payout_once(self, guest: Any, host: Any, sandbox: Any) -> None:
        payee_of(host)
        reservation = due_stay(guest, host)
        payout = str(line_of(reservation).pk)
        results = at_once(*[lambda: release_payout(payout)] * 3)
        assert sorted(results) == [False, False, True]
        sandbox.faults(mode="slow", latency_ms=150)
        at_once(*[lambda: paying_out.send(payout)] * 3, tasks.send_payouts)
        assert len(transfers(sandbox)) == len(events("PayoutSent")) == 1
        assert balances(reservation.code)["host_payable"] == 0
        assert check(INVARIANTS) == []

    def test_three_workers_find_that_one_came_back_and_book_it_once(self, guest: Any, host: Any, sandbox: Any) -> None:
        payee_of(host)
        reservation = due_stay(guest, host)
        run_timers()
        sandbox.reverse(transfers(sandbox)[0]["id"])
        payout = str(line_of(reservation).pk)
        at_once(*[lambda: paying_out.settle(payout)] * 3)
        assert LedgerTransaction.objects.filter(source_type="payout_returned").count() == 1
        assert len(events("PayoutFailed")) == 1
        assert (line_of(reservation).status, line_of(reservation).generation) == ("failed", 2)
        assert balances(reservation.code)["host_payable"] == -reservation.host_payout_minor
        assert check(INVARIANTS) == []

    def test_two_payouts_of_one_host_recover_one_debt_once(
        self, guest: Any, host: Any, sandbox: Any, deliver: Any
    ) -> None:
        payee_of(host)
        first = due_stay(guest, host, nights=6)
        run_timers()
        support.cancel(first, guest)
        deliver()
        tasks.send_refunds()
        others = [due_stay(guest, host, nights=6) for _each in range(2)]
        tasks.release_payouts()
        at_once(*[lambda each=each: paying_out.send(str(line_of(each).pk)) for each in others])
        (debt,) = debts_of(host)
        assert debt.open_minor == 0
        sent = sum(each["amount"] for each in transfers(sandbox)[1:])
        assert sent == sum(line_of(each).amount_minor for each in others) - debt.amount_minor
        assert check(INVARIANTS) == []


@pytest.mark.django_db
class TestUnknown:
    @pytest.mark.parametrize("mode", ["drop_after", "error_after", "drop_before", "error"])
    def test_one_transfer_whatever_the_first_call_suffers(self, guest: Any, host: Any, sandbox: Any, mode: str) -> None:
        payee_of(host)
        reservation = due_stay(guest, host)
        sandbox.faults(mode=mode, times=2 if mode.startswith("drop") else 1)
        run_timers()
        assert line_of(reservation).status in ("unknown", "ready", "sending")
        assert balances(reservation.code).get("payout_in_transit", 0) in (0, -reservation.host_payout_minor)
        later()
        later(4)
        assert line_of(reservation).status == "sent"
        assert len(transfers(sandbox)) == len(events("PayoutSent")) == 1
        assert check(INVARIANTS) == []

    def test_it_is_looked_for_before_it_is_sent_again_even_when_the_key_is_forgotten(
        self, guest: Any, host: Any, sandbox: Any
    ) -> None:
        payee_of(host)
        reservation = due_stay(guest, host)
        sandbox.faults(mode="drop_after", times=2)
        run_timers()
        sandbox.faults(mode="none", clock_s=25 * 3600)
        later(25)
        assert line_of(reservation).status == "sent"
        assert len(transfers(sandbox)) == 1

    def test_one_that_took_effect_after_it_was_said_to_have_failed_is_found(
        self, guest: Any, host: Any, sandbox: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A failure stored under the key is replaced by another key, so it has to be looked for by our reference."""
        payee_of(host)
        reservation = due_stay(guest, host)
        support.confirmed_reservation(guest, support.room_of(host))  # or the gateway would have too little for two
        adapter = type(gateways.for_payouts("KRW"))
        transfer = adapter.transfer

        def act_and_deny(self: Any, request: Any) -> TransferOutcome:
            transfer(self, request)
            return TransferOutcome(KnownTransfer.SPENT)

        with monkeypatch.context() as late:
            late.setattr(adapter, "transfer", act_and_deny)
            late.setattr(adapter, "look_up_transfer", lambda *_: TransferOutcome(KnownTransfer.ABSENT))
            run_timers()
        assert line_of(reservation).generation == 2
        later()
        assert line_of(reservation).status == "sent"
        assert len(transfers(sandbox)) == 1

    def test_while_nobody_answers_it_stays_unknown(self, guest: Any, host: Any, sandbox: Any) -> None:
        payee_of(host)
        reservation = due_stay(guest, host)
        sandbox.faults(mode="drop_after")
        for hours in range(3):
            later(hours)
        assert line_of(reservation).status == "unknown"
        sandbox.faults(mode="none")
        assert paying_out.settle(str(line_of(reservation).pk)) is not None
        assert line_of(reservation).status == "sent"
        before = balances(reservation.code)
        assert paying_out.settle(str(line_of(reservation).pk)) is not None
        assert (line_of(reservation).status, balances(reservation.code)) == ("sent", before), "asking changes nothing"
        assert len(transfers(sandbox)) == 1

    def test_a_transfer_of_another_sum_is_no_answer(
        self, guest: Any, host: Any, sandbox: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from payments.gateways import stripe_transfers

        honest = stripe_transfers.transfer_params
        monkeypatch.setattr(stripe_transfers, "transfer_params", lambda request: honest(request) | {"amount": 1})
        payee_of(host)
        reservation = due_stay(guest, host)
        run_timers()
        assert line_of(reservation).status == "unknown"


@pytest.mark.django_db
class TestDying:
    def test_between_the_intent_and_the_call(self, guest: Any, host: Any, sandbox: Any) -> None:
        payee_of(host)
        reservation = due_stay(guest, host)
        tasks.release_payouts()
        begun = begin_payout(str(line_of(reservation).pk))
        assert begun is not None
        assert line_of(reservation).status == "sending"
        assert balances(reservation.code)["payout_in_transit"] == -reservation.host_payout_minor
        tasks.send_payouts()
        assert transfers(sandbox) == [], "the lease still runs"
        later()
        assert line_of(reservation).status == "sent"
        assert len(transfers(sandbox)) == 1

    def test_between_the_call_and_its_record(
        self, guest: Any, host: Any, sandbox: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        payee_of(host)
        reservation = due_stay(guest, host)

        def die(*_: Any) -> None:
            raise SystemExit

        with monkeypatch.context() as broken:
            broken.setattr(paying_out, "record_payout", die)
            with pytest.raises(SystemExit):
                run_timers()
        assert (len(transfers(sandbox)), line_of(reservation).status) == (1, "sending")
        later()
        assert line_of(reservation).status == "sent"
        assert len(transfers(sandbox)) == 1
        assert LedgerTransaction.objects.filter(source_type="payout_settled").count() == 1

    def test_control_without_looking_first_it_is_sent_twice(
        self, guest: Any, host: Any, sandbox: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The guard is the question before the second sending, once the gateway has forgotten the key."""
        payee_of(host)
        due_stay(guest, host)
        support.confirmed_reservation(guest, support.room_of(host))  # or the gateway would have too little for two
        sandbox.faults(mode="drop_after", times=2)
        run_timers()
        sandbox.faults(mode="none", clock_s=25 * 3600)
        blind = TransferOutcome(KnownTransfer.ABSENT)
        monkeypatch.setattr(type(gateways.for_payouts("KRW")), "look_up_transfer", lambda *_: blind)
        later(25)
        assert len(transfers(sandbox)) == 2

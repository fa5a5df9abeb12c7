"""What is done may come undone weeks later: refunds and payouts are asked about once a day, without any message."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from airbnb import clock
from airbnb.invariants import check
from notifications.models import Notification
from payments import gateways, messages, paying_out, tasks
from payments.invariants import INVARIANTS
from payments.models import GatewayCall, Payment, Payout, WebhookMessage
from payments.services import send_payout_again, store_message
from tests import gateway_books
from tests.payments.facts import balances, events
from tests.payments.giving_back import FAILS, fails, sent_back
from tests.payments.paying_hosts import due_stay, line_of, payee_of, run_timers, transfers

pytestmark = pytest.mark.django_db
Paid = Callable[..., Payment]


class TestRefunds:
    def test_one_that_came_back_is_found_without_a_message(self, paid: Paid, sandbox: Any, time: Any) -> None:
        payment = paid(FAILS)
        refund = sent_back(payment)
        fails(sandbox, payment)
        assert tasks.ask_again() == 0, "not within the first day"
        time.forward(hours=25)
        assert tasks.ask_again() == 1
        refund.refresh_from_db()
        payment.refresh_from_db()
        assert (refund.status, refund.failure_code) == ("failed", "expired_or_canceled_card")
        assert (payment.refunded_minor, balances(payment.reservation)["refunds_payable"]) == (0, -1000)
        assert [each["refund_id"] for each in events("RefundFailed")] == [str(refund.pk)]
        assert tasks.ask_again() == 0
        assert check(INVARIANTS) == []

    def test_once_a_day_for_thirty_days(self, paid: Paid, time: Any) -> None:
        sent_back(paid())
        asked = 0
        for _day in range(35):
            time.forward(hours=24, seconds=1)
            asked += tasks.ask_again()
            assert tasks.ask_again() == 0
        assert asked == 29

    def test_after_thirty_days_it_is_out_of_the_way_of_the_others(self, paid: Paid, time: Any) -> None:
        refund = sent_back(paid())
        time.forward(days=31)
        assert tasks.ask_again() == 0
        refund.refresh_from_db()
        assert refund.next_attempt_at > clock.now() + timedelta(days=365)
        assert refund.status == "succeeded"

    def test_one_that_was_not_answered_is_asked_about_in_an_hour(self, paid: Paid, sandbox: Any, time: Any) -> None:
        refund = sent_back(paid())
        time.forward(hours=25)
        sandbox.faults(mode="error")
        assert tasks.ask_again() == 1
        sandbox.faults(mode="none")
        refund.refresh_from_db()
        assert refund.status == "succeeded"
        assert GatewayCall.objects.get(operation="refund").state == "succeeded", "no answer is no other answer"
        assert tasks.ask_again() == 0
        time.forward(minutes=61)
        assert tasks.ask_again() == 1

    def test_a_refused_key_does_not_undo_what_is_known(self, paid: Paid, settings: Any, time: Any) -> None:
        refund = sent_back(paid())
        settings.STRIPE_SECRET_KEY = "sk_test_wrong"
        time.forward(hours=25)
        tasks.ask_again()
        refund.refresh_from_db()
        assert refund.status == "succeeded"
        assert GatewayCall.objects.get(operation="refund").state == "succeeded"
        assert check(INVARIANTS) == []

    def test_a_run_is_bounded_and_the_rest_is_for_the_next(
        self, paid: Paid, time: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        payment = paid()
        for number in range(3):
            sent_back(payment, f"test {number}")
        monkeypatch.setattr(tasks, "ASKED_A_RUN", 2)
        time.forward(hours=25)
        assert [tasks.ask_again() for _run in range(3)] == [2, 1, 0]


def reversed_payout(guest: Any, host: Any, sandbox: Any, amount: int | None = None) -> Any:
    """A stay whose payout had arrived, and was taken back at the gateway."""
    payee_of(host)
    reservation = due_stay(guest, host)
    run_timers()
    sandbox.reverse(transfers(sandbox)[0]["id"], amount)
    return reservation


class TestPayouts:
    def test_one_that_came_back_is_owed_again_and_everybody_knows(
        self, guest: Any, host: Any, operator: Any, sandbox: Any, time: Any, deliver: Any
    ) -> None:
        reservation = reversed_payout(guest, host, sandbox)
        paid = reservation.host_payout_minor
        assert balances(reservation.code)["host_payable"] == 0
        time.forward(hours=25)
        assert tasks.ask_again() == 1
        line = line_of(reservation)
        assert (line.status, line.failure_code) == ("failed", "transfer_reversed")
        assert (line.generation, line.sent_at) == (2, None)
        assert balances(reservation.code)["host_payable"] == -paid
        assert balances(reservation.code)["gateway_clearing"] == reservation.total_minor
        assert tasks.ask_again() == 0
        assert paying_out.settle(str(line.pk)) is None
        assert [each["cause"] for each in events("PayoutFailed")] == ["returned"]
        deliver()
        assert Notification.objects.get(recipient=host, kind="payout_failed").params["variant"] == "returned"
        assert Notification.objects.filter(recipient=operator, kind="payout_stuck").count() == 1
        gateway_books.assert_equal(sandbox.ledger())
        assert check(INVARIANTS) == []

    def test_it_is_sent_again_under_a_new_key_and_may_come_back_again(
        self, guest: Any, host: Any, sandbox: Any, time: Any
    ) -> None:
        reservation = reversed_payout(guest, host, sandbox)
        payout = str(line_of(reservation).pk)
        paying_out.settle(payout)
        assert send_payout_again(payout)
        tasks.send_payouts()
        assert line_of(reservation).status == "sent"
        assert len(transfers(sandbox)) == 2
        gateway_books.assert_equal(sandbox.ledger())
        time.forward(hours=25)
        tasks.ask_again()
        assert line_of(reservation).status == "sent", "the one that came back is not taken for it"
        sandbox.reverse(line_of(reservation).gateway_ref)
        time.forward(hours=25)
        tasks.ask_again()
        assert (line_of(reservation).status, line_of(reservation).generation) == ("failed", 3)
        assert tasks.compare_books() == 0, "two days later they are compared, too"
        gateway_books.assert_equal(sandbox.ledger())
        assert check(INVARIANTS) == []

    @pytest.mark.parametrize("mode", ["drop_before", "drop_after"])
    def test_a_second_sending_without_an_answer_is_looked_for_beside_the_first(
        self, guest: Any, host: Any, sandbox: Any, time: Any, mode: str
    ) -> None:
        reservation = reversed_payout(guest, host, sandbox)
        payout = str(line_of(reservation).pk)
        paying_out.settle(payout)
        send_payout_again(payout)
        sandbox.faults(mode=mode)
        tasks.send_payouts()
        sandbox.faults(mode="none")
        assert line_of(reservation).status == "unknown"
        time.forward(hours=2)
        tasks.send_payouts()
        assert line_of(reservation).status == "sent"
        assert sorted(each["amount_reversed"] > 0 for each in transfers(sandbox)) == [False, True]
        gateway_books.assert_equal(sandbox.ledger())
        assert check(INVARIANTS) == []

    def test_one_that_came_back_before_we_knew_that_it_went(
        self, guest: Any, host: Any, sandbox: Any, time: Any
    ) -> None:
        payee_of(host)
        reservation = due_stay(guest, host)
        sandbox.faults(mode="drop_after")
        run_timers()
        sandbox.faults(mode="none")
        sandbox.reverse(transfers(sandbox)[0]["id"])
        time.forward(hours=2)
        tasks.send_payouts()
        assert (line_of(reservation).status, line_of(reservation).failure_code) == ("failed", "transfer_reversed")
        gateway_books.assert_equal(sandbox.ledger())
        assert check(INVARIANTS) == []

    def test_a_part_that_came_back_is_told_to_operators_once_and_changes_no_books(
        self, guest: Any, host: Any, operator: Any, sandbox: Any, time: Any, deliver: Any
    ) -> None:
        reservation = reversed_payout(guest, host, sandbox, 700)
        for _day in range(2):
            time.forward(hours=25)
            assert tasks.ask_again() == 1
        deliver()
        assert line_of(reservation).status == "sent"
        assert [(each["reason"], each["amount_minor"]) for each in events("PayoutHeld")] == [("partly_returned", 700)]
        assert Notification.objects.filter(recipient=operator, kind="payout_stuck").count() == 1
        assert not Notification.objects.filter(recipient=host, kind="payout_held").exists()

    def test_one_that_stays_is_asked_about_every_day(self, guest: Any, host: Any, time: Any, sandbox: Any) -> None:
        payee_of(host)
        reservation = due_stay(guest, host)
        run_timers()
        before = balances(reservation.code)
        for _day in range(3):
            time.forward(hours=25)
            assert (tasks.ask_again(), tasks.ask_again()) == (1, 0)
        assert balances(reservation.code) == before


class TestMessages:
    """They only make it sooner."""

    def stored(self, sandbox: Any, kind: str) -> WebhookMessage:
        event = next(each for each in sandbox.events() if each["type"] == kind)
        store_message("stripe", gateways.named("stripe").read_stored(event))
        return WebhookMessage.objects.get()

    def test_a_reversal_is_looked_into_at_once(self, guest: Any, host: Any, sandbox: Any) -> None:
        reservation = reversed_payout(guest, host, sandbox)
        assert messages.work(self.stored(sandbox, "transfer.reversed").pk)
        assert line_of(reservation).status == "failed"

    def test_a_message_alone_is_not_believed(self, guest: Any, host: Any, sandbox: Any) -> None:
        payee_of(host)
        reservation = due_stay(guest, host)
        run_timers()
        event = next(each for each in sandbox.events() if each["type"] == "transfer.created")
        said = event | {"type": "transfer.reversed"}
        said["data"]["object"] |= {"reversed": True, "amount_reversed": said["data"]["object"]["amount"]}
        store_message("stripe", gateways.named("stripe").read_stored(said))
        assert messages.work(WebhookMessage.objects.get().pk)
        assert line_of(reservation).status == "sent"

    def test_one_about_somebody_elses_transfer_waits(self, guest: Any, host: Any, sandbox: Any) -> None:
        reversed_payout(guest, host, sandbox)
        stored = self.stored(sandbox, "transfer.reversed")
        stored.payload["data"]["object"]["metadata"] = {}
        stored.save()
        assert not messages.work(stored.pk)
        assert Payout.objects.get().status == "sent"

"""Payouts that are refused: whose matter it is decides who is told, and whether time mends it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from airbnb import clock
from airbnb.invariants import check
from notifications.models import Notification
from notifications.wording import words
from payments import queries, tasks
from payments.earnings import line_of as as_the_host_sees_it
from payments.gateways.breaker import CLOSED as WORKS
from payments.gateways.breaker import OPEN
from payments.gateways.port import KnownTransfer, TransferOutcome
from payments.gateways.stripe_adapter import StripeGateway
from payments.invariants import INVARIANTS
from payments.models import Payout
from payments.refusals import Cause, cause_of
from payments.services import note_standing, send_payout_again
from tests import support
from tests.conftest import make_user
from tests.payments.facts import balances, events
from tests.payments.paying_hosts import CLOSED, due_stay, line_of, payee_of, run_timers, transfers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _sandbox(sandbox: Any) -> None:
    """All money moves at the sandbox."""


@pytest.fixture
def short(guest: Any, host: Any, sandbox: Any) -> Any:
    """A stay whose payout is due while the gateway has none of our money left."""
    payee_of(host)
    reservation = due_stay(guest, host)
    charge = sandbox.charges(reservation.code)[0]
    sandbox.refund(charge["payment_intent"], charge["amount"])  # behind our back
    run_timers()
    return reservation


def told(user: Any, reservation: Any) -> list[tuple[str, str, str]]:
    """Kind, title and text of everything about payouts that somebody was told of a stay."""
    mine = Notification.objects.filter(recipient=user, reservation=reservation.code, kind__startswith="payout_")
    said = [(each, words(each.kind, each.role, each.params)) for each in mine.order_by("created_at")]
    return [(each.kind, of.title, of.text) for each, of in said]


def every_hour(first: int, last: int) -> None:
    for hour in range(first, last):
        with clock.shifted(timedelta(hours=hour)):
            tasks.send_payouts()


class TestTooLittleOfOurMoney:
    def test_it_never_counts_and_is_tried_every_hour(self, short: Any, sandbox: Any) -> None:
        line = line_of(short)
        assert (line.status, line.failure_code, line.refusals) == ("ready", "balance_insufficient", 0)
        every_hour(1, 30)
        line = line_of(short)
        assert (line.status, line.refusals, line.generation) == ("ready", 0, 31)
        assert transfers(sandbox) == events("PayoutFailed") == []
        assert balances(short.code)["host_payable"] == -short.host_payout_minor
        assert check(INVARIANTS) == []

    def test_within_the_hour_it_is_not_tried(self, short: Any) -> None:
        with clock.shifted(timedelta(minutes=58)):
            assert tasks.send_payouts() == 0

    def test_operators_are_told_once_and_the_host_is_not_sent_to_the_bank(
        self, short: Any, host: Any, operator: Any, deliver: Any
    ) -> None:
        every_hour(1, 4)
        deliver()
        (kind, title, text), *more = told(operator, short)
        assert (kind, more) == ("payout_stuck", [])
        assert "Too little at the gateway" in title
        (kind, title, text), *more = told(host, short)
        assert (kind, more) == ("payout_held", [])
        assert "we are on it" in text
        assert "bank" not in (title + text).lower()
        assert as_the_host_sees_it(line_of(short)).label == "Late: we are on it"
        assert [each["reason"] for each in events("PayoutHeld")] == ["gateway_balance"]

    def test_with_enough_it_goes_out_by_itself(self, short: Any, sandbox: Any) -> None:
        support.confirmed_reservation(make_user("other@example.com"), support.room_of())  # its money is there, too
        every_hour(1, 2)
        line = line_of(short)
        assert (line.status, line.failure_code, line.told_for) == ("sent", "", "")
        assert [each["amount"] for each in transfers(sandbox)] == [short.host_payout_minor]

    def test_an_operator_who_put_money_there_need_not_wait(self, short: Any) -> None:
        support.confirmed_reservation(make_user("other@example.com"), support.room_of())
        assert send_payout_again(str(line_of(short).pk))
        tasks.send_payouts()
        assert line_of(short).status == "sent"


def test_a_closed_account_is_its_hosts_matter(guest: Any, host: Any, operator: Any, deliver: Any) -> None:
    """The control of the above: here it is the bank."""
    payee_of(host, CLOSED)
    deliver()  # or the news of it would have what failed sent once more
    reservation = due_stay(guest, host)
    run_timers()
    deliver()
    (failed,) = events("PayoutFailed")
    assert (failed["code"], failed["cause"]) == ("account_closed", "account")
    ((kind, _title, text),) = told(host, reservation)
    assert (kind, "check your bank details" in text) == ("payout_failed", True)
    ((_kind, _title, text),) = told(operator, reservation)
    assert "account_closed" in text
    assert as_the_host_sees_it(line_of(reservation)).label == "Not accepted by the bank"


@pytest.mark.parametrize(
    "refusal",
    [
        TransferOutcome(KnownTransfer.FAILED, failure_code="lock_timeout"),
        TransferOutcome(KnownTransfer.SPENT),
    ],
    ids=["refused", "spent"],
)
def test_the_gateways_own_trouble_ends_after_six_and_is_ours_to_mend(
    guest: Any, host: Any, operator: Any, deliver: Any, monkeypatch: pytest.MonkeyPatch, refusal: TransferOutcome
) -> None:
    payee_of(host)
    deliver()
    reservation = due_stay(guest, host)
    monkeypatch.setattr(StripeGateway, "transfer", lambda *_: refusal)
    run_timers()
    every_hour(1, 10)
    deliver()
    line = line_of(reservation)
    assert (line.status, line.refusals) == ("failed", 6)
    assert [each["cause"] for each in events("PayoutFailed")] == ["passing"]
    ((_kind, title, text),) = told(host, reservation)
    assert "bank" not in (title + text).lower()
    assert "we are on it" in text
    assert [kind for kind, _title, _text in told(operator, reservation)] == ["payout_stuck"]
    assert as_the_host_sees_it(line).label == "Late: we are on it"


def test_more_than_the_books_owe_is_held_and_operators_know(
    guest: Any, host: Any, operator: Any, deliver: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    payee_of(host)
    reservation = due_stay(guest, host)
    with monkeypatch.context() as broken:
        broken.setattr("payments.services.payouts.owed_to", lambda *_: 0)
        run_timers()
        every_hour(1, 3)
        deliver()
        line = line_of(reservation)
        assert (line.status, line.held_for) == ("held", "balance")
        assert [each["reason"] for each in events("PayoutHeld")] == ["balance"]
        assert [kind for kind, _title, _text in told(operator, reservation)] == ["payout_stuck"]
        assert send_payout_again(str(line.pk))
        tasks.send_payouts()
    assert len(events("PayoutHeld")) == 2, "somebody did something, so it is news again"
    assert send_payout_again(str(line.pk))
    tasks.send_payouts()
    assert line_of(reservation).status == "sent"


def test_an_operator_who_is_the_host_is_told_as_the_host(guest: Any, deliver: Any) -> None:
    both = make_user("both@example.com", host=True, operator=True)
    payee_of(both, CLOSED)
    deliver()
    reservation = due_stay(guest, both)
    run_timers()
    deliver()
    assert [kind for kind, _title, _text in told(both, reservation)] == ["payout_failed"]


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("balance_insufficient", Cause.BALANCE),
        ("insufficient_funds", Cause.BALANCE),
        ("lock_timeout", Cause.PASSING),
        ("no_account", Cause.ACCOUNT),
        ("transfer_reversed", Cause.RETURNED),
        ("resource_missing", Cause.OURS),
        ("", Cause.OURS),
    ],
)
def test_whose_matter_a_code_is(code: str, cause: Cause) -> None:
    assert cause_of(code) == cause


def test_what_an_earlier_release_told_without_a_cause_blames_nobody(guest: Any, host: Any, deliver: Any) -> None:
    from airbnb.db import write
    from airbnb.events.bus import publish
    from payments.events import PayoutFailed

    reservation = due_stay(guest, host)
    old = {"payout_id": str(Payout.objects.get().pk), "amount_minor": 5, "currency": "KRW", "code": "lock_timeout"}
    with write():
        publish(PayoutFailed(reservation=reservation.code, host_id=host.pk, **old))
    deliver()
    ((_kind, _title, text),) = told(host, reservation)
    assert "we are on it" in text


def test_payouts_that_waited_go_out_evenly_after_the_refunds_when_the_gateway_is_back(
    guest: Any, host: Any, sandbox: Any, deliver: Any
) -> None:
    """No burst: each is looked for before it is sent, so with six calls a minute of our own they are three a minute."""
    payee_of(host)
    stays = [due_stay(guest, host) for _ in range(3)]
    sandbox.faults(mode="drop_before")
    run_timers()
    sandbox.faults(mode="none")
    assert {line_of(each).status for each in stays} == {"unknown"}
    note_standing(gateway="stripe", state=OPEN, epoch=1, reason="test")
    note_standing(gateway="stripe", state=WORKS, epoch=2, reason="test")
    deliver()
    first, second, third = sorted(line_of(each).next_attempt_at for each in stays)
    assert (second - first, third - second) == (timedelta(seconds=20), timedelta(seconds=20))
    assert queries.guests_per_minute("stripe") == 6
    assert tasks.send_payouts() == 1
    with clock.shifted(timedelta(seconds=45)):
        assert tasks.send_payouts() == 2
    assert len(transfers(sandbox)) == 3

"""The guard around every adapter: what it refuses and how, what it counts, and what it tells the house."""

from __future__ import annotations

import inspect
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event, Thread, Timer
from time import sleep
from typing import Any

import pytest

from airbnb import db, http
from payments import charging, gateways, watching
from payments.gateways import guarding, port
from payments.gateways.breaker import CLOSED, OPEN, Kept
from payments.gateways.port import Known, KnownRefund, KnownTransfer, Outcome
from payments.gateways.tickets import Tickets
from payments.models import Payment
from tests.payments.breaking import (
    CALLS,
    NOW,
    SHORT,
    Scripted,
    break_it,
    breaker_with,
    call,
    forget,
    guarded,
    until,
)
from tests.payments.conftest import Prepare

pytestmark = pytest.mark.django_db

REFUSED = {
    "charge": Known.UNREACHABLE,
    "look_up": Known.UNKNOWN,
    "confirm": Known.UNREACHABLE,
    "capture": Known.UNREACHABLE,
    "void": Known.UNKNOWN,
    "refund": KnownRefund.UNREACHABLE,
    "look_up_refund": KnownRefund.UNKNOWN,
    "transfer": KnownTransfer.UNREACHABLE,
    "look_up_transfer": KnownTransfer.UNKNOWN,
}


# ---------------------------------------------------------------------------------------------- what is refused
@pytest.mark.parametrize("operation", sorted(CALLS))
def test_while_open_every_call_is_refused_at_once_and_never_leaves(scripted: Scripted, operation: str) -> None:
    break_it(scripted)
    refused = call(operation)
    assert scripted.asked == []
    if operation == "register_payee":
        assert refused == port.PayeeOutcome()
    else:
        assert refused.known == REFUSED[operation]
    if operation in ("charge", "confirm", "capture"):
        assert 0 < refused.retry_after_s <= 15


def test_the_books_cannot_be_read_while_it_is_open(scripted: Scripted) -> None:
    assert len(list(guarded().books(NOW, NOW))) == 3
    break_it(scripted)
    with pytest.raises(port.Unanswered):
        list(guarded().books(NOW, NOW))
    assert scripted.asked == []


def test_nor_fees_and_bank_movements(scripted: Scripted) -> None:
    assert len(list(guarded().movements(NOW, NOW))) == 1
    break_it(scripted)
    with pytest.raises(port.Unanswered):
        list(guarded().movements(NOW, NOW))
    assert scripted.asked == []


def test_the_control_with_the_guard_off_every_call_goes_out(scripted: Scripted, settings: Any) -> None:
    break_it(scripted)
    settings.GATEWAY_GUARDED = False
    for operation in CALLS:
        call(operation)
    assert scripted.asked == list(CALLS)


def test_the_guard_offers_all_that_the_port_asks() -> None:
    offered = {name for name, _ in inspect.getmembers(port.Gateway, inspect.isfunction) if name[0] != "_"}
    assert offered <= {name for name, _ in inspect.getmembers(guarding.Guarded, inspect.isfunction)}


def test_every_gateway_that_is_handed_out_is_guarded() -> None:
    assert all(isinstance(gateways.named(name), guarding.Guarded) for name in gateways.names())
    assert isinstance(gateways.for_currency("KRW"), guarding.Guarded)


def test_a_question_that_was_refused_leaves_the_payment_unknown(
    scripted: Scripted, prepare: Prepare, sandbox: Any
) -> None:
    """The charge has arrived and its answer was lost: a refused question must not read as "nothing was sent"."""
    payment_id = prepare()
    sandbox.faults(mode="drop_after")
    assert charging.charge(payment_id).status == "unknown"
    sandbox.faults(mode="none")
    guarding.breaker_of("stripe").learn(Kept(OPEN, 50))
    assert charging.settle(payment_id).status == "unknown"
    assert Payment.objects.get(pk=payment_id).status == "unknown"
    guarding.breaker_of("stripe").learn(Kept(CLOSED, 51))
    assert charging.settle(payment_id).status == "approved"


def test_an_old_failure_that_is_told_again_does_not_shut_a_gateway_that_is_back(
    prepare: Prepare, sandbox: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The charge met a 500, which its key repeats for ever; asked about in the trial after the rest it is no news."""
    settings.GATEWAY_GUARDED = True
    forget()
    breaker_with(replace(SHORT, threshold=1, trial_ms=60_000, open_ms=0), monkeypatch)
    payment_id, another = prepare(), prepare()
    sandbox.faults(mode="error")
    assert charging.charge(payment_id).status == "unknown"
    assert guarding.breaker_of("stripe").ask().is_open
    sandbox.faults(mode="none")
    assert not watching.probe("stripe").is_open
    assert charging.settle(payment_id).status == "unavailable"
    assert not guarding.breaker_of("stripe").ask().is_open
    assert charging.charge(another).status == "approved"


# ----------------------------------------------------------------------------------------------- what is counted
BAD: list[Any] = [
    Outcome(Known.UNKNOWN, answer={"status": 500}),
    Outcome(Known.UNKNOWN),
    Outcome(Known.SPENT, answer={"status": 500}),
    Outcome(Known.UNREACHABLE),
    Outcome(Known.UNREACHABLE, answer={"status": 429}),
    Outcome(Known.UNREACHABLE, answer={"status": 401}),
    port.RefundOutcome(KnownRefund.UNKNOWN),
    port.TransferOutcome(KnownTransfer.UNREACHABLE),
    port.PayeeOutcome(),
]
GOOD: list[Any] = [
    *(Outcome(known) for known in Known if known not in (Known.UNKNOWN, Known.UNREACHABLE, Known.SPENT)),
    Outcome(Known.UNKNOWN, answer={"status": 409}),
    Outcome(Known.UNKNOWN, answer={"status": 404}),
    Outcome(Known.SPENT, answer={"status": 500, "replayed": True}),
    port.RefundOutcome(KnownRefund.SPENT, answer={"status": 500, "replayed": True}),
    port.RefundOutcome(KnownRefund.FAILED),
    port.RefundOutcome(KnownRefund.ABSENT),
    port.TransferOutcome(KnownTransfer.FAILED),
    port.PayeeOutcome(failure_code="no such bank"),
]


@pytest.mark.parametrize("outcome", BAD)
def test_no_answer_and_errors_count(scripted: Scripted, outcome: Any) -> None:
    scripted.answer = outcome
    for _ in range(4):
        call("charge")
    assert len(scripted.asked) == 3


@pytest.mark.parametrize("outcome", GOOD)
def test_declines_and_other_answers_never_count(scripted: Scripted, outcome: Any) -> None:
    scripted.answer = outcome
    for _ in range(8):
        call("charge")
    assert len(scripted.asked) == 8


def test_an_exception_of_the_adapter_counts_and_is_not_hidden(scripted: Scripted) -> None:
    scripted.answer = RuntimeError("the adapter is wrong")
    for _ in range(3):
        with pytest.raises(RuntimeError):
            call("charge")
    assert call("charge").known == Known.UNREACHABLE


def test_a_call_inside_a_transaction_is_our_own_mistake(scripted: Scripted) -> None:
    scripted.answer = db.NetworkInTransaction("no")
    for _ in range(5):
        with pytest.raises(db.NetworkInTransaction):
            call("charge")


def test_one_call_of_the_port_has_one_deadline_however_often_the_adapter_tries(
    scripted: Scripted, settings: Any
) -> None:
    settings.GATEWAY_DEADLINE_S = 4.0
    left: list[float | None] = []
    scripted.during = lambda: left.append(http.time_left())
    call("charge")
    assert left[0] is not None
    assert 3.5 < left[0] <= 4.0
    assert http.time_left() is None


# -------------------------------------------------------------------------------------------------- the bulkhead
def occupied(scripted: Scripted, operation: str, count: int) -> tuple[Event, list[Thread]]:
    """So many calls that are inside the gateway until the event is set."""
    leave, inside = Event(), []

    def stay() -> None:
        inside.append(1)
        leave.wait(10)

    scripted.during = stay
    threads = [Thread(target=call, args=(operation, scripted.name), daemon=True) for _ in range(count)]
    for each in threads:
        each.start()
    until(lambda: len(inside) == count)
    scripted.during = lambda: None
    scripted.asked.clear()
    return leave, threads


def background_is_full(scripted: Scripted, monkeypatch: pytest.MonkeyPatch) -> tuple[Event, list[Thread]]:
    """Two refunds hang with two of four tickets, which is all that the background may have."""
    tickets = Tickets(4)
    monkeypatch.setattr(guarding, "tickets_of", lambda _name: tickets)
    scripted.answer = port.RefundOutcome(KnownRefund.SUCCEEDED)
    return occupied(scripted, "refund", 2)


def leave_all(leave: Event, threads: list[Thread]) -> None:
    leave.set()
    for each in threads:
        each.join(5)


@pytest.mark.django_db(transaction=True)
def test_when_the_tickets_are_used_up_a_guest_is_told_to_come_again_soon(
    scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    tickets = Tickets(4)
    monkeypatch.setattr(guarding, "tickets_of", lambda _name: tickets)
    leave, threads = occupied(scripted, "charge", 4)
    refused = call("charge")
    assert (refused.known, refused.retry_after_s, scripted.asked) == (Known.UNREACHABLE, guarding.FULL_RETRY_S, [])
    leave_all(leave, threads)
    assert call("charge").known == Known.CAPTURED
    assert not guarding.breaker_of("scripted").ask().is_open, "being busy is no failure of the gateway"
    assert guarding.breaker_of("scripted").counts()["full"] == 1


@pytest.mark.parametrize(
    ("answer", "seconds", "admitted"),
    [
        (Outcome(Known.UNKNOWN), 0.2, False),
        (Outcome(Known.UNKNOWN), 0.0, True),
        (Outcome(Known.CAPTURED), 0.2, True),
    ],
)
def test_a_call_that_failed_slowly_leaves_its_ticket_to_nobody_for_a_while(
    scripted: Scripted, settings: Any, monkeypatch: pytest.MonkeyPatch, answer: Outcome, seconds: float, admitted: bool
) -> None:
    """Who has waited in vain is not followed by the next; one that failed at once, or was slow and good, is."""
    tickets = Tickets(1)
    monkeypatch.setattr(guarding, "tickets_of", lambda _name: tickets)
    monkeypatch.setattr(guarding, "WITHHELD_S", 0.8)
    settings.GATEWAY_DEADLINE_S = 0.4
    scripted.answer, scripted.during = answer, lambda: sleep(seconds)
    call("charge")
    scripted.answer, scripted.during = Outcome(Known.CAPTURED), lambda: None
    assert (call("charge").known == Known.CAPTURED) is admitted
    sleep(0.8)
    assert call("charge").known == Known.CAPTURED


@pytest.mark.django_db(transaction=True)
def test_work_in_the_background_leaves_half_of_the_tickets_to_guests(
    scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave, threads = background_is_full(scripted, monkeypatch)
    assert call("refund").known == KnownRefund.UNREACHABLE
    assert call("transfer").known == KnownTransfer.UNREACHABLE
    scripted.answer = Outcome(Known.CAPTURED)
    assert call("charge").known == Known.CAPTURED
    leave_all(leave, threads)


@pytest.mark.django_db(transaction=True)
def test_the_books_wait_for_a_ticket_and_ask_for_it_once_a_step(
    scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused at one row, all that was read before would be read again: a busy worker would never have read all."""
    leave, threads = background_is_full(scripted, monkeypatch)
    Timer(0.3, leave.set).start()
    assert len(list(guarded().books(NOW, NOW))) == 3
    leave_all(leave, threads)
    asked = guarding.breaker_of("scripted").counts()["ok"]
    monkeypatch.setattr(guarding, "STEP", 2)
    assert len(list(guarded().books(NOW, NOW))) == 3
    assert guarding.breaker_of("scripted").counts()["ok"] == asked + 3, "one for the beginning, and one for each step"


@pytest.fixture
def another(scripted: Scripted, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Scripted:
    """A second gateway in use, in a process of eight threads."""
    settings.GATEWAY_TICKETS = 4
    inner = Scripted()
    inner.name = "another"
    monkeypatch.setitem(gateways._GATEWAYS, inner.name, guarding.Guarded(inner))
    return inner


def both_hang(scripted: Scripted, another: Scripted) -> tuple[Known, Known, Known]:
    """Three calls hang in the one and one in the other; then one more to the one, and two more to the other."""
    hanging = [occupied(scripted, "charge", 3)]
    one_more = call("charge").known
    hanging.append(occupied(another, "charge", 1))
    answers = one_more, call("charge", another.name).known, call("charge", another.name).known
    for leave, threads in hanging:
        leave_all(leave, threads)
    return answers


@pytest.mark.django_db(transaction=True)
def test_two_gateways_that_hang_never_have_more_than_half_of_the_threads(scripted: Scripted, another: Scripted) -> None:
    assert both_hang(scripted, another) == (Known.UNREACHABLE, Known.UNREACHABLE, Known.UNREACHABLE)
    assert another.asked == [], "four threads hang, and the other four go on"
    assert {call("charge", name).known for name in ("scripted", "another")} == {Known.CAPTURED}
    assert guarding.all_tickets().in_use == 0


@pytest.mark.django_db(transaction=True)
def test_the_control_with_tickets_of_each_gateway_alone_more_of_them_hang(
    scripted: Scripted, another: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guarding, "all_tickets", lambda: Tickets(99))
    assert both_hang(scripted, another) == (Known.UNREACHABLE, Known.CAPTURED, Known.CAPTURED)


def test_where_there_is_one_gateway_it_may_have_all_that_there_are(
    another: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert guarding.tickets_of("another").total == 3
    forget()
    monkeypatch.setattr(gateways, "in_use", lambda: ["another"])
    assert guarding.tickets_of("another").total == 4


def test_a_ticket_is_given_back_whatever_happens() -> None:
    tickets = Tickets(1)
    for _ in range(3):
        with pytest.raises(ValueError), tickets.taken(background=True, wait_s=0) as got:  # noqa: PT012
            assert got
            raise ValueError
    assert tickets.in_use == 0


def test_a_guest_waits_a_moment_for_a_ticket_that_comes_free() -> None:
    tickets, inside, leave = Tickets(1), Event(), Event()

    def hold() -> None:
        with tickets.taken(background=False, wait_s=0):
            inside.set()
            leave.wait(5)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(hold)
        inside.wait(5)
        leave.set()
        with tickets.taken(background=False, wait_s=5) as got:
            assert got

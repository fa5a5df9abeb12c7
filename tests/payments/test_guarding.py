"""The guard around every adapter: what it refuses and how, what it counts, and what it tells the house."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Event, Thread
from typing import Any

import pytest

from airbnb import db, http
from airbnb.money import Money
from payments import charging, gateways, services, watching
from payments.gateways import guarding, port
from payments.gateways.breaker import CLOSED, OPEN, Breaker, Kept
from payments.gateways.port import Known, KnownRefund, KnownTransfer, Outcome
from payments.gateways.tickets import Tickets
from payments.models import GatewayChange, GatewayState, Payment
from tests.payments.breaking import LONG, SHORT, connected, until
from tests.payments.conftest import Prepare
from tests.payments.facts import events

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 1, 1, tzinfo=UTC)
CHARGE = port.ChargeRequest("k", "p", "BB1", Money(1000), "pm", "http://x/", True, "c")
CONFIRM = port.ConfirmRequest("k", "p", "ref", Money(1000), "BB1", "c")
REFUND = port.RefundRequest("k", "r", "ref", Money(1000), "BB1", "c")
PAYEE = port.PayeeRequest("k", "p", "KR", "KRW", "004", "123", "H")
TRANSFER = port.TransferRequest("k", "p", "acct", Money(1000), "BB1", NOW, "c")
CALLS: dict[str, tuple[Any, ...]] = {
    "charge": (CHARGE,),
    "look_up": (port.Reference("p", "", NOW),),
    "confirm": (CONFIRM,),
    "capture": (CONFIRM,),
    "void": ("ref", "k"),
    "refund": (REFUND,),
    "look_up_refund": (REFUND,),
    "register_payee": (PAYEE,),
    "transfer": (TRANSFER,),
    "look_up_transfer": (TRANSFER,),
}
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


class Scripted:
    """A gateway that answers as it is told and notes what it was asked."""

    name = "scripted"
    capabilities = frozenset(port.Capability)

    def __init__(self) -> None:
        self.answer: Any = Outcome(Known.CAPTURED)
        self.up = True
        self.asked: list[str] = []
        self.during: Callable[[], None] = lambda: None

    def __getattr__(self, name: str) -> Any:
        if name not in CALLS:
            raise AttributeError(name)

        def call(*_given: Any) -> Any:
            self.asked.append(name)
            self.during()
            if isinstance(self.answer, Exception):
                raise self.answer
            return self.answer

        return call

    def books(self, _since: Any, _until: Any) -> Iterator[port.Booked]:
        for number in range(3):
            self.asked.append("books")
            if isinstance(self.answer, Exception):
                raise self.answer
            yield port.Booked(str(number), "ref", "KRW", 1, 0)

    def ping(self) -> bool:
        self.asked.append("ping")
        return self.up


@pytest.fixture
def scripted(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scripted]:
    """A guarded gateway of a fresh process, with the guard on and short rests."""
    settings.GATEWAY_GUARDED = True
    forget()
    inner = Scripted()
    monkeypatch.setitem(gateways._GATEWAYS, "scripted", guarding.Guarded(inner))
    breaker_with(SHORT, monkeypatch)
    monkeypatch.setattr(watching, "probe_soon", lambda name: None)
    yield inner
    forget()


def forget() -> None:
    for each in (guarding.breaker_of, guarding.tickets_of):
        if hasattr(each, "cache_clear"):
            each.cache_clear()


def breaker_with(limits: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    known: dict[str, Breaker] = {}

    def breaker_of(name: str) -> Breaker:
        if name not in known:
            known[name] = Breaker(name, lambda: guarding._row(name), limits=limits)
        return known[name]

    monkeypatch.setattr(guarding, "breaker_of", breaker_of)
    monkeypatch.setattr(watching, "breaker_of", breaker_of)


def guarded() -> Any:
    return gateways.named("scripted")


def call(operation: str) -> Any:
    return getattr(guarded(), operation)(*CALLS[operation])


def break_it(scripted: Scripted) -> None:
    """Three calls that come to nothing."""
    good, scripted.answer = scripted.answer, Outcome(Known.UNKNOWN, answer={"status": 500})
    for _ in range(3):
        call("charge")
    scripted.answer = good
    scripted.asked.clear()


def told(name: str) -> list[dict[str, Any]]:
    return [each for each in events(name) if each["gateway"] == "scripted"]


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
    threads = [Thread(target=call, args=(operation,), daemon=True) for _ in range(count)]
    for each in threads:
        each.start()
    until(lambda: len(inside) == count)
    scripted.during = lambda: None
    scripted.asked.clear()
    return leave, threads


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


@pytest.mark.django_db(transaction=True)
def test_work_in_the_background_leaves_half_of_the_tickets_to_guests(
    scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    tickets = Tickets(4)
    monkeypatch.setattr(guarding, "tickets_of", lambda _name: tickets)
    scripted.answer = port.RefundOutcome(KnownRefund.SUCCEEDED)
    leave, threads = occupied(scripted, "refund", 2)
    assert call("refund").known == KnownRefund.UNREACHABLE
    assert call("transfer").known == KnownTransfer.UNREACHABLE
    scripted.answer = Outcome(Known.CAPTURED)
    assert call("charge").known == Known.CAPTURED
    leave_all(leave, threads)


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


# ---------------------------------------------------------------------------------------- the row and its events
def test_opening_and_closing_are_each_told_once(scripted: Scripted) -> None:
    break_it(scripted)
    for _ in range(5):
        call("charge")
    watching.watch("scripted")
    assert len(told("PaymentsUnavailable")) == 1
    row = GatewayState.objects.get(pk="scripted")
    assert (row.rests, row.reason) == (True, "unknown: status 500")
    until(lambda: watching.watch("scripted").state == CLOSED)
    watching.watch("scripted")
    assert (len(told("PaymentsUnavailable")), len(told("PaymentsAvailable"))) == (1, 1)
    assert set(scripted.asked) == {"ping"}, "no guest's payment was the probe"
    assert [each.rests for each in GatewayChange.objects.all()] == [False, True]


@pytest.mark.django_db(transaction=True)
def test_many_processes_that_see_the_same_opening_tell_it_once(scripted: Scripted) -> None:
    def see(_number: int) -> None:
        from django.db import connection

        services.note_standing(gateway="scripted", state=OPEN, epoch=1, reason="seen")
        connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(see, range(16)))
    assert len(told("PaymentsUnavailable")) == 1


def test_a_bad_ping_keeps_it_open(scripted: Scripted) -> None:
    break_it(scripted)
    scripted.up = False
    until(lambda: watching.watch("scripted") and "ping" in scripted.asked)
    assert watching.watch("scripted").is_open
    assert told("PaymentsAvailable") == []


def test_a_crash_between_breaker_and_row_is_made_up_for(scripted: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    breaker_with(LONG, monkeypatch)
    with monkeypatch.context() as crashing:
        crashing.setattr(watching, "follow", lambda *_: None)
        break_it(scripted)
    assert told("PaymentsUnavailable") == []
    watching.watch("scripted")
    watching.watch("scripted")
    assert len(told("PaymentsUnavailable")) == 1


def test_a_row_that_cannot_be_written_fails_no_call(scripted: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_given: Any) -> None:
        raise RuntimeError("no database")

    monkeypatch.setattr(watching, "follow", broken)
    break_it(scripted)
    assert call("charge").known == Known.UNREACHABLE


def test_an_emptied_redis_learns_the_row(scripted: Scripted, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    breaker_with(LONG, monkeypatch)
    break_it(scripted)
    connected(settings.REDIS_URL).flushdb()
    breaker_with(LONG, monkeypatch)  # a process that was started just now
    scripted.up = False
    assert watching.watch("scripted").is_open
    assert call("charge").known == Known.UNREACHABLE
    assert told("PaymentsAvailable") == []


def test_two_memories_with_one_number_for_two_things_agree_on_the_row(scripted: Scripted, operator: Any) -> None:
    """An operator took it out just when the breaker opened by itself: both are the first change."""
    with pytest.MonkeyPatch.context() as crashing:
        crashing.setattr(watching, "follow", lambda *_: None)
        break_it(scripted)
    services.force_gateway(gateway="scripted", forced=OPEN, operator=operator, reason="moving house")
    assert watching.watch("scripted").forced == OPEN


# ------------------------------------------------------------------------------------------------------ operators
def test_an_operator_takes_a_gateway_out_and_gives_it_back(scripted: Scripted, operator: Any) -> None:
    services.force_gateway(gateway="scripted", forced=OPEN, operator=operator, reason="they are moving house")
    watching.watch("scripted")
    assert call("charge").known == Known.UNREACHABLE
    assert scripted.asked == [], "and it is not probed"
    assert len(told("PaymentsUnavailable")) == 1
    services.force_gateway(gateway="scripted", forced="", operator=operator, reason="they have moved")
    assert told("PaymentsAvailable") == [], "it must answer first"
    until(lambda: watching.watch("scripted").state == CLOSED)
    assert len(told("PaymentsAvailable")) == 1
    kept = GatewayChange.objects.filter(by=operator).values_list("forced", "reason")
    assert list(kept) == [("", "they have moved"), (OPEN, "they are moving house")]


def test_an_operator_lets_every_call_through(scripted: Scripted, operator: Any) -> None:
    break_it(scripted)
    services.force_gateway(gateway="scripted", forced=CLOSED, operator=operator, reason="a false alarm")
    watching.watch("scripted")
    assert len(told("PaymentsAvailable")) == 1
    scripted.answer = Outcome(Known.UNKNOWN)
    for _ in range(9):
        call("charge")
    assert len(scripted.asked) == 9
    services.force_gateway(gateway="scripted", forced=CLOSED, operator=operator, reason="again")
    assert GatewayChange.objects.filter(by=operator).count() == 1

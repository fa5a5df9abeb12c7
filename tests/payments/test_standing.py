"""How a gateway stands: one row, each change told once, probes, and what operators want."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import monotonic
from typing import Any

import pytest

from airbnb import clock
from airbnb.celery import queue_of
from airbnb.embedded.commands import QUEUES
from airbnb.money import Money
from payments import charging, gateways, queries, services, tasks, watching
from payments.gateways.breaker import CLOSED, OPEN
from payments.gateways.port import Known, Outcome
from payments.models import GatewayChange, GatewayState, Payment, Refund
from payments.states import PaymentStatus
from tests.payments.breaking import LONG, Scripted, break_it, breaker_with, call, connected, told, until
from tests.payments.conftest import Prepare

pytestmark = pytest.mark.django_db


def test_the_watch_waits_behind_no_backlog() -> None:
    """Its queue is its own and every worker serves it."""
    assert queue_of(tasks.watch_gateways.name) == "watch"
    assert all("watch" in queues.split(",") for queues in QUEUES.values())


# ---------------------------------------------------------------------------------------- the row and its events
def test_opening_and_closing_are_each_told_once(scripted: Scripted) -> None:
    break_it(scripted)
    for _ in range(5):
        call("charge")
    scripted.up = False
    watching.watch("scripted")
    assert len(told("PaymentsUnavailable")) == 1
    row = GatewayState.objects.get(pk="scripted")
    assert (row.rests, row.reason) == (True, "unknown: status 500")
    scripted.up = True
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


# ------------------------------------------------------------------------------------- beside the real sandbox
def test_an_answer_that_drips_is_no_answer_and_the_money_is_found(
    prepare: Prepare, sandbox: Any, settings: Any
) -> None:
    settings.GATEWAY_DEADLINE_S = 0.5
    payment_id = prepare()
    sandbox.faults(mode="drip", latency_ms=50)
    begun = monotonic()
    assert charging.charge(payment_id).status == "unknown"
    assert monotonic() - begun < 3
    sandbox.faults(mode="none")
    settings.GATEWAY_DEADLINE_S = 4.0
    assert charging.settle(payment_id).status == "approved"


def test_a_gateway_answers_a_ping_and_a_sick_one_does_not(sandbox: Any) -> None:
    assert gateways.named("stripe").ping()
    sandbox.faults(mode="error")
    assert not gateways.named("stripe").ping()


def test_what_waited_is_asked_about_evenly_when_the_gateway_is_back(
    prepare: Prepare,
    sandbox: Any,
    deliver: Any,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    sandbox.faults(mode="drop_after")
    ids = [prepare() for _ in range(3)]
    for each in ids:
        charging.charge(each)
    sandbox.faults(mode="none")
    asked: list[tuple[str, float]] = []
    monkeypatch.setattr(tasks, "look_soon", lambda payment_id, after_s: asked.append((payment_id, after_s)))
    services.note_standing(gateway="stripe", state=OPEN, epoch=1, reason="test")
    services.note_standing(gateway="stripe", state=CLOSED, epoch=2, reason="test")
    with django_capture_on_commit_callbacks(execute=True):
        deliver()
    assert [each for each, _after in asked] == ids
    assert [round(after, 1) for _each, after in asked] == [0.0, 10.0, 20.0]


def test_many_that_waited_are_all_asked_about_within_half_a_minute(
    prepare: Prepare, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    """Half of twelve a minute would take ten minutes for them; guests are promised one."""
    Payment.objects.filter(pk__in=[prepare() for _ in range(60)]).update(status=PaymentStatus.PROCESSING)
    asked: list[float] = []
    monkeypatch.setattr(tasks, "look_soon", lambda _payment_id, after_s: asked.append(after_s))
    with django_capture_on_commit_callbacks(execute=True):
        last = services.look_at_what_waited(gateway="stripe", per_minute=6)
    assert (last, asked) == (timedelta(seconds=30), [pytest.approx(number * 0.5) for number in range(60)])
    assert not Payment.objects.to_look_at(clock.now() + timedelta(seconds=29)).exists(), "the timer leaves them alone"


def test_guests_have_half_of_what_is_to_spare_while_we_ask_ourselves(prepare: Prepare) -> None:
    assert queries.guests_per_minute("stripe") == 12
    waiting = Payment.objects.filter(pk=prepare())
    waiting.update(status=PaymentStatus.UNKNOWN, next_look_at=clock.now() + timedelta(seconds=50))
    assert queries.guests_per_minute("stripe") == 6
    assert queries.guests_per_minute("toss") == 12
    waiting.update(next_look_at=clock.now() + timedelta(seconds=70))
    assert queries.guests_per_minute("stripe") == 12


def test_refunds_that_waited_go_out_evenly_when_the_gateway_is_back(paid: Any, deliver: Any, time: Any) -> None:
    """No burst: half as many a minute as usually pay, but six; however short their own pauses are by then."""
    refunds = []
    for number in range(4):
        promised = services.promise_refund(
            payment_id=str(paid().pk), amount=Money(1000), source=f"test {number}", reason="flexible"
        )
        assert promised is not None
        refunds.append(promised)
    for each, pause in zip(refunds, (3600, 60, 1, -1), strict=True):
        Refund.objects.filter(pk=each.pk).update(next_attempt_at=clock.now() + timedelta(seconds=pause))
    services.note_standing(gateway="stripe", state=OPEN, epoch=1, reason="test")
    services.note_standing(gateway="stripe", state=CLOSED, epoch=2, reason="test")
    at = clock.now()
    deliver()
    due = [Refund.objects.get(pk=each.pk).next_attempt_at - at for each in refunds]
    assert [round(each.total_seconds()) for each in due] == [0, 10, 20, 30]
    assert queries.guests_per_minute("stripe") == 6, "guests who waited have the other half"

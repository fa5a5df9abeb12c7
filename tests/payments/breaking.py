"""What the tests of the breaker share: short times, a gateway that does as it is told, a row without a database."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from airbnb.money import Money
from payments import gateways, watching
from payments.gateways import guarding, port
from payments.gateways.breaker import Breaker, Kept, Limits
from payments.gateways.port import Known, Outcome
from tests.payments.facts import events

SHORT = Limits(threshold=3, window_ms=5_000, open_ms=150, jitter_ms=0, trial_ms=0, successes=2, lease_ms=2_000)
LONG = Limits(threshold=3, window_ms=5_000, open_ms=60_000, jitter_ms=0, trial_ms=0, successes=2, lease_ms=2_000)


def connected(url: str) -> Redis:
    return Redis.from_url(url, socket_timeout=0.25, socket_connect_timeout=0.25, retry=Retry(NoBackoff(), 1))


def process(url: str, limits: Limits = LONG, row: Callable[[], Kept] = Kept) -> Breaker:
    """A breaker as another process has it: nothing in common with others but Redis and the row."""
    return Breaker("test", row, limits=limits, redis=connected(url))


def fail(breaker: Breaker, times: int = 1) -> Any:
    """So many calls that went out and came to nothing."""
    for _ in range(times):
        told = breaker.tell("bad", epoch=breaker.ask().epoch)
    return told


def until(ask: Callable[[], Any], seconds: float = 5.0) -> Any:
    ends = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < ends, "not in time"
        threading.Event().wait(0.01)
    return answer


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


class Scripted:
    """A gateway that answers as it is told and notes what it was asked."""

    name = "scripted"
    capabilities = frozenset(port.Capability)
    currencies = None
    is_configured = is_practice = True
    ways = ()

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

    def movements(self, _since: Any, _until: Any) -> Iterator[port.Movement]:
        self.asked.append("movements")
        if isinstance(self.answer, Exception):
            raise self.answer
        yield port.Movement(port.Moved.FEE, "txn", Money(1), datetime.now(UTC))

    def ping(self) -> bool:
        self.asked.append("ping")
        return self.up


def forget() -> None:
    for each in (guarding.breaker_of, guarding.tickets_of, guarding.all_tickets):
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


def guarded(name: str = "scripted") -> Any:
    return gateways.named(name)


def call(operation: str, name: str = "scripted") -> Any:
    return getattr(guarded(name), operation)(*CALLS[operation])


def break_it(scripted: Scripted) -> None:
    """Three calls that come to nothing."""
    good, scripted.answer = scripted.answer, Outcome(Known.UNKNOWN, answer={"status": 500})
    for _ in range(3):
        call("charge")
    scripted.answer = good
    scripted.asked.clear()


def told(name: str) -> list[dict[str, Any]]:
    return [each for each in events(name) if each["gateway"] == "scripted"]

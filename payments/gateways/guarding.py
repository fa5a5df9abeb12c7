"""Around every adapter: a breaker, a bulkhead and a total deadline, so that a sick gateway costs its callers nothing.

What is refused here never left this machine, and is told in the port's own words: *unreachable* where something was
to be done, *unknown* where something was asked. Nothing waits long and nothing of the guard's own is ever raised.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from itertools import islice
from typing import Any, TypeVar

import structlog
from celery import current_task
from django.conf import settings

from airbnb import http
from airbnb.db import NetworkInTransaction
from payments.gateways import port
from payments.gateways.breaker import Breaker, Kept, Standing
from payments.gateways.port import Known, KnownRefund, KnownTransfer
from payments.gateways.tickets import Tickets, taken
from payments.gateways.ways import Way

log = structlog.get_logger(__name__)
T = TypeVar("T")

PING_S = 1.0
# A guest waits this long for a ticket; work in the background does not wait, it comes again.
TICKET_WAIT_S = 0.25
# The books are read in steps of so many rows. One may take several pages, each of which has a deadline of its own, and
# waits for a ticket longer than other work does: without it all that was read before would be read again.
STEP, PAGES_S, STEP_WAIT_S = 500, 60.0, 10.0
FULL_RETRY_S = 3
# The ticket of a call that failed after half its deadline is not given on for so long: a gateway that has fallen silent
# is known by its third failure, and guests who take the places of those who waited in vain would only wait as well.
WITHHELD_S = 2.0
# From the end of the rest until two probes have been answered.
PROBED_S = 3
FAILED = ("unknown", "unreachable", "spent")
# Refusals that say the gateway takes nothing from us now: a wrong key, or too many requests.
REFUSES_US = (401, 403, 429)


@cache
def breaker_of(name: str) -> Breaker:
    """The breaker of this gateway, one per process; what they know they share."""
    return Breaker(name, lambda: _row(name))


@cache
def all_tickets() -> Tickets:
    """This process's tickets for calls to whichever gateway: what is left of its threads never waits for any."""
    return Tickets(settings.GATEWAY_TICKETS)


@cache
def tickets_of(name: str) -> Tickets:
    """This process's tickets for this gateway: where it is not the only one, a quarter of all is left to the others."""
    from payments import gateways

    total = settings.GATEWAY_TICKETS
    share = max(1, total * 3 // 4) if set(gateways.in_use()) - {name} else total
    return Tickets(share, in_background=max(1, total // 2))


def _row(name: str) -> Kept:
    from payments.models import GatewayState

    row = GatewayState.objects.filter(pk=name).first()
    return Kept(row.state, row.epoch, row.forced) if row is not None else Kept()


def failed(outcome: Any) -> bool:
    """Whether an outcome speaks against the gateway: no answer, a 5xx, or that it takes nothing from us.

    A decline is an answer, and so is the refusal of a request that was wrong. A failure that was stored under the key
    and is told again is about then, not about now: what waited for the gateway is asked about as soon as it is back,
    and its old failures would open the breaker again, and again after every rest.
    """
    if isinstance(outcome, port.PayeeOutcome):
        return not outcome.destination and not outcome.failure_code
    if str(getattr(outcome, "known", "")) not in FAILED:
        return False
    if outcome.answer.get("replayed"):
        return False
    status = outcome.answer.get("status")
    return not (isinstance(status, int) and 400 <= status < 500 and status not in REFUSES_US)


class Guarded:
    """A gateway behind its guard; the same port."""

    def __init__(self, inner: port.Gateway) -> None:
        self.inner, self.name = inner, inner.name
        self.capabilities, self.currencies = inner.capabilities, inner.currencies

    @property
    def is_configured(self) -> bool:
        """As the adapter."""
        return self.inner.is_configured

    @property
    def is_practice(self) -> bool:
        """As the adapter."""
        return self.inner.is_practice

    @property
    def ways(self) -> tuple[Way, ...]:
        """As the adapter."""
        return self.inner.ways

    def offers(self, method: str) -> bool:
        """As the adapter; nothing goes out for it."""
        return self.inner.offers(method)

    def gave_up(self, told: Mapping[str, str]) -> bool:
        """As the adapter; nothing goes out for it."""
        return self.inner.gave_up(told)

    def charge(self, request: port.ChargeRequest) -> port.Outcome:
        """As the adapter; refused: unreachable, for nothing was sent."""
        return self._call(lambda: self.inner.charge(request), _not_sent)

    def look_up(self, reference: port.Reference) -> port.Outcome:
        """As the adapter; refused: unknown, for an unasked question says nothing about the payment."""
        return self._call(lambda: self.inner.look_up(reference), _not_known)

    def confirm(self, request: port.ConfirmRequest) -> port.Outcome:
        """As the adapter; refused: unreachable."""
        return self._call(lambda: self.inner.confirm(request), _not_sent)

    def capture(self, request: port.ConfirmRequest) -> port.Outcome:
        """As the adapter; refused: unreachable."""
        return self._call(lambda: self.inner.capture(request), _not_sent)

    def void(self, gateway_ref: str, key: str) -> port.Outcome:
        """As the adapter; refused: unknown, for it is about the payment and that may be anything."""
        return self._call(lambda: self.inner.void(gateway_ref, key), _not_known, background=True)

    def refund(self, request: port.RefundRequest) -> port.RefundOutcome:
        """As the adapter; refused: unreachable, and it is sent later."""
        return self._call(lambda: self.inner.refund(request), _refund_not_sent, background=True)

    def look_up_refund(self, request: port.RefundRequest) -> port.RefundOutcome:
        """As the adapter; refused: unknown."""
        return self._call(lambda: self.inner.look_up_refund(request), _refund_not_known, background=True)

    def register_payee(self, request: port.PayeeRequest) -> port.PayeeOutcome:
        """As the adapter; refused: not known, and it may be sent again."""
        return self._call(lambda: self.inner.register_payee(request), lambda _s: port.PayeeOutcome())

    def transfer(self, request: port.TransferRequest) -> port.TransferOutcome:
        """As the adapter; refused: unreachable."""
        return self._call(lambda: self.inner.transfer(request), _transfer_not_sent, background=True)

    def look_up_transfer(self, request: port.TransferRequest) -> port.TransferOutcome:
        """As the adapter; refused: unknown."""
        return self._call(lambda: self.inner.look_up_transfer(request), _transfer_not_known, background=True)

    def books(self, since: datetime, until: datetime) -> Iterator[port.Booked]:
        """As the adapter, with the guard around each step; refused: Unanswered."""
        return self._steps(lambda: self.inner.books(since, until))

    def movements(self, since: datetime, until: datetime) -> Iterator[port.Movement]:
        """As the adapter, with the guard around each step; refused: Unanswered."""
        return self._steps(lambda: self.inner.movements(since, until))

    def _steps(self, begin: Callable[[], Iterator[T]]) -> Iterator[T]:
        found: Iterator[T] = self._call(begin, _unanswered, background=True, wait_s=STEP_WAIT_S)
        while True:
            some = self._call(
                lambda: list(islice(found, STEP)), _unanswered, background=True, within_s=PAGES_S, wait_s=STEP_WAIT_S
            )
            yield from some
            if len(some) < STEP:
                return

    def ping(self) -> bool:
        """The prober's question, straight through and within a second."""
        with http.deadline(PING_S):
            return self.inner.ping()

    def read_message(self, body: bytes, headers: Mapping[str, str], address_secret: str = "") -> port.Message:
        """As the adapter; nothing goes out for it."""
        return self.inner.read_message(body, headers, address_secret)

    def read_stored(self, payload: dict[str, Any]) -> port.Message:
        """As the adapter; nothing goes out for it."""
        return self.inner.read_stored(payload)

    def _call(
        self,
        call: Callable[[], T],
        refused: Callable[[int], T],
        *,
        background: bool = False,
        within_s: float | None = None,
        wait_s: float | None = None,
    ) -> T:
        """Ask the breaker, take a ticket, call within the deadline, and tell the breaker how it went."""
        if not settings.GATEWAY_GUARDED:
            with http.deadline(within_s or settings.GATEWAY_DEADLINE_S):
                return call()
        standing = breaker_of(self.name).ask()
        if standing.is_open:
            if standing.due:
                self._have_probed()
            return refused(math.ceil(standing.left_ms / 1000) + PROBED_S)
        behind = background or bool(current_task)
        if wait_s is None:
            wait_s = 0.0 if behind else TICKET_WAIT_S
        with taken((tickets_of(self.name), all_tickets()), background=behind, wait_s=wait_s) as got:
            if got:
                return self._watched(call, standing, within_s or settings.GATEWAY_DEADLINE_S)
        breaker_of(self.name).tell("full")
        return refused(FULL_RETRY_S)

    def _watched(self, call: Callable[[], T], standing: Standing, within_s: float) -> T:
        began = time.monotonic()
        try:
            with http.deadline(within_s):
                outcome = call()
        except NetworkInTransaction:
            raise
        except Exception as error:
            self._withhold_after(began, within_s)
            self._tell("bad", standing.epoch, repr(error))
            raise
        bad = failed(outcome)
        if bad:
            self._withhold_after(began, within_s)
        self._tell("bad" if bad else "ok", standing.epoch, _why(outcome) if bad else "")
        return outcome

    def _withhold_after(self, began: float, within_s: float) -> None:
        if time.monotonic() - began >= within_s / 2:
            tickets_of(self.name).withhold(WITHHELD_S)

    def _tell(self, result: str, epoch: int, why: str) -> None:
        told = breaker_of(self.name).tell(result, epoch=epoch)
        if told.changed:
            self._follow(told, why)

    def _follow(self, told: Standing, why: str) -> None:
        """The row in the database learns it now; where that fails the watching task makes up for it."""
        from payments import watching

        try:
            watching.follow(self.name, told, why)
        except Exception:
            log.exception("gateway_standing_not_kept", gateway=self.name)

    def _have_probed(self) -> None:
        """It is time to probe: done beside this call, so that no guest waits for it."""
        from payments import watching

        watching.probe_soon(self.name)


def _why(outcome: Any) -> str:
    known = str(getattr(outcome, "known", "unknown"))
    told = ", ".join(f"{name} {value}" for name, value in getattr(outcome, "answer", {}).items() if value)
    return f"{known}: {told}" if told else known


def _not_sent(wait_s: int) -> port.Outcome:
    return port.Outcome(Known.UNREACHABLE, retry_after_s=wait_s, answer={"guard": "refused"})


def _not_known(wait_s: int) -> port.Outcome:
    return port.Outcome(Known.UNKNOWN, retry_after_s=wait_s, answer={"guard": "refused"})


def _refund_not_sent(_wait_s: int) -> port.RefundOutcome:
    return port.RefundOutcome(KnownRefund.UNREACHABLE, answer={"guard": "refused"})


def _refund_not_known(_wait_s: int) -> port.RefundOutcome:
    return port.RefundOutcome(KnownRefund.UNKNOWN, answer={"guard": "refused"})


def _transfer_not_sent(_wait_s: int) -> port.TransferOutcome:
    return port.TransferOutcome(KnownTransfer.UNREACHABLE, answer={"guard": "refused"})


def _transfer_not_known(_wait_s: int) -> port.TransferOutcome:
    return port.TransferOutcome(KnownTransfer.UNKNOWN, answer={"guard": "refused"})


def _unanswered(_wait_s: int) -> Any:
    raise port.Unanswered("the gateway rests")

"""A worker process of the tests: delivers the receipts it is given, and kills itself where it is told to.

``main(WHERE, PK…)`` with WHERE one of: never, inside (the effect is written, the reaction
not over), before_commit (all is written, nothing committed), after_commit (done, but nobody was told so).
"""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from typing import Any

from airbnb.accounts.models import User
from airbnb.events import bus
from airbnb.events.delivering import deliver
from airbnb.events.models import Delivery

WHERE = "never"


@dataclass(frozen=True, kw_only=True)
class BellRung(bus.Event):
    """Of the tests alone."""

    bell: str


def die(*_: Any) -> None:
    """At once, as by kill -9."""
    os.kill(os.getpid(), signal.SIGKILL)


def count_ring(event: BellRung) -> None:
    """One row for each time that it takes effect; nothing in the table keeps a second one away."""
    User.objects.create(email=f"{event.bell}-{bus.envelope().id}-{os.urandom(4).hex()}@example.com", name=event.bell)
    if WHERE == "inside":
        die()


def subscribe() -> str:
    """Put the listener on the bus; returns its name."""
    bus.when(BellRung)(count_ring)
    return bus.name_of(count_ring)


def work(where: str, pks: list[int]) -> None:
    """Deliver these in this order."""
    global WHERE
    WHERE = where
    if where == "before_commit":
        finish = Delivery.finish

        def finish_and_die(self: Delivery) -> None:
            finish(self)
            die()

        Delivery.finish = finish_and_die  # type: ignore[method-assign]
    for pk in pks:
        deliver(pk)
        if where == "after_commit":
            die()


def main(where: str, *pks: str) -> None:
    """As a process of its own."""
    subscribe()
    work(where, [int(pk) for pk in pks])

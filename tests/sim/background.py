"""The product's background without its processes: the broker is a list, beat is a loop over virtual time."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from celery import Task
from django.db import connection

from airbnb import clock
from airbnb.celery import BEAT, app

TICK_S = 5
# Timers with longer periods turn calendars and tidy up: nothing waits for them. Invariants and views are judged at the
# end, all of them: these timers look at some, chosen by the database's own chance.
LONGEST_S = 600
OTHERS = ("invariants.check", "events.compare_views")
TIMERS = [name for name, every in BEAT.items() if every <= LONGEST_S and name not in OTHERS]

# What still has to happen by itself, as (name, when it is due).
WAITING = """
    SELECT 'delivery', next_attempt_at FROM events_delivery WHERE status = 'pending'
    UNION ALL SELECT 'payment', next_look_at FROM payments_payment
        WHERE status IN ('processing', 'unknown')
           OR (status IN ('requires_action', 'authorized') AND (void_wanted OR capture_wanted))
    UNION ALL SELECT 'refund', next_attempt_at FROM payments_refund WHERE status = 'pending'
    UNION ALL SELECT 'webhook', next_attempt_at FROM payments_webhookmessage WHERE state = 'waiting'
    UNION ALL SELECT 'message', next_attempt_at FROM notifications_channeldelivery WHERE status IN ('pending', 'failed')
    UNION ALL SELECT 'payout', next_attempt_at FROM payments_payout WHERE status IN ('ready', 'sending', 'unknown')
    UNION ALL SELECT 'release', due_at FROM payments_payout WHERE status = 'scheduled' AND due_at <= %(now)s
    UNION ALL SELECT 'rest', %(now)s FROM payments_gatewaystate WHERE coalesce(nullif(forced, ''), state) = 'open'
    UNION ALL SELECT 'wait', %(now)s FROM reservations_paymentwait w
        JOIN reservations_reservation r ON r.id = w.reservation_id
        WHERE w.asked_at IS NULL AND r.status = 'held' AND r.pay_later AND r.hold_expires_at > %(now)s
    UNION ALL SELECT 'wait', %(now)s FROM reservations_alterationwait w
        JOIN reservations_alteration a ON a.id = w.alteration_id
        WHERE w.asked_at IS NULL AND a.status IN ('proposed', 'accepted') AND a.expires_at > %(now)s
"""
TIMER_OF = {
    "delivery": "events.sweep",
    "payment": "payments.settle_unknown",
    "bank": "payments.settle_unknown",
    "refund": "payments.send_refunds",
    "webhook": "payments.work_webhooks",
    "message": "notifications.send_due",
    "payout": "payments.send_payouts",
    "release": "payments.release_payouts",
    "rest": "payments.watch_gateways",
    "wait": "reservations.tend_waits",
}


@dataclass
class Clock:
    """Virtual time; code inside ``running()`` sees it as the database's. ``moved`` is told of every step."""

    now: datetime
    moved: Callable[[datetime], None] = lambda now: None

    def advance(self, seconds: float) -> None:
        """Move on."""
        self.now += timedelta(seconds=seconds)
        self.moved(self.now)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Inside, the product's clock shows this time."""
        with clock.frozen(self.now):
            yield


@dataclass
class Broker:
    """Messages to workers, in a list; ``lost`` drops every one, as Redis may."""

    messages: list[tuple[datetime, str, list[Any]]] = field(default_factory=list)
    boundary: Callable[[str], None] = lambda name: None
    lost: bool = False

    @contextmanager
    def taking_messages(self) -> Iterator[Broker]:
        """Instead of Redis: what ``apply_async`` would send ends up here."""
        kept = Task.apply_async

        def apply_async(task: Any, args: Any = None, kwargs: Any = None, **options: Any) -> None:
            self.boundary(f"message: {task.name}")
            if not self.lost:
                due = clock.now() + timedelta(seconds=options.get("countdown") or 0)
                self.messages.append((due, task.name, list(args or ())))

        Task.apply_async = apply_async
        try:
            yield self
        finally:
            Task.apply_async = kept

    def take(self, at: datetime, pick: Callable[[int], int] = lambda length: 0) -> tuple[str, list[Any]] | None:
        """One message that is due, chosen by ``pick`` from so many; None when there is none."""
        due = [each for each in self.messages if each[0] <= at]
        if not due:
            return None
        chosen = due[pick(len(due))]
        self.messages.remove(chosen)
        return chosen[1], chosen[2]


def run_task(name: str, *args: Any) -> Any:
    """Run a task here as a worker does: its function, and nothing around it."""
    return app.tasks[name].run(*args)


class Background:
    """Beat and the workers: nobody else acts while this runs."""

    def __init__(self, time: Clock, broker: Broker, rng: random.Random | None = None) -> None:
        self.time, self.broker, self.rng = time, broker, rng or random.Random(0)
        # What waits although no row of ours says so yet.
        self.unseen: Callable[[], list[tuple[str, datetime]]] = list
        self.periods = {name: every for name, every in BEAT.items() if name in TIMERS}

    def work_off(self) -> None:
        """The workers run every message that is due, and what those set in motion."""
        with self.time.running():
            while (found := self.broker.take(self.time.now, self.rng.randrange)) is not None:
                run_task(found[0], *found[1])

    def tick(self, seconds: int = TICK_S, only: set[str] | None = None) -> None:
        """So much later: the timers whose period has passed meanwhile (``only`` these), then the workers."""
        before, after = self.time.now.timestamp(), self.time.now.timestamp() + seconds
        self.time.advance(seconds)
        for name, period in self.periods.items():
            if before // period != after // period and (only is None or name in only):
                with self.time.running():
                    run_task(name)
        self.work_off()

    def until_quiet(self, limit_s: int) -> float:
        """Run until nothing waits; returns how many seconds that took. Raises StillBusy after ``limit_s``.

        Only the timers run whose kind of work waits: the others would find nothing.
        """
        began = self.time.now
        self.work_off()
        while waiting := self.waiting():
            spent = (self.time.now - began).total_seconds()
            if spent >= limit_s:
                raise StillBusy(f"after {spent:.0f} s there still wait: {waiting[:6]} {_errors()}")
            away = (min(due for _name, due in waiting) - self.time.now).total_seconds()
            jump = max(TICK_S, int(min(away, limit_s - spent) // TICK_S) * TICK_S)
            self.tick(jump, {TIMER_OF[name] for name, _due in waiting})
        return (self.time.now - began).total_seconds()

    def waiting(self) -> list[tuple[str, datetime]]:
        """What still has to happen by itself."""
        with connection.cursor() as cursor:
            cursor.execute(WAITING, {"now": self.time.now})
            return cursor.fetchall() + self.unseen()


class StillBusy(AssertionError):
    """The background did not come to rest."""


def _errors() -> list[tuple[Any, ...]]:
    """What went wrong with the receipts that are not done."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT listener, attempts, right(last_error, 300) FROM events_delivery WHERE status <> 'done'")
        return cursor.fetchmany(3)

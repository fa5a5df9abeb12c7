"""Celery: the queues, the beat schedule and every setting that keeps work from being lost, in one place.

Redis only wakes workers; what must be done stands in tables (deliveries, refunds, messages) and is swept up.
"""

from __future__ import annotations

import os
import time
from typing import Any

from celery import Celery, Task
from celery.signals import setup_logging
from kombu.entity import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "airbnb.settings")

CONTEXTS = ("rooms", "reservations", "payments", "reviews", "notifications")
# The checks of the invariants, and of our books with the gateways', have a queue of their own: however much there is to
# read, no booking waits for it. So has the watch over the gateways, which every worker serves: after a rest guests pay
# once it has run, however long other queues are.
OWN_QUEUES = {"invariants": "checks", "payments.compare_books": "checks", "payments.watch_gateways": "watch"}
QUEUES = (*CONTEXTS, "media", "events", "checks", "watch")

# name -> seconds between runs. Each task looks in its table for what is due; running it twice changes nothing.
BEAT: dict[str, float] = {
    "events.sweep": 5,
    "events.forget_done": 6 * 3600,
    "events.rebuild_views": 60,
    "events.compare_views": 300,
    "reservations.expire_holds": 10,
    "reservations.end_requests": 10,
    "reservations.remind_hosts": 30,
    "reservations.move_stays": 15,
    "reservations.tend_waits": 5,
    "reservations.expire_alterations": 15,
    "payments.settle_unknown": 30,
    "payments.work_webhooks": 15,
    "payments.watch_gateways": 2,
    "payments.send_refunds": 30,
    "payments.end_authorizations": 300,
    "payments.compare_books": 900,  # each gateway once a day; asking often makes up for a missed day
    "payments.ask_again": 60,  # what was given back or sent of late, each once a day
    "payments.release_payouts": 20,
    "payments.send_payouts": 20,
    "payments.plan_missing_payouts": 900,
    "reviews.publish_due": 30,
    "notifications.send_due": 15,
    "rooms.find_waiting_photos": 60,
    "rooms.roll_calendars": 6 * 3600,
    "accounts.forget_old_keys": 3600,
    "invariants.check": 300,
}


def queue_of(task: str) -> str:
    """The queue for a task or a listener: its own, else its context's by the first part of its name, else the bus's.

    So a new context works before anybody gives it a queue of its own.
    """
    if task in OWN_QUEUES:
        return OWN_QUEUES[task]
    first = task.split(".")[0]
    return first if first in CONTEXTS else OWN_QUEUES.get(first, "events")


class Routes:
    """Routes a task to its context's queue unless the caller names another."""

    def route_for_task(self, task: str, *args: Any, **kwargs: Any) -> dict[str, str]:
        """Celery asks this for every message."""
        return {"queue": queue_of(task)}


def schedule() -> dict[str, dict[str, Any]]:
    """The beat table. A run that could not start before the next one is due is dropped, so none pile up."""
    return {
        name: {"task": name, "schedule": every, "options": {"expires": max(every, 5)}} for name, every in BEAT.items()
    }


LONGEST_ETA_S = 300


class ShortTask(Task):
    """Every task of ours: never sent for later than five minutes ahead.

    Redis gives a message that was not acknowledged within the visibility timeout to a second worker, and one that waits
    for its time is not acknowledged. What must happen later stands in a table with its time.
    """

    abstract = True

    def apply_async(self, args: Any = None, kwargs: Any = None, **options: Any) -> Any:
        """Send it; ValueError for a time further ahead than LONGEST_ETA_S."""
        eta = options.get("eta")
        ahead = eta.timestamp() - time.time() if eta is not None else options.get("countdown") or 0
        if ahead > LONGEST_ETA_S:
            raise ValueError(f"{self.name} is sent for {ahead:.0f} s ahead; what waits longer belongs in a table")
        return super().apply_async(args, kwargs, **options)


# Whoever sends a message has somebody waiting. A worker, which listens, may hear nothing for long and nothing be wrong.
PUBLISHING: dict[str, float] = {"socket_connect_timeout": 0.3, "socket_timeout": 0.3}


class Sending(Celery):
    """Celery, with short patience wherever messages are sent from."""

    def connection_for_write(self, url: Any = None, **given: Any) -> Any:
        """As Celery's own."""
        options = {**PUBLISHING, **(given.pop("transport_options", None) or {})}
        return super().connection_for_write(url, transport_options=options, **given)


app = Sending("airbnb", task_cls=ShortTask)
app.set_default()
app.conf.update(
    broker_url=os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"),
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,  # a worker outlives any outage of the broker
    # With the broker down a publish must fail at once (it blocked 6 s by default); the sweep makes up for it.
    broker_transport_options={
        "max_retries": 0,
        "interval_start": 0,
        "interval_step": 0,
        "interval_max": 0,
        "socket_connect_timeout": 1,
        "socket_timeout": 30,
        # Longer than the longest task that is acknowledged late (90 s), or it would be run twice. The two that may take
        # longer, rebuilding views and comparing books, are acknowledged at once: the next beat begins them anew.
        "visibility_timeout": 900,
    },
    task_publish_retry=False,
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],  # nothing that runs code when it is read, whoever can write to the broker
    # A task that this release does not know is another release's: the worker drops its message and goes on. What it
    # was to do stands in its table as before, and the sweep of the release that knows it sends a new one.
    task_acks_late=True,  # a killed worker's task is run again ...
    task_reject_on_worker_lost=True,  # ... also when only the child was killed
    worker_prefetch_multiplier=1,
    worker_send_task_events=False,
    task_soft_time_limit=60,
    task_time_limit=90,
    task_default_queue="events",
    task_queues=[Queue(name) for name in QUEUES],  # type: ignore[no-untyped-call]
    task_routes=(Routes(),),
    task_create_missing_queues=False,
    beat_schedule=schedule(),
    timezone="UTC",
    enable_utc=True,
)
app.autodiscover_tasks(["airbnb.events", "airbnb.accounts", "airbnb.invariants", *CONTEXTS])


@setup_logging.connect
def keep_django_logging(**_: Any) -> None:
    """Celery's own logging set-up is left out: Django's is already there."""

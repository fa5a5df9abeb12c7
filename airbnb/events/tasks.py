"""Celery's part of the bus: wake a worker after commit, deliver, and sweep up what a lost message left behind."""

from __future__ import annotations

from datetime import timedelta

import structlog
from celery import shared_task
from django.db import transaction

from airbnb import broker, clock
from airbnb.events import drift, projections
from airbnb.events.delivering import LEASE, deliver
from airbnb.events.models import Delivery

log = structlog.get_logger(__name__)

SWEEP_BATCH = 500


def wake(deliveries: list[tuple[int, str]]) -> None:
    """Tell the workers of each queue. Losing a message loses nothing: the receipt is in the table for the sweep."""
    for pk, queue in deliveries:
        # Older messages than the lease are dropped: the sweep has sent a newer one by then.
        if not broker.send(deliver_one, [pk], queue=queue, expires=LEASE.total_seconds()):
            return


@shared_task(name="events.deliver")
def deliver_one(delivery_id: int) -> bool:
    """Deliver one receipt; see :func:`airbnb.events.delivering.deliver`."""
    return deliver(delivery_id)


@shared_task(name="events.sweep")
def sweep() -> int:
    """Send what is due and has no worker: claimed by status under SKIP LOCKED, with a lease; returns how many."""
    at = clock.now()
    with transaction.atomic():
        due = list(
            Delivery.objects.due(at)
            .select_for_update(skip_locked=True)
            .order_by("next_attempt_at")
            .values_list("pk", "queue")[:SWEEP_BATCH]
        )
        Delivery.objects.filter(pk__in=[pk for pk, _ in due]).update(next_attempt_at=at + LEASE)
    wake(due)
    return len(due)


@shared_task(name="events.forget_done")
def forget_done(keep_days: int = 30) -> int:
    """Delete receipts that were done long ago; the events themselves are kept. Returns how many."""
    old = Delivery.objects.filter(status=Delivery.Status.DONE, done_at__lt=clock.now() - timedelta(days=keep_days))
    return old.delete()[0]


@shared_task(name="events.rebuild_views", acks_late=False, soft_time_limit=3500, time_limit=3600)
def rebuild_views() -> list[str]:
    """Rebuild the views that an older version of their projection built; returns their names.

    Acknowledged at once, because it may take longer than the broker waits: the next beat asks again anyway, and what
    was made anew by then stays so.
    """
    names = projections.outdated()
    for name in names:
        log.info("view_rebuilt", view=name, count=projections.rebuild(name))
    return names


@shared_task(name="events.compare_views")
def compare_views(share: float = 0.01, limit: int = 200) -> dict[str, int]:
    """Compare a hundredth of each view, chosen by chance, with its events; returns how many parts differ by view."""
    outcome = {}
    for name, projection in projections.REGISTER.items():
        if projection.parts is None or name in projections.outdated():
            continue
        found = drift.compare(name, share=share, limit=limit)
        drift.note(found)
        outcome[name] = len(found.keys)
        if found.keys:
            log.error("view_drifted", view=name, keys=[str(key) for key in found.keys[: drift.SHOWN_KEYS]])
    return outcome

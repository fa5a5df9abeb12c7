"""Deliver one receipt: count the attempt, run the reaction and mark it done in one transaction, or back off."""

from __future__ import annotations

import random
import traceback
from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import F

from airbnb import clock
from airbnb.events import bus, projections
from airbnb.events.models import BACKOFF_S, MAX_ATTEMPTS, Delivery

log = structlog.get_logger(__name__)

# As everywhere: with the timers that look, what a killed worker had in hand is done within a minute.
LEASE = timedelta(seconds=30)
UNKNOWN_WAIT = timedelta(seconds=60)
REBUILD_WAIT = timedelta(seconds=2)


def deliver(delivery_id: int) -> bool:
    """Run this receipt's reaction; True when its effect was taken now.

    False when it was done before, is being run elsewhere, is not known to this release, or failed.
    The attempt is counted first and by itself, so a reaction that kills its process is given up in the end.
    """
    delivery = Delivery.objects.pending().filter(pk=delivery_id).first()
    if delivery is None:
        return False
    if delivery.listener not in bus.LISTENERS:
        return _wait_for_other_release(delivery)
    if delivery.attempts >= MAX_ATTEMPTS:
        _fail(delivery_id, delivery.last_error or "its last attempt ended with the process that made it")
        return False
    _count_attempt(delivery)
    try:
        return _react(delivery_id)
    except Exception:  # whatever a reaction raises is one failed attempt, kept with its traceback
        _fail(delivery_id, traceback.format_exc())
        return False


def _count_attempt(delivery: Delivery) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(attempts=F("attempts") + 1, next_attempt_at=clock.now() + LEASE)


def _react(delivery_id: int) -> bool:
    with transaction.atomic():
        delivery = (
            Delivery.objects.pending()
            .select_related("event")
            .select_for_update(skip_locked=True, of=("self",))
            .filter(pk=delivery_id)
            .first()
        )
        if delivery is None:
            return False
        listener = bus.LISTENERS[delivery.listener]
        if not projections.share(listener):
            return _wait_for_rebuild(delivery)
        with bus.reacting_to(bus.envelope_of(delivery.event)):
            listener.react(bus.fact_of(delivery.event))
        delivery.finish(clock.now())
        return True


def _fail(delivery_id: int, error: str) -> None:
    with transaction.atomic():
        delivery = Delivery.objects.pending().select_for_update().filter(pk=delivery_id).first()
        if delivery is None:
            return
        wait = BACKOFF_S[min(delivery.attempts, len(BACKOFF_S)) - 1] * random.uniform(0.8, 1.2)  # noqa: S311
        delivery.postpone(clock.now() + timedelta(seconds=wait), error)
    log.warning(
        "delivery_failed",
        delivery=delivery_id,
        listener=delivery.listener,
        attempts=delivery.attempts,
        given_up=delivery.attempts >= MAX_ATTEMPTS,
        error=error.strip().rsplit("\n", 1)[-1],
    )


def _wait_for_other_release(delivery: Delivery) -> bool:
    """A newer or older release owns this listener: leave it in the table, uncounted."""
    Delivery.objects.filter(pk=delivery.pk).update(next_attempt_at=clock.now() + UNKNOWN_WAIT)
    return False


def _wait_for_rebuild(delivery: Delivery) -> bool:
    """Its view is being rebuilt: the try does not count, and no worker is kept waiting."""
    Delivery.objects.filter(pk=delivery.pk).update(
        attempts=F("attempts") - 1, next_attempt_at=clock.now() + REBUILD_WAIT
    )
    return False

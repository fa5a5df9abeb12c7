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
    if not _count_attempt(delivery_id):
        _give_up_if_used_up(delivery_id)
        return False
    try:
        return _react(delivery_id)
    except Exception:  # whatever a reaction raises is one failed attempt, kept with its traceback
        _fail(delivery_id, traceback.format_exc())
        return False


def _count_attempt(delivery_id: int) -> bool:
    """By itself, before the reaction; False when there is nothing to do, or no attempt left."""
    todo = Delivery.objects.pending().filter(pk=delivery_id, attempts__lt=MAX_ATTEMPTS)
    return todo.update(attempts=F("attempts") + 1, next_attempt_at=clock.instant() + LEASE) == 1


def _give_up_if_used_up(delivery_id: int) -> None:
    """Nobody was left to note the failures: the attempts, counted beforehand, are enough."""
    delivery = Delivery.objects.pending().filter(pk=delivery_id, attempts__gte=MAX_ATTEMPTS).first()
    if delivery is not None and delivery.listener in bus.LISTENERS:
        _fail(delivery_id, delivery.last_error or "its last attempt ended with the process that made it")


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
        listener = bus.LISTENERS.get(delivery.listener)
        if listener is None:  # a newer or an older release owns it
            return _put_off(delivery, UNKNOWN_WAIT)
        if not projections.share(listener):  # its view is being rebuilt, and no worker is kept waiting
            return _put_off(delivery, REBUILD_WAIT)
        with bus.reacting_to(bus.envelope_of(delivery.event)):
            listener.react(bus.fact_of(delivery.event))
        delivery.finish()
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


def _put_off(delivery: Delivery, wait: timedelta) -> bool:
    """Leave it in the table for later: this try does not count."""
    Delivery.objects.filter(pk=delivery.pk).update(attempts=F("attempts") - 1, next_attempt_at=clock.instant() + wait)
    return False

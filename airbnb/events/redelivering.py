"""Give receipts a fresh set of attempts: singly, by event, by listener or by date."""

from __future__ import annotations

from functools import partial

from django.db import transaction
from django.db.models import QuerySet

from airbnb import clock
from airbnb.events.models import Delivery
from airbnb.events.tasks import wake


def redeliver(deliveries: QuerySet[Delivery]) -> int:
    """Make those that are not done pending again, at once; returns how many. Done receipts are never run twice."""
    with transaction.atomic():
        again = list(
            deliveries.exclude(status=Delivery.Status.DONE).select_for_update(of=("self",)).values_list("pk", "queue")
        )
        Delivery.objects.filter(pk__in=[pk for pk, _ in again]).update(
            status=Delivery.Status.PENDING, attempts=0, next_attempt_at=clock.now()
        )
        transaction.on_commit(partial(wake, again))
    return len(again)

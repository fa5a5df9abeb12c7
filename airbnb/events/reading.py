"""Readers of a view that catch up: what is still to be delivered to it is applied before it is shown.

So a view may be read alone, and whoever has just changed something sees it, with every worker stopped as well. A worker
is then only a convenience. Normally nothing is waiting, which the reading statement itself finds out by one index.
"""

from __future__ import annotations

from collections.abc import Iterable

import structlog
from django.db import DatabaseError, transaction
from django.db.models import Exists, OuterRef, Q

from airbnb.events import bus, projections
from airbnb.events.models import Delivery, DeliveryQuerySet

log = structlog.get_logger(__name__)

AT_ONCE = 200


def behind(view: str, *, key: str = "pk") -> Exists:
    """For ``annotate``: whether something about this row's subject is still to be delivered to the view."""
    waiting = Delivery.objects.unfinished().exclude(subject="").filter(subject=OuterRef(key))
    return Exists(waiting.filter(listener__in=projections.names_of(view)))


def behind_for(view: str, person_id: int) -> Exists:
    """For ``annotate``: whether anything that this person may look at is still to be delivered to the view."""
    return Exists(_waiting(view, Q(readers__contains=[person_id])))


def is_behind_for(view: str, person_id: int) -> bool:
    """The same, asked by itself: a list without rows carries no annotation."""
    return _waiting(view, Q(readers__contains=[person_id])).exists()


def catch_up(view: str, *, subjects: Iterable[str] = (), person_id: int | None = None) -> int:
    """Apply what waits for these subjects and for this person's eyes, here and now; returns how many were applied.

    One transaction: the receipts are locked first, in order, so a worker that has one is waited for (its effect is
    there then). What fails is left to the workers, which count and report it, and the rest is applied nevertheless.
    """
    wanted = Q(subject__in=list(subjects))
    if person_id is not None:
        wanted |= Q(readers__contains=[person_id])
    try:
        with transaction.atomic():
            return sum(_apply(delivery) for delivery in _locked(view, wanted))
    except DatabaseError as error:  # a lock that lasts too long: the page is shown as the view has it, and says so
        log.warning("reader_could_not_catch_up", view=view, error=str(error).strip())
        return 0


def _waiting(view: str, wanted: Q) -> DeliveryQuerySet:
    return Delivery.objects.unfinished().exclude(subject="").filter(wanted, listener__in=projections.names_of(view))


def _locked(view: str, wanted: Q) -> list[Delivery]:
    waiting = _waiting(view, wanted).filter(status=Delivery.Status.PENDING)
    locked = waiting.select_related("event").select_for_update(of=("self",)).order_by("pk")[:AT_ONCE]
    # Rows of the view are taken in one order by every reader, whatever the order of what happened.
    return sorted(locked, key=lambda each: (each.subject, each.pk))


def _apply(delivery: Delivery) -> bool:
    listener = bus.LISTENERS.get(delivery.listener)
    if listener is None:
        return False
    try:
        with transaction.atomic(), bus.reacting_to(bus.envelope_of(delivery.event)):
            listener.react(bus.fact_of(delivery.event))
            delivery.finish()
    except Exception as error:  # as a worker does: whatever a reaction raises is its own failure, never the page's
        log.warning("reader_could_not_apply", delivery=delivery.pk, listener=delivery.listener, error=repr(error))
        return False
    return True

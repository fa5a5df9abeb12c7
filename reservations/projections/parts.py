"""A trip made anew from the events of its reservation alone: for a rebuild, for a reader, and for comparing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import transaction
from django.db.models.functions import Random

from airbnb.events.models import StoredEvent
from airbnb.events.projections import Parts, listeners_in, replay
from reservations.models import Trip
from reservations.projections.rows import VERSION, locked

PACKAGE = "reservations.projections"
# How often a row was written is no fact about the trip.
NOT_COMPARED = ("changes",)


def codes() -> Iterator[str]:
    """Every reservation that events speak of, those of older versions of this view and missing ones first."""
    told = StoredEvent.objects.filter(name="ReservationCreated").order_by()
    current = set(Trip.objects.filter(schema__gte=VERSION).values_list("pk", flat=True))
    everyone = list(told.values_list("subject", flat=True))
    yield from (code for code in everyone if code not in current)
    yield from (code for code in everyone if code in current)


def redo(code: str) -> None:
    """Make this trip anew, in the caller's transaction. Whoever delivers to it meanwhile waits for that, and no longer.

    An event that is not among those read here has its receipt still to come.
    """
    before = locked(code)
    Trip(reservation_id=code, schema=VERSION, changes=before.changes).save(force_update=True)
    about = StoredEvent.objects.filter(subject=code).order_by("occurred_at", "id")
    replay(about.iterator(chunk_size=500), listeners_in(PACKAGE))


def rows(code: str) -> list[dict[str, Any]]:
    """The trip as plain values."""
    names = [field.attname for field in Trip._meta.concrete_fields if field.attname not in NOT_COMPARED]
    return [dict(row) for row in Trip.objects.filter(reservation_id=code).values(*names)]


def sample(share: float) -> Iterable[str]:
    """About this share of all trips, chosen by chance."""
    return list(Trip.objects.alias(chance=Random()).filter(chance__lt=share).values_list("pk", flat=True))


def show_rooms_again() -> None:
    """The names and pictures of rooms, before trips are made of them; each in a transaction of its own."""
    about = StoredEvent.objects.filter(name__in=("RoomRegistered", "RoomModified")).order_by("occurred_at", "id")
    for stored in about.iterator(chunk_size=500):
        with transaction.atomic():
            replay([stored], listeners_in(f"{PACKAGE}.shown_rooms"))


PARTS = Parts(all=codes, redo=redo, rows=rows, sample=sample)

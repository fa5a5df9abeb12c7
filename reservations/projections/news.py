"""Stamps of open pages: they change whenever the view of a trip does, or is about to."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Sum
from django.db.models.functions import Now

from airbnb import live
from airbnb.events import reading
from reservations.models import Alteration, Trip

TRIP = "reservations.Trip"
RECENT = timedelta(days=2)


def stamp_of_trip(code: str) -> str:
    """How often the trip was written; marked while something is still to be delivered, which its page then applies."""
    found = (
        Trip.objects.filter(reservation_id=code)
        .annotate(lags=reading.behind(TRIP))
        .values_list("changes", "lags")
        .first()
    )
    return stamp(*found) if found is not None else "0"


def stamp_of_alteration(code: str) -> str:
    """How often the change itself was written, and its trip: a page of a change shows both."""
    lags = reading.behind(TRIP, key="reservation__code")
    found = Alteration.objects.filter(code=code).annotate(lags=lags)
    row = found.values_list("version", "reservation__trip__changes", "lags").first()
    return f"{row[0]}.{stamp(row[1], row[2])}" if row is not None else "0"


def stamp(changes: int, lags: bool) -> str:
    """The stamp of a row that was read already."""
    return f"{changes}{'+' if lags else ''}"


def stamp_of_host(host_id: str) -> str:
    """How often trips in this host's rooms were written, of those to which anything happened lately."""
    recent = Trip.objects.filter(host_id=int(host_id), last_event_at__gt=Now() - RECENT)
    written = recent.aggregate(n=Sum("changes", default=0))["n"]
    return stamp(int(written), reading.is_behind_for(TRIP, int(host_id)))


live.register("trip", stamp_of_trip)
live.register("host", stamp_of_host)
live.register("alteration", stamp_of_alteration)

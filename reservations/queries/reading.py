"""Reading trips: the view alone, brought up to date by its reader where something is still to be delivered to it."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet

from airbnb.events import reading
from reservations.models import Reservation, Trip
from reservations.projections import TRIP
from reservations.projections.news import stamp
from reservations.projections.parts import redo
from reservations.projections.rows import VERSION


def trip(code: str) -> Reservation | None:
    """What the view knows of one reservation, in one statement when nothing is waiting; None for an unknown code."""
    found = _one(code)
    if found is not None and not _lags(found):
        return found.standing()
    reading.catch_up(TRIP, subjects=[code])
    _renew([found] if found is not None else [])
    found = _one(code)
    return found.standing() if found is not None and found.guest_id is not None else None


def trips(wanted: QuerySet[Trip], person_id: int, *, first: int = 0, limit: int = 500) -> list[Reservation]:
    """The same for a list of somebody's trips: rows ``first`` to ``first + limit`` in the order that was asked for."""
    marked = wanted.select_related("guest").annotate(
        lags=reading.behind(TRIP), news=reading.behind_for(TRIP, person_id)
    )
    found = list(marked[first : first + limit])
    if any(_lags(each) or getattr(each, "news", False) for each in found) or (
        not found and reading.is_behind_for(TRIP, person_id)
    ):
        reading.catch_up(TRIP, subjects=[each.pk for each in found], person_id=person_id)
        _renew(found)
        found = list(marked[first : first + limit])
    return [each.standing() for each in found]


def be_up_to_date(person_id: int) -> None:
    """Before several lists of one person's trips: one cheap question, and catching up if anything is waiting."""
    if reading.is_behind_for(TRIP, person_id):
        reading.catch_up(TRIP, person_id=person_id)


def lags(copy: Reservation) -> bool:
    """Whether the view could not be brought up to date, so that what is shown may be older than what is true."""
    return bool(getattr(copy.trip, "lags", False))


def stamp_of(copy: Reservation) -> str:
    """What an open page of this trip compares with, to learn that it has changed."""
    return stamp(copy.trip.changes, lags(copy))


def _one(code: str) -> Trip | None:
    return Trip.objects.annotate(lags=reading.behind(TRIP)).select_related("guest").filter(reservation_id=code).first()


def _lags(trip: Trip) -> bool:
    return bool(getattr(trip, "lags", False)) or trip.schema < VERSION or trip.guest_id is None


def _renew(found: Iterable[Trip]) -> None:
    """Rows that an older version of the projection made are made anew by whoever reads them first."""
    for each in found:
        if each.schema < VERSION:
            with transaction.atomic():
                redo(each.pk)

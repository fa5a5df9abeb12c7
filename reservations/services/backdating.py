"""Moving one reservation into the past, so that the product's own timers must notice: local stack only."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.db.models import F

from airbnb import clock, db
from airbnb.events.bus import publish
from reservations.events import ReservationBackdated
from reservations.models import Reservation
from reservations.models.reservation import SYSTEM
from reservations.services.records import locked, told
from rooms import calendar


def backdate(*, code: str, days: int, seconds: int) -> Reservation:
    """Move the reservation, its diary, its alterations and all nights ``days`` and ``seconds`` earlier, and publish it.

    Dates move by whole days, instants by both. Raises NightsTaken when the earlier nights are another's, NotFound.
    """
    by = timedelta(days=days, seconds=seconds)
    with db.write():
        reservation = locked(code)
        _open_the_guards()
        alterations = list(reservation.alterations.all())
        calendar.shift_nights([code, *(each.code for each in alterations)], -days)
        reservation.move_back(by, days, at=clock.now(), actor=SYSTEM)
        for alteration in alterations:
            alteration.move_back(by, days)
        reservation.transitions.update(at=F("at") - by)
        publish(ReservationBackdated(**told(reservation), days=days, seconds=seconds))
    return reservation


def _open_the_guards() -> None:
    """The triggers let dates and the diary's times move in this transaction alone."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL binbang.backdating = 'on'")

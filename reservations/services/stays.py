"""Stays begin and end by the clock of the database and the times of the room."""

from __future__ import annotations

from datetime import datetime

from airbnb import clock, db
from airbnb.events.bus import publish
from reservations.events import StayCompleted, StayStarted
from reservations.instants import iso
from reservations.models import Reservation
from reservations.services.alterations import applying as alterations
from reservations.services.records import told
from reservations.services.sweeping import sweep
from reservations.states import Status
from rooms import calendar


def move_stays(limit: int = 500) -> int:
    """Start what has reached its check-in time and complete what has passed its check-out; returns how many moved.

    Each in its own transaction; scanning again changes nothing.
    """
    at = clock.now()
    arriving = Reservation.objects.filter(status=Status.CONFIRMED, check_in_at__lte=at)
    moved = sweep(arriving.order_by("check_in_at").values_list("code", flat=True)[:limit], _start)
    leaving = Reservation.objects.filter(status=Status.IN_STAY, check_out_at__lte=at)
    return moved + sweep(leaving.order_by("check_out_at").values_list("code", flat=True)[:limit], _complete)


def _start(code: str) -> int:
    with db.write():
        reservation, at = _mine(code, Status.CONFIRMED)
        if reservation is None or reservation.check_in_at > at or alterations.is_pinned(reservation):
            return 0
        reservation.start_stay(at=at)
        alterations.overtake_new_arrival(reservation, at=at)
        publish(StayStarted(**told(reservation), started_at=iso(at)))
        return 1


def _complete(code: str) -> int:
    with db.write():
        reservation, at = _mine(code, Status.IN_STAY)
        if reservation is None or reservation.check_out_at > at or alterations.is_pinned(reservation):
            return 0
        reservation.complete(at=at)
        alterations.overtake(reservation, by="system", at=at)
        calendar.end_nights(reservation.code)
        publish(StayCompleted(**told(reservation), completed_at=iso(at), check_out_at=iso(reservation.check_out_at)))
        return 1


def _mine(code: str, status: Status) -> tuple[Reservation | None, datetime]:
    db.reservation_lock(code)
    free = Reservation.objects.select_for_update(of=("self",), skip_locked=True)
    return free.filter(code=code, status=status).first(), clock.now()

"""Holds that are over: the nights go back, each hold in its own transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from airbnb import clock, db
from airbnb.events.bus import publish
from airbnb.stays import Stay
from reservations.events import ReservationExpired
from reservations.models import Reservation
from reservations.models.reservation import SYSTEM, Actor
from reservations.services.records import told
from reservations.services.sweeping import sweep
from rooms import calendar


def end_hold(reservation: Reservation, *, at: datetime, actor: Actor = SYSTEM, why: str = "expired") -> None:
    """Expire a locked hold or request, free its nights and tell it. ``why``: expired, let_go or a decline code."""
    was = reservation.status
    reservation.expire(at=at, actor=actor, why=why)
    calendar.free_nights(reservation.code)
    accepted = reservation.accepted_at is not None
    publish(ReservationExpired(**told(reservation), was=str(was), reason=why, accepted=accepted))


def stale_on(room_id: int, stay: Stay) -> list[str]:
    """Holds of anybody that are over and still stand on these nights."""
    over = Reservation.objects.stale(clock.now())
    on = over.filter(room_id=room_id, check_in__lt=stay.check_out, check_out__gt=stay.check_in)
    return list(on.values_list("code", flat=True))


def end_stale(codes: Iterable[str]) -> None:
    """Expire those of these holds that are over by now, in order of code, each in its own transaction.

    Must be called outside a transaction that takes nights: freeing ends with the room's row of the search index,
    and nights that are taken after that row wait for a caller who has them and waits for the row.
    """
    for code in sorted(codes):
        _expire_one(code)


def expire_holds(limit: int = 500) -> int:
    """Expire what is over, longest first; returns how many. PAYING is left alone: its outcome is not known."""
    due = Reservation.objects.stale(clock.now()).order_by("hold_expires_at").values_list("code", flat=True)
    return sweep(due[:limit], _expire_one)


def _expire_one(code: str) -> int:
    """One hold; a row that another sweeper or a payment holds is left to it."""
    with db.write():
        db.reservation_lock(code)
        at = clock.now()
        mine = Reservation.objects.stale(at).select_for_update(of=("self",), skip_locked=True)
        reservation = mine.filter(code=code).first()
        if reservation is None:
            return 0
        end_hold(reservation, at=at)
        return 1

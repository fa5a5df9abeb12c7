"""Reading one reservation under its lock, and telling its facts to the bus."""

from __future__ import annotations

from typing import Any

from airbnb import db
from airbnb.accounts.models import User
from airbnb.errors import NotFound
from reservations.models import Reservation
from reservations.models.record import record_of
from reservations.models.reservation import Actor


def locked(code: str) -> Reservation:
    """The reservation, locked until the transaction ends; takes the reservation lock first. Raises NotFound."""
    db.reservation_lock(code)
    found = Reservation.objects.select_for_update(of=("self",)).filter(code=code).first()
    if found is None:
        raise NotFound()
    return found


def locked_for_guest(code: str, guest: User) -> Reservation:
    """The same, for its guest only; anybody else gets NotFound."""
    found = locked(code)
    if found.guest_id != guest.pk:
        raise NotFound()
    return found


def role_of(reservation: Reservation, person: User) -> str:
    """guest, host or operator; a stranger gets NotFound."""
    if person.pk == reservation.guest_id:
        return "guest"
    if person.pk == reservation.host_id:
        return "host"
    if person.is_operator:
        return "operator"
    raise NotFound()


def as_guest(guest: User) -> Actor:
    """The guest, as the diary names actors."""
    return Actor("guest", guest.pk)


def told(reservation: Reservation) -> dict[str, Any]:
    """The base facts of every event of this reservation."""
    return {
        "reservation": reservation.code,
        "revision": reservation.version,
        "room_id": reservation.room_id,
        "room_code": reservation.room_code,
        "room_title_i18n": reservation.room_title_i18n,
        "room_slug": reservation.room_slug,
        "cover": reservation.room_cover,
        "host_id": reservation.host_id,
        "guest_id": reservation.guest_id,
        "check_in": reservation.check_in.isoformat(),
        "check_out": reservation.check_out.isoformat(),
        "guests": reservation.guests,
        "total_minor": reservation.total_minor,
        "currency": reservation.currency,
        "time_zone": reservation.time_zone,
        "record": record_of(reservation),
    }

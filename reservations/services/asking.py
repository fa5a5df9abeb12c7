"""A request as its money goes: set aside, so the host is asked; lost again, so it ends or the guest pays anew.

Runs in the transactions that record what became of the money.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from airbnb import clock, db
from airbnb.events.bus import publish
from airbnb.money import Money
from reservations.events import AuthorizationUnwanted, HoldResumed, ReservationRequested
from reservations.instants import iso
from reservations.models import Reservation
from reservations.models.reservation import GATEWAY
from reservations.services.expiry import end_hold
from reservations.services.records import told
from reservations.states import OPEN, Status

# Hours before the end of the time to answer at which a host is reminded, the first reminder first.
REMINDERS = (12, 2)
# A guest whose card failed after the host had accepted has this long to pay with another.
ACCEPTED_HOLD = timedelta(hours=12)


def ask_host(*, code: str, payment_id: str, amount: Money) -> None:
    """The total is set aside: PAYING → REQUESTED, and the host has until ``answer_by``.

    Money that the reservation has no use for is let go. Runs in the caller's transaction, under the reservation
    lock. Repeating it changes nothing.
    """
    db.require_transaction()
    db.reservation_lock(code)
    reservation = Reservation.objects.select_for_update(of=("self",)).filter(code=code).first()
    if reservation is None or _known(reservation, payment_id):
        return
    at = clock.now()
    reason = _why_not(reservation, payment_id, amount)
    if reason:
        publish(AuthorizationUnwanted(reservation=code, payment_id=payment_id, reason=reason))
        return
    answer_by = reservation.latest_answer(at)
    if answer_by <= at:
        end_hold(reservation, at=at, actor=GATEWAY, why="too_late")
        return
    reservation.ask(answer_by=answer_by, reminded_hours=last_reminder(answer_by, at), at=at, actor=GATEWAY)
    publish(ReservationRequested(**told(reservation), answer_by=iso(answer_by), message=reservation.message))


def last_reminder(answer_by: datetime, at: datetime) -> int | None:
    """The latest reminder whose time has come by ``at``; None before the first."""
    past = [hours for hours in REMINDERS if answer_by - timedelta(hours=hours) <= at]
    return past[-1] if past else None


def lose_authorized(reservation: Reservation, decline_code: str) -> None:
    """What was set aside for this locked request cannot be taken any more.

    Accepted: the dates are kept for ACCEPTED_HOLD, time for the guest to pay with another card, which then confirms at
    once. Not accepted, or the guest may hold nothing more: the request ends.
    """
    at = clock.now()
    until = min(at + ACCEPTED_HOLD, reservation.check_in_at)
    if reservation.accepted_at is None or until <= at or not _may_hold(reservation):
        end_hold(reservation, at=at, actor=GATEWAY, why=decline_code or "authorization_ended")
        return
    reservation.resume_hold(at=at, why=decline_code or "authorization_ended", until=until)
    publish(HoldResumed(**told(reservation), expires_at=iso(until), decline_code=decline_code, accepted=True))


def _may_hold(reservation: Reservation) -> bool:
    """Whether the guest has an open hold left for it: at most three, and one of this room."""
    db.lock(f"guest-holds:{reservation.guest_id}")
    held = list(
        Reservation.objects.filter(guest_id=reservation.guest_id, status__in=OPEN).values_list("room_id", flat=True)
    )
    return reservation.room_id not in held and len(held) < settings.BINBANG["MAX_OPEN_HOLDS"]


def _known(reservation: Reservation, payment_id: str) -> bool:
    """Whether this very money has asked the host already."""
    return str(reservation.payment_id) == payment_id and reservation.answer_by is not None


def _why_not(reservation: Reservation, payment_id: str, amount: Money) -> str:
    """Why this money is of no use here; empty when the host is to be asked."""
    if amount != reservation.total:
        return "amount_differs"
    if reservation.status != Status.PAYING or str(reservation.payment_id) != payment_id:
        return f"reservation_{reservation.status}"
    return "nobody_to_ask" if reservation.stands_once_paid else ""

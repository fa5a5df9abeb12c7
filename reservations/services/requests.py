"""What hosts say to requests, and what the clock says when they say nothing.

Every way out of a request begins with the reservation's lock and looks whether it is still open, so of any two at one
moment the second finds what the first has left. Two requests of one room never want the same night: a request has its
nights in the calendar from the hold on, so there is nothing that an acceptance would have to decline beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from airbnb import clock, db
from airbnb.accounts.models import User
from airbnb.errors import NotFound
from airbnb.events.bus import publish
from payments import charging
from reservations.events import RequestAccepted, RequestReminderDue, ReservationDeclined
from reservations.instants import iso
from reservations.models import Reservation
from reservations.models.reservation import Actor
from reservations.services.asking import REMINDERS, last_reminder
from reservations.services.expiry import end_hold
from reservations.services.records import locked, role_of, told
from reservations.services.refusals import RequestClosed, RequestOver
from reservations.services.sweeping import sweep
from reservations.states import PAID, Status
from rooms import calendar

REASON_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Answer:
    """``status``: confirmed, accepted (the money is being taken) or unpaid (the guest has to pay with another card)."""

    status: str
    reservation: Reservation


def accept_request(code: str, host: User) -> Answer:
    """The host says yes: recorded first, then what was set aside is taken, which confirms it.

    Saying it again is answered with how it stands. Must be called outside a transaction. Raises RequestClosed when
    it was decided otherwise, RequestOver when the time to answer has ended, NotFound for anybody but the host.
    """
    payment_id = _accept(code, host)
    if payment_id is not None:
        charging.capture(payment_id)
    reservation = Reservation.objects.get(code=code)
    if reservation.status in PAID:
        return Answer("confirmed", reservation)
    if reservation.is_being_captured:
        return Answer("accepted", reservation)
    if reservation.status in (Status.HELD, Status.PAYING):
        return Answer("unpaid", reservation)
    raise RequestClosed(reservation_status=str(reservation.status))


def refuse_request(code: str, host: User, reason: str = "") -> Reservation:
    """The host says no: nights freed, and the money is let go. Saying it again is quiet.

    Raises RequestClosed when it was decided otherwise, RequestOver, NotFound.
    """
    return _decline(code, host, "host", reason)


def decline_as_operator(code: str, operator: User, reason: str) -> Reservation:
    """The same by an operator in the host's place. Raises RequestClosed, RequestOver, NotFound."""
    if not operator.is_operator:
        raise NotFound()
    return _decline(code, operator, "operator", reason)


def end_requests(limit: int = 500) -> int:
    """End requests that were not answered in time, longest first; returns how many."""
    due = Reservation.objects.unanswered(clock.now()).order_by("answer_by").values_list("code", flat=True)
    return sweep(due[:limit], _end_one)


def remind_hosts(limit: int = 500) -> int:
    """Remind hosts 12 and 2 hours before a request ends, once each; returns how many reminders are sent."""
    at = clock.now()
    open_ones = Reservation.objects.filter(status=Status.REQUESTED, accepted_at__isnull=True, answer_by__gt=at)
    due = Q()
    for hours in REMINDERS:
        not_yet = Q(reminded_hours__isnull=True) | Q(reminded_hours__gt=hours)
        due |= not_yet & Q(answer_by__lte=at + timedelta(hours=hours))
    codes = open_ones.filter(due).order_by("answer_by").values_list("code", flat=True)
    return sweep(codes[:limit], _remind_one)


def let_go_in_time(code: str) -> bool:
    """The money of a request lapses soon: one that nobody answered ends now, while it can still be let go in order.

    An accepted one is left alone: its capture is under way. Returns whether the request was ended.
    """
    with db.write():
        reservation = _locked_request(code)
        if reservation is None or not reservation.is_open_request:
            return False
        end_hold(reservation, at=clock.now(), why="authorization_ending")
        return True


def _accept(code: str, host: User) -> str | None:
    """Record the acceptance and the intent to capture; the payment's id, or None when it was accepted before."""
    with db.write():
        reservation = _of_host(code, host)
        at = clock.now()
        over = _end_if_over(reservation, at)
        if not over and reservation.is_open_request:
            reservation.accept(at=at, actor=Actor("host", host.pk))
            payment_id = str(reservation.payment_id)
            publish(RequestAccepted(**told(reservation), payment_id=payment_id, accepted_by_id=host.pk))
            charging.prepare_capture(payment_id)
            return payment_id
    if over:
        raise RequestOver()
    if reservation.accepted_at is None:
        raise RequestClosed(reservation_status=str(reservation.status))
    return None


def _decline(code: str, person: User, by: str, reason: str) -> Reservation:
    with db.write():
        reservation = locked(code) if by == "operator" else _of_host(code, person)
        at = clock.now()
        over = _end_if_over(reservation, at)
        if not over and reservation.is_open_request:
            _carry_out(reservation, Actor(by, person.pk), reason, at)
    if over:
        raise RequestOver()
    if reservation.status != Status.DECLINED:
        raise RequestClosed(reservation_status=str(reservation.status), accepted=reservation.accepted_at is not None)
    return reservation


def _carry_out(reservation: Reservation, actor: Actor, reason: str, at: datetime) -> None:
    reason = reason.replace("\0", "").strip()[:REASON_LENGTH]
    reservation.decline(at=at, actor=actor, reason=reason)
    calendar.free_nights(reservation.code)
    publish(
        ReservationDeclined(
            **told(reservation),
            payment_id=str(reservation.payment_id),
            reason=reason,
            by=actor.kind,
        )
    )


def _of_host(code: str, host: User) -> Reservation:
    reservation = locked(code)
    if role_of(reservation, host) != "host":
        raise NotFound()
    return reservation


def _end_if_over(reservation: Reservation, at: datetime) -> bool:
    """A request is dead at the instant its time is over, even if the sweeper is late."""
    over = reservation.answer_is_over(at)
    if over:
        end_hold(reservation, at=at)
    return over


def _end_one(code: str) -> int:
    with db.write():
        reservation = _locked_request(code)
        return int(reservation is not None and _end_if_over(reservation, clock.now()))


def _remind_one(code: str) -> int:
    with db.write():
        reservation = _locked_request(code)
        at = clock.now()
        if reservation is None or not reservation.is_open_request or reservation.answer_is_over(at):
            return 0
        assert reservation.answer_by is not None
        hours = last_reminder(reservation.answer_by, at)
        if hours is None or hours >= (reservation.reminded_hours or hours + 1):
            return 0
        reservation.remind(hours)
        publish(RequestReminderDue(**told(reservation), hours=hours, answer_by=iso(reservation.answer_by)))
        return 1


def _locked_request(code: str) -> Reservation | None:
    """The request, or None when somebody else is at it."""
    db.reservation_lock(code)
    free = Reservation.objects.select_for_update(of=("self",), skip_locked=True)
    return free.filter(code=code, status=Status.REQUESTED).first()

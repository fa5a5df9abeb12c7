"""Paying: guard and intent in one transaction, the charge in none, the outcome in the payments' own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from airbnb import clock, db
from airbnb.accounts.models import User
from airbnb.events.bus import publish
from payments import charging
from payments import queries as payment_queries
from reservations.events import PaymentBegun
from reservations.models import Reservation, Transition
from reservations.services.expiry import end_hold
from reservations.services.records import as_guest, locked_for_guest, told
from reservations.services.refusals import HoldExpired, NotPayable, TooManyAttempts
from reservations.services.waiting import keep_for_later, kept_while_resting
from reservations.states import PAID, Status

# Payments that the bank declined, of one hold; tries while the gateway is down are free (N3).
MAX_DECLINED = 5


@dataclass(frozen=True, slots=True)
class PayOutcome:
    """``status``: confirmed, requested (the host is asked), paying (not yet known), requires_action, declined or
    unavailable.
    """

    status: str
    reservation: Reservation
    decline_code: str = ""
    action_url: str = ""
    retry_after: int | None = None


def pay(*, code: str, guest: User, payment_method: str, return_url: str) -> PayOutcome:
    """Charge the agreed total now, or set it aside while the host is asked.

    Paying twice charges once: the second caller is told how the first one stands.

    Must be called outside a transaction. Raises HoldExpired, NotPayable, TooManyAttempts, NotFound.
    """
    resting = _resting(code, guest)
    if resting is not None:
        return resting
    payment_id = _begin(code, guest, payment_method, return_url)
    if payment_id is None:
        return _standing(Reservation.objects.get(code=code))
    charged = charging.charge(payment_id)
    return _outcome(Reservation.objects.get(code=code), charged)


def _resting(code: str, guest: User) -> PayOutcome | None:
    """While the gateway is known to rest nothing is begun: the hold is kept and the guest is told at once (N3)."""
    mine = Reservation.objects.filter(code=code, guest=guest, status=Status.HELD).first()
    if mine is None or mine.hold_is_over(clock.now()):
        return None
    kept = kept_while_resting(mine)
    return None if kept is None else PayOutcome("unavailable", kept[0], retry_after=kept[1])


def _begin(code: str, guest: User, payment_method: str, return_url: str) -> str | None:
    """HELD → PAYING with its payment recorded; None when a payment is under way or done."""
    with db.write():
        reservation = locked_for_guest(code, guest)
        at = clock.now()
        over = _is_over(reservation, at)
        if over:
            end_hold(reservation, at=at)
        elif reservation.status == Status.HELD:
            return _record_intent(reservation, guest, payment_method, return_url)
    if over or reservation.status == Status.EXPIRED:
        raise HoldExpired()
    if reservation.status in (Status.PAYING, Status.REQUESTED) or reservation.status in PAID:
        return None
    raise NotPayable()


def _is_over(reservation: Reservation, at: datetime) -> bool:
    """Whether the hold has ended, or its host could no longer be asked before the stay."""
    if reservation.hold_is_over(at):
        return True
    too_late = not reservation.stands_once_paid and reservation.latest_answer(at) <= at
    return reservation.status == Status.HELD and too_late


def _record_intent(reservation: Reservation, guest: User, payment_method: str, return_url: str) -> str:
    if Transition.objects.declined().filter(reservation=reservation).count() >= MAX_DECLINED:
        raise TooManyAttempts()
    payment_id = charging.prepare(
        reservation=reservation.code,
        guest_id=guest.pk,
        amount=reservation.total,
        method=payment_method,
        return_url=return_url,
        capture_now=reservation.stands_once_paid,
    )
    reservation.begin_payment(payment_id=UUID(str(payment_id)), at=clock.now(), actor=as_guest(guest))
    publish(PaymentBegun(**told(reservation), payment_id=str(payment_id)))
    return str(payment_id)


def _standing(reservation: Reservation) -> PayOutcome:
    """How a payment stands that somebody else began."""
    if reservation.status in PAID:
        return PayOutcome("confirmed", reservation)
    if reservation.status == Status.REQUESTED:
        return PayOutcome("requested", reservation)
    payment = payment_queries.payment_of(reservation.code)
    if payment is not None and payment.status == "requires_action":
        return PayOutcome("requires_action", reservation, action_url=payment.action_url or "")
    return PayOutcome("paying", reservation)


def _outcome(reservation: Reservation, charged: charging.ChargeOutcome) -> PayOutcome:
    """What the guest is told; the reservation was moved by the reactions to the payment's own events."""
    if reservation.status in PAID:
        return PayOutcome("confirmed", reservation)
    if reservation.status == Status.REQUESTED:
        return PayOutcome("requested", reservation)
    if charged.status == "unavailable":
        kept = keep_for_later(code=reservation.code)
        return PayOutcome("unavailable", kept, retry_after=charged.retry_after_s or 30)
    if charged.status == "declined":
        return PayOutcome("declined", reservation, decline_code=charged.decline_code or "")
    if charged.status in ("approved", "authorized"):
        return PayOutcome("declined", reservation, decline_code="refused")
    if charged.status == "requires_action":
        return PayOutcome("requires_action", reservation, action_url=charged.action_url or "")
    return PayOutcome("paying", reservation)

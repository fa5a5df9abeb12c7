"""What the outcome of a payment does to its reservation, in the very transaction that records the outcome."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.db import transaction

from airbnb import clock, db
from airbnb.events.bus import publish
from airbnb.money import Money
from reservations.cancellation import tax_of
from reservations.events import (
    HoldExtended,
    HoldResumed,
    PaymentBegun,
    PaymentRefused,
    ReservationConfirmed,
)
from reservations.instants import iso
from reservations.models import Reservation
from reservations.models.log import PAY_LATER
from reservations.models.reservation import GATEWAY
from reservations.services.alterations import applying
from reservations.services.asking import lose_authorized
from reservations.services.expiry import end_hold, end_stale, stale_on
from reservations.services.records import told
from reservations.services.waiting import latest_end, note_wait
from reservations.states import PAID, Status
from rooms import calendar


def confirm_paid(*, code: str, payment_id: str, amount: Money, beside: bool = False) -> None:
    """Money of this payment is captured: the reservation stands, or all of it is refused and goes back.

    Money that came ``beside`` another payment which still counts is refused: a stay stands on what refunds draw on.

    Runs in the caller's transaction, under the reservation lock. Repeating it changes nothing. A dead reservation
    stands again only when its nights are still free (domain.md, section 3).
    """
    db.require_transaction()
    reservation = _locked_or_none(code)
    if reservation is None or _known(reservation, payment_id):
        return
    reason = _why_not(reservation, amount, beside=beside)
    if not reason and reservation.status == Status.EXPIRED:
        reason = _take_again(reservation)
    if reason:
        _refuse(reservation, payment_id, amount, reason)
        return
    if reservation.status == Status.HELD:
        reservation.begin_payment(payment_id=UUID(payment_id), at=clock.now(), actor=GATEWAY)
        publish(PaymentBegun(**told(reservation), payment_id=payment_id))
    _stand(reservation, payment_id, amount)


def fail_payment(*, code: str, payment_id: str, decline_code: str, try_later: bool = False) -> None:
    """This payment came to nothing: back to the hold while its time lasts, else expired.

    ``try_later``: the gateway cannot work now, so the dates are kept longer. Ignored for a payment that is not the
    present one, so a late failure never undoes a success. Runs in the caller's transaction.
    """
    db.require_transaction()
    reservation = _locked_or_none(code)
    if reservation is None or str(reservation.payment_id) != payment_id:
        return
    if reservation.status == Status.REQUESTED:
        lose_authorized(reservation, decline_code)
    if reservation.status != Status.PAYING:
        return
    at = clock.now()
    assert reservation.hold_expires_at is not None
    until = latest_end(reservation) if try_later else reservation.hold_expires_at
    if until <= at:
        end_hold(reservation, at=at, actor=GATEWAY, why=decline_code or "payment_failed")
        return
    if try_later:
        note_wait(reservation, at)
    why = PAY_LATER if try_later else decline_code or "payment_failed"
    reservation.resume_hold(at=at, why=why, until=until, pay_later=try_later)
    accepted = reservation.accepted_at is not None
    publish(HoldResumed(**told(reservation), expires_at=iso(until), decline_code=decline_code, accepted=accepted))
    if try_later:
        publish(HoldExtended(**told(reservation), expires_at=iso(until), pay_later=True))


def _locked_or_none(code: str) -> Reservation | None:
    db.reservation_lock(code)
    return Reservation.objects.select_for_update(of=("self",)).filter(code=code).first()


def _known(reservation: Reservation, payment_id: str) -> bool:
    """Whether this very payment already made it stand (and perhaps was cancelled since)."""
    return str(reservation.payment_id) == payment_id and (
        reservation.status in PAID or reservation.status == Status.CANCELLED
    )


def _why_not(reservation: Reservation, amount: Money, *, beside: bool) -> str:
    """Why this money cannot make the reservation stand; empty when it can."""
    if amount != reservation.total:
        return "amount_differs"
    if reservation.status in PAID:
        return "already_paid"
    if reservation.status not in (Status.HELD, Status.PAYING, Status.REQUESTED, Status.EXPIRED):
        return f"reservation_{reservation.status}"
    if beside:
        return "paid_twice"
    if not reservation.stands_once_paid:
        return "not_accepted"
    if reservation.status == Status.EXPIRED and reservation.check_in_at <= clock.now():
        return "too_late"
    return ""


def _take_again(reservation: Reservation) -> str:
    """Win the nights of an expired reservation back; the reason when somebody else has them, or the room is gone.

    Raises FirstThis where who has them is dead: a hold or a proposal is over at its instant, however late the timer.
    """
    room_id, stay = reservation.room_id, reservation.stay
    try:
        with transaction.atomic():
            calendar.take_nights(room_id, stay, reservation=reservation.code)
    except calendar.NightsTaken as lost:
        holds, proposals = stale_on(room_id, stay), applying.overdue_on(room_id, stay)
        if holds or proposals:
            raise db.FirstThis(partial(_end_the_dead, holds, proposals)) from lost
        return lost.code
    except calendar.RoomGone as lost:
        return lost.code
    return ""


def _end_the_dead(holds: list[str], proposals: list[str]) -> None:
    """Each in a transaction of its own; one that is over no more is left alone."""
    end_stale(holds)
    for code in proposals:
        applying.expire_one(code)


def _refuse(reservation: Reservation, payment_id: str, amount: Money, reason: str) -> None:
    """Send all the money back; a reservation that waited for it goes on as a hold, or ends."""
    if str(reservation.payment_id) == payment_id:
        fail_payment(code=reservation.code, payment_id=payment_id, decline_code=reason)
    publish(
        PaymentRefused(
            reservation=reservation.code,
            payment_id=payment_id,
            guest_id=reservation.guest_id,
            amount_minor=amount.amount_minor,
            currency=amount.currency,
            reason=reason,
        )
    )


def _stand(reservation: Reservation, payment_id: str, captured: Money) -> None:
    reservation.confirm(payment_id=UUID(payment_id), captured=captured, at=clock.now())
    calendar.settle_nights(reservation.code)
    publish(
        ReservationConfirmed(
            **told(reservation),
            payment_id=payment_id,
            host_payout_minor=reservation.host_payout_minor,
            check_in_at=iso(reservation.check_in_at),
            check_out_at=iso(reservation.check_out_at),
            message=reservation.message,
            tax_minor=tax_of(reservation.lines),
        )
    )

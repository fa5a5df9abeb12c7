"""While a gateway rests, holds are kept; when it is back their guests are asked to pay, in order and without a rush.

What the tables say is decisive: the timer keeps what an event missed and asks whom nobody asked yet.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings

from airbnb import clock, db
from airbnb.events.bus import publish
from payments import queries as payments
from reservations.events import HoldExtended, PaymentWaitBegun
from reservations.instants import iso
from reservations.models import PaymentWait, Reservation
from reservations.models.reservation import SYSTEM
from reservations.services.pacing import ask_to_pay, holds_through
from reservations.services.records import told
from reservations.services.sweeping import sweep
from reservations.states import Status

MAX_PAY_LATER = timedelta(hours=2)


def keep_for_later(*, code: str) -> Reservation:
    """Payments are down: keep an open hold as long as the rule allows and let the guest pay later."""
    with db.write():
        reservation = _locked_or_none(code)
        assert reservation is not None
        at = clock.now()
        if reservation.status == Status.HELD and not reservation.pay_later and not reservation.hold_is_over(at):
            note_wait(reservation, at)
            _prolong(reservation, latest_end(reservation), at, pay_later=True)
    return reservation


def kept_while_resting(reservation: Reservation) -> tuple[Reservation, int] | None:
    """The hold, kept, and how many seconds the gateway it is paid through rests at least; None when that works."""
    if reservation.status != Status.HELD:
        return None
    resting = payments.rest_now(reservation.currency, authorize=not reservation.stands_once_paid)
    if resting is None:
        return None
    return keep_for_later(code=reservation.code), resting.retry_after_s


def note_wait(reservation: Reservation, at: datetime) -> None:
    """Remember that this hold waits from now, and the end that it had by itself. In the caller's transaction.

    One that waits already has its own end on record; what it has now is that of the wait.
    """
    db.require_transaction()
    assert reservation.hold_expires_at is not None
    if reservation.pay_later and PaymentWait.objects.filter(reservation=reservation).update(asked_at=None):
        return
    PaymentWait.objects.update_or_create(
        reservation=reservation,
        defaults={"began_at": at, "held_until": reservation.hold_expires_at, "asked_at": None},
    )


def payments_rest(gateway: str) -> int:
    """Have every open hold that this gateway is to be paid through kept, each in a delivery of its own; how many."""
    codes = _open_holds([gateway])
    for code in codes:
        publish(PaymentWaitBegun(reservation=code))
    return len(codes)


def tend_waits() -> int:
    """Keep every open hold whose gateway rests, and ask the next group of those whose gateway is back.

    Returns how many holds were kept or asked. Running it twice changes nothing.
    """
    return sweep(_open_holds(payments.resting_gateways()), _keep_one) + ask_to_pay()


def give_time_to_pay(*, code: str) -> None:
    """A hold that waited for the gateway lasts HOLD_MINUTES from now, two hours in all at most; others stay as is.

    Its own end is never brought forward.
    """
    with db.write():
        reservation = _locked_or_none(code)
        at = clock.now()
        if reservation is None or not reservation.pay_later or reservation.status != Status.HELD:
            return
        if reservation.hold_is_over(at):
            return
        until = min(at + timedelta(minutes=settings.BINBANG["HOLD_MINUTES"]), latest_end(reservation))
        wait = PaymentWait.objects.filter(reservation=reservation).first()
        _prolong(reservation, max(until, wait.held_until) if wait else until, at, pay_later=False)


def latest_end(reservation: Reservation) -> datetime:
    """The end that a hold can never pass: two hours after its own, however often payments fail."""
    assert reservation.hold_expires_at is not None
    return max(reservation.created_at + MAX_PAY_LATER, reservation.hold_expires_at)


def _keep_one(code: str) -> int:
    return int(keep_for_later(code=code).pay_later)


def _open_holds(gateways: Collection[str]) -> list[str]:
    """The codes of holds to be paid through these that are not over and do not wait yet, soonest end first."""
    open_ = holds_through(gateways).filter(pay_later=False, hold_expires_at__gt=clock.now())
    return list(open_.order_by("hold_expires_at", "code").values_list("code", flat=True))


def _prolong(reservation: Reservation, until: datetime, at: datetime, *, pay_later: bool) -> None:
    reservation.prolong(until=until, at=at, actor=SYSTEM, pay_later=pay_later)
    publish(HoldExtended(**told(reservation), expires_at=iso(until), pay_later=pay_later, payments_back=not pay_later))


def _locked_or_none(code: str) -> Reservation | None:
    db.reservation_lock(code)
    return Reservation.objects.select_for_update(of=("self",)).filter(code=code).first()

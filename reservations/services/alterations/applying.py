"""What a decided alteration does: the stay changes with its nights and money in one step, or nothing does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from airbnb import clock, db
from airbnb.events.bus import publish
from airbnb.money import Money
from airbnb.stays import Stay
from reservations import grace
from reservations.bills import difference_of, turned
from reservations.cancellation import tax_of
from reservations.events import (
    AlterationClosed,
    AlterationPayLater,
    AlterationPaymentFailed,
    PaymentRefused,
    ReservationAltered,
)
from reservations.instants import iso
from reservations.models import Alteration, AlterationStatus, AlterationWait, Reservation
from reservations.models.reservation import Actor
from reservations.services.records import told
from reservations.services.sweeping import sweep
from reservations.states import Status
from rooms import calendar

Taken = TypeVar("Taken")
STANDING = (Status.CONFIRMED, Status.IN_STAY)
# While the gateway is at fault the guest keeps at least this long to pay the difference.
PATIENCE = timedelta(hours=2)


def open_alteration(reservation: Reservation) -> Alteration | None:
    """The one that keeps nights, locked; the caller has the reservation's lock."""
    found: Alteration | None = reservation.alterations.open().select_for_update(of=("self",)).first()
    return found


def facts(alteration: Alteration) -> dict[str, Any]:
    """What every event of an alteration carries beside the reservation's own facts."""
    new = {
        "check_in": alteration.check_in.isoformat(),
        "check_out": alteration.check_out.isoformat(),
        "guests": alteration.guests,
        "total_minor": alteration.total_minor,
    }
    return {
        "alteration": alteration.code,
        "proposed_by": alteration.proposed_by,
        "new": new,
        "difference_minor": alteration.difference_minor,
    }


def bound_of(old: tuple[datetime, datetime], new: tuple[datetime, datetime]) -> datetime:
    """Until when a change may come true at the latest, given check-in and check-out instants of both stays.

    The earlier check-in where it moves; else the guest may be in the room already, and the earlier check-out.
    """
    moved = old[0] != new[0]
    return min(old[0], new[0]) if moved else min(old[1], new[1])


def kept_until(reservation: Reservation, alteration: Alteration, since: datetime) -> datetime:
    """How long it is kept for a guest who cannot pay ``since`` then; never beyond what it could come true by."""
    old = (reservation.check_in_at, reservation.check_out_at)
    latest = bound_of(old, (alteration.check_in_at, alteration.check_out_at))
    return max(alteration.expires_at, min(since + PATIENCE, latest))


def close(reservation: Reservation, alteration: Alteration, outcome: str, *, by: str, at: datetime) -> None:
    """End a proposal that came to nothing: its nights are free, the stay is untouched, both are told."""
    was_accepted = alteration.accepted_at is not None
    alteration.close(outcome, by=by, at=at)
    calendar.free_nights(alteration.code)
    publish(
        AlterationClosed(**told(reservation), **facts(alteration), outcome=outcome, by=by, was_accepted=was_accepted)
    )


def overtake(reservation: Reservation, *, by: str, at: datetime) -> None:
    """The reservation itself has ended: an open proposal ends with it. A payment under way is given up or refused."""
    alteration = open_alteration(reservation)
    if alteration is not None:
        close(reservation, alteration, AlterationStatus.OVERTAKEN, by=by, at=at)


def overtake_new_arrival(reservation: Reservation, *, at: datetime) -> None:
    """The guest is in the room: a proposal of another check-in can no longer come true."""
    alteration = open_alteration(reservation)
    if alteration is not None and alteration.check_in != reservation.check_in:
        close(reservation, alteration, AlterationStatus.OVERTAKEN, by="system", at=at)


def is_pinned(reservation: Reservation) -> bool:
    """Whether a payment for other dates is under way: until its outcome is known the stay neither starts nor ends."""
    return bool(reservation.alterations.filter(status=AlterationStatus.PAYING).exists())


def apply(
    reservation: Reservation, alteration: Alteration, *, actor: Actor, at: datetime, payment_id: str | None = None
) -> None:
    """The stay is the new one from here on: terms, nights and sums in the caller's one transaction.

    The caller has locked both and has made sure that the difference is captured, or that there is none to pay.
    """
    before = {
        "check_in": reservation.check_in.isoformat(),
        "check_out": reservation.check_out.isoformat(),
        "guests": reservation.guests,
        "total_minor": reservation.total_minor,
        "host_payout_minor": reservation.host_payout_minor,
    }
    cheaper = max(0, -alteration.difference_minor)
    due = min(cheaper, reservation.left_minor)  # what went back by grace is gone
    graced = grace.less_what_changed(reservation.graced_lines, alteration.lines, cheaper - due)
    alteration.apply(revision=reservation.version + 1, at=at)
    terms = ("check_in", "check_out", "check_in_at", "check_out_at", "guests", "lines", "total_minor")
    reservation.alter(
        {name: getattr(alteration, name) for name in (*terms, "host_payout_minor")},
        difference=alteration.difference,
        graced=graced,
        at=at,
        actor=actor,
    )
    calendar.alter_nights(reservation.code, alteration.stay, holder=alteration.code)
    publish(
        ReservationAltered(
            **told(reservation),
            before=before,
            difference_minor=alteration.difference_minor,
            refund_due_minor=due,
            host_payout_minor=reservation.host_payout_minor,
            tax_minor=tax_of(reservation.lines),
            check_in_at=iso(reservation.check_in_at),
            check_out_at=iso(reservation.check_out_at),
            status=str(reservation.status),
            alteration=alteration.code,
            proposed_by=alteration.proposed_by,
            payment_id=payment_id,
            difference_lines=_lines_of(alteration, due if due < cheaper else None),
        )
    )


def _lines_of(alteration: Alteration, due: int | None) -> list[dict[str, Any]]:
    """What each line of the new bill is more, or less; where only ``due`` goes back, so much of it."""
    lines = difference_of(alteration.old_lines, alteration.lines)
    return lines if due is None else turned(grace.cut_to(turned(lines), due))


def why_not_now(reservation: Reservation, alteration: Alteration, at: datetime) -> str:
    """The reason why a change can no longer come true, or nothing.

    A payment under way keeps the stay from starting and ending, so then the clock alone is no reason.
    """
    if reservation.status not in STANDING:
        return "not_standing"
    pinned = alteration.status == AlterationStatus.PAYING
    begun = reservation.status == Status.IN_STAY or (at >= reservation.check_in_at and not pinned)
    if begun and alteration.check_in != reservation.check_in:
        return "stay_begun"
    return "stay_over" if alteration.check_out_at <= at and not pinned else ""


def apply_paid(*, code: str, purpose: str, payment_id: str, amount: Money) -> None:
    """The difference is captured: the stay changes in this very transaction, or all of the money goes back.

    Runs in the caller's transaction, under the reservation lock. Repeating it changes nothing.
    """
    db.require_transaction()
    reservation, alteration = _both(code, purpose)
    if reservation is None:
        return
    if alteration is not None and str(alteration.payment_id) == payment_id and alteration.status == "applied":
        return
    at = clock.now()
    reason = _why_refused(reservation, alteration, payment_id, amount, at)
    if reason or alteration is None:
        _refuse(reservation, alteration, payment_id, amount, reason or "no_alteration", at)
        return
    if alteration.status != AlterationStatus.PAYING:
        alteration.begin_payment(UUID(payment_id))
    apply(reservation, alteration, actor=Actor("gateway"), at=at, payment_id=payment_id)


def fail_payment(*, code: str, purpose: str, payment_id: str, decline_code: str, try_later: bool = False) -> None:
    """The difference could not be charged: the old stay is untouched and the proposal open as long as its time lasts.

    ``try_later``: the gateway was at fault, so the guest keeps two hours at least and is told when it works again. A
    late failure of a payment that is not the present one is ignored. Runs in the caller's transaction.
    """
    db.require_transaction()
    reservation, alteration = _both(code, purpose)
    if reservation is None or alteration is None or alteration.status != AlterationStatus.PAYING:
        return
    if str(alteration.payment_id) != payment_id:
        return
    at = clock.now()
    until, begun = alteration.expires_at, False
    if try_later:
        wait, begun = AlterationWait.note(alteration, at)
        until = kept_until(reservation, alteration, wait.began_at)
    if until <= at or why_not_now(reservation, alteration, at):
        close(reservation, alteration, AlterationStatus.EXPIRED, by="system", at=at)
        return
    alteration.resume(until=until, declined=not try_later)
    common = {**told(reservation), **facts(alteration), "expires_at": iso(until)}
    publish(AlterationPaymentFailed(**common, code=decline_code, retryable=try_later))
    if begun:
        publish(AlterationPayLater(**common))


def expire_alterations(limit: int = 500) -> int:
    """End proposals whose time is over, longest first; returns how many. A payment under way is waited for."""
    due = Alteration.objects.overdue(clock.now()).order_by("expires_at").values_list("code", flat=True)
    return sweep(due[:limit], expire_one)


def expire_one(code: str) -> int:
    """One proposal, in its own transaction; 0 when it is no longer due."""
    owner = Alteration.objects.filter(code=code).values_list("reservation__code", flat=True).first()
    if owner is None:
        return 0
    with db.write():
        db.reservation_lock(owner)
        reservation = Reservation.objects.select_for_update(of=("self",)).get(code=owner)
        alteration, at = open_alteration(reservation), clock.now()
        if alteration is None or alteration.code != code or not alteration.is_over(at):
            return 0
        close(reservation, alteration, AlterationStatus.EXPIRED, by="system", at=at)
        return 1


def over_stale_alterations(room_id: int, stay: Stay, take: Callable[[], Taken]) -> Taken:
    """``take`` nights; when others have them, once more after proposals on them whose time is over were ended.

    Such a proposal is dead at its instant even when the timer is late. Raises NightsTaken. No transaction may be open.
    """
    try:
        return take()
    except calendar.NightsTaken:
        if not sum(expire_one(code) for code in overdue_on(room_id, stay)):
            raise
    return take()


def overdue_on(room_id: int, stay: Stay) -> list[str]:
    """Proposals whose time is over and that still keep some of these nights."""
    overdue = Alteration.objects.overdue(clock.instant()).filter(
        reservation__room_id=room_id, check_in__lt=stay.check_out, check_out__gt=stay.check_in
    )
    return sorted(overdue.values_list("code", flat=True))


def _both(code: str, purpose: str) -> tuple[Reservation | None, Alteration | None]:
    db.reservation_lock(code)
    reservation = Reservation.objects.select_for_update(of=("self",)).filter(code=code).first()
    if reservation is None:
        return None, None
    wanted = reservation.alterations.filter(code=purpose.partition(":")[2])
    return reservation, wanted.select_for_update(of=("self",)).first()


def _why_refused(
    reservation: Reservation, alteration: Alteration | None, payment_id: str, amount: Money, at: datetime
) -> str:
    if alteration is None or not alteration.is_open:
        return "alteration_over"
    if alteration.status == AlterationStatus.PAYING and str(alteration.payment_id) != payment_id:
        return "paid_twice"
    if amount != alteration.difference:
        return "amount_differs"
    return why_not_now(reservation, alteration, at)


def _refuse(
    reservation: Reservation, alteration: Alteration | None, payment_id: str, amount: Money, reason: str, at: datetime
) -> None:
    """All of it goes back, and a proposal that waited for this money ends."""
    if alteration is not None and alteration.is_open and str(alteration.payment_id) == payment_id:
        close(reservation, alteration, AlterationStatus.OVERTAKEN, by="system", at=at)
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

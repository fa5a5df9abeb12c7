"""Holds: nights set aside for one guest at the agreed price, for a quarter of an hour."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from airbnb import clock, correlation, db
from airbnb.accounts.models import User
from airbnb.codes import new_code
from airbnb.errors import Invalid
from airbnb.events.bus import publish
from airbnb.stays import Stay
from reservations.events import GuestIntroduced, HoldExtended, ReservationCreated
from reservations.instants import iso
from reservations.models import Reservation
from reservations.offers import alternative_json, quote_json
from reservations.services.alterations.applying import over_stale_alterations
from reservations.services.expiry import end_hold, end_stale
from reservations.services.records import as_guest, locked_for_guest, told
from reservations.services.refusals import (
    AlreadyExtended,
    HoldExists,
    HoldExpired,
    NothingToPay,
    NotPayable,
    OwnRoom,
    PaymentInProgress,
    QuoteChanged,
    TooManyHolds,
)
from reservations.services.waiting import kept_while_resting
from reservations.states import OPEN, MovedOn, Status
from rooms import calendar, queries

# Holds that end while others are being ended are rare; more rounds than these mean that something is wrong.
STALE_ROUNDS = 5
# Alternatives were free when they were looked for; the next guest may be sooner in any case.
ALTERNATIVES_KEPT_S = 2
# All that a standing hold is judged by: most of its width is the agreed price and the room as it was.
_JUDGED = ("code", "guest", "room_id", "status", "check_in", "check_out", "guests", "hold_expires_at")


def hold(
    *, guest: User, room_id: int, stay: Stay, guests: int, quote_token: str | None = None, message: str = ""
) -> Reservation:
    """Take the nights for ``guest`` until HOLD_MINUTES from now, at the price of the quote, and publish the hold.

    One transaction, under an advisory lock per guest; holds in the way that are over are ended before it, each in its
    own. Asking again for the same room, nights and party returns the open hold unchanged. Raises NightsTaken (with
    ``alternatives``), QuoteChanged (with the new ``quote``), StayRefused, NothingToPay, QuoteInvalid, HoldExists,
    TooManyHolds, OwnRoom, NotFound.
    """
    asked = (guest, room_id, stay, guests, quote_token, message)
    try:
        held = over_stale_alterations(room_id, stay, lambda: _hold_over_stale_ones(lambda: _hold(*asked)))
        kept = kept_while_resting(held)
        return held if kept is None else kept[0]
    except calendar.NightsTaken as lost:
        offered = _alternatives(room_id, stay, guests)
        raise calendar.NightsTaken(lost.detail, **{**lost.facts, "alternatives": offered}) from lost


def _alternatives(room_id: int, stay: Stay, guests: int) -> list[dict[str, Any]]:
    """What to take instead. All who lose one race are told the same, which is looked for once."""
    key = f"alternatives:{room_id}:{stay.check_in}:{stay.check_out}:{guests}"
    offered: list[dict[str, Any]] | None = cache.get(key)
    if offered is None:
        offered = [alternative_json(each) for each in queries.alternatives(room_id, stay, guests)]
        cache.set(key, offered, ALTERNATIVES_KEPT_S)
    return offered


def extend_hold(*, code: str, guest: User) -> Reservation:
    """HOLD_EXTENSION_MINUTES more, once per hold. Raises HoldExpired, AlreadyExtended, NotPayable, NotFound."""
    with db.write():
        reservation = locked_for_guest(code, guest)
        at = clock.now()
        _require_open(reservation, at)
        if reservation.hold_extended_at is not None:
            raise AlreadyExtended()
        assert reservation.hold_expires_at is not None
        until = reservation.hold_expires_at + timedelta(minutes=settings.BINBANG["HOLD_EXTENSION_MINUTES"])
        reservation.prolong(until=until, at=at, actor=as_guest(guest), pay_later=reservation.pay_later)
        publish(HoldExtended(**told(reservation), expires_at=iso(until), pay_later=reservation.pay_later))
    return reservation


def let_go(*, code: str, guest: User) -> Reservation:
    """The guest gives the held nights back; again is quiet. Raises PaymentInProgress, NotPayable, NotFound."""
    with db.write():
        reservation = locked_for_guest(code, guest)
        if reservation.status == Status.PAYING:
            raise PaymentInProgress()
        if reservation.status not in (Status.HELD, Status.EXPIRED):
            raise NotPayable()
        if reservation.status == Status.HELD:
            end_hold(reservation, at=clock.now(), actor=as_guest(guest), why="let_go")
    return reservation


def introduce(*, code: str, guest: User, name: str, phone: str, message: str) -> Reservation:
    """Keep the name, telephone and message that the guest gives at checkout, while it is not yet paid."""
    with db.write():
        reservation = locked_for_guest(code, guest)
        said = {"name": name[:80], "phone": phone[:24], "message": message[:2000]}
        if reservation.status in OPEN and reservation.introduce(**said, at=clock.now(), actor=as_guest(guest)):
            publish(GuestIntroduced(**told(reservation)))
    return reservation


def _require_open(reservation: Reservation, at: datetime) -> None:
    if reservation.status == Status.EXPIRED or reservation.hold_is_over(at):
        raise HoldExpired()
    if reservation.status != Status.HELD:
        raise NotPayable()


class _StaleInTheWay(Exception):
    """Holds that are over still stand in the way; nothing was written yet."""

    def __init__(self, codes: list[str]) -> None:
        self.codes = codes
        super().__init__(codes)


def _hold_over_stale_ones(take: Callable[[], Reservation]) -> Reservation:
    """``take`` in one transaction, again after each time that holds in its way had to be ended first."""
    for _round in range(STALE_ROUNDS):
        try:
            with db.write():
                return take()
        except _StaleInTheWay as found:
            end_stale(found.codes)
    raise MovedOn()


def _hold(guest: User, room_id: int, stay: Stay, guests: int, quote_token: str | None, message: str) -> Reservation:
    db.lock(f"guest-holds:{guest.pk}")
    known = queries.booking(room_id, stay)
    with clock.frozen(known.at):
        return _hold_at(known, guest, guests, quote_token, message)


def _hold_at(known: queries.Booking, guest: User, guests: int, quote_token: str | None, message: str) -> Reservation:
    """Under the guest's lock, at the one instant at which the room was read."""
    at, stay, room_id = known.at, known.stay, known.room.id
    standing = _standing(guest, room_id, stay, at)
    if stale := [each.code for each in standing if each.hold_is_over(at)]:
        raise _StaleInTheWay(stale)
    mine = [each for each in standing if each.guest_id == guest.pk]
    repeated = _repeated(mine, room_id, stay, guests)
    if repeated is not None:
        return repeated
    if known.room.host_id == guest.pk:
        raise OwnRoom()
    quote = _agreed_quote(known, guests, quote_token)
    reservation = _draft(guest, known.room, stay, guests, quote, at, message)
    calendar.take_nights(room_id, stay, reservation=reservation.code)
    reservation.save(force_insert=True)
    publish(
        ReservationCreated(
            **told(reservation),
            expires_at=iso(reservation.hold_expires_at),
            lines=reservation.lines,
            instant=reservation.instant,
        )
    )
    return reservation


def _standing(guest: User, room_id: int, stay: Stay, at: datetime) -> list[Reservation]:
    """In one statement: the guest's open holds, and dead ones of anybody that still stand on these nights."""
    in_the_way = Q(
        room_id=room_id,
        status=Status.HELD,
        hold_expires_at__lte=at,
        check_in__lt=stay.check_out,
        check_out__gt=stay.check_in,
    )
    return list(Reservation.objects.only(*_JUDGED).filter(Q(guest=guest, status__in=OPEN) | in_the_way))


def _repeated(mine: list[Reservation], room_id: int, stay: Stay, guests: int) -> Reservation | None:
    """The open hold that this request repeats; raises when the guest may not open another."""
    for each in mine:
        if each.room_id == room_id:
            if each.stay == stay and each.guests == guests and each.status == Status.HELD:
                return Reservation.objects.get(pk=each.pk)
            if each.stay.overlaps(stay):
                raise calendar.NightsTaken(nights=[])
            raise HoldExists(held=each.code)
    if len(mine) >= settings.BINBANG["MAX_OPEN_HOLDS"]:
        raise TooManyHolds(held=[each.code for each in mine])
    return None


def _agreed_quote(known: queries.Booking, guests: int, token: str | None) -> queries.Quote:
    """Today's quote, which must cost what the token says on the same terms.

    A token past its time is answered with the new quote.
    """
    fresh = known.quote(guests)
    if fresh.total.is_zero:
        raise NothingToPay()
    if token:
        try:
            shown = queries.quote_from_token(token)
        except queries.QuoteExpired as over:
            raise _changed(over.quote, fresh) from over
        if (shown.room_id, shown.check_in, shown.check_out, shown.guests) != (
            known.room.id,
            known.stay.check_in,
            known.stay.check_out,
            guests,
        ):
            raise Invalid({"quote": [_("This quote is for another room, other dates or another party")]})
        if _offer(shown) != _offer(fresh):
            raise _changed(shown, fresh)
    return fresh


def _offer(quote: queries.Quote) -> tuple[Any, ...]:
    """What a guest agrees to: the sum, the terms, and whether the booking stands at once or the host is asked."""
    return quote.total, quote.cancellation_policy, quote.instant_book


def _changed(shown: queries.Quote, fresh: queries.Quote) -> QuoteChanged:
    """What the guest has to look at before anything is held."""
    other_terms = shown.cancellation_policy != fresh.cancellation_policy
    return QuoteChanged(
        _("The host has changed the cancellation terms; please look at them") if other_terms else None,
        quote=quote_json(fresh),
        cancellation_changed=other_terms,
    )


def _draft(
    guest: User,
    room: queries.BookedRoom,
    stay: Stay,
    guests: int,
    quote: queries.Quote,
    at: datetime,
    message: str,
) -> Reservation:
    return Reservation(
        code=new_code("BB", 8),
        guest=guest,
        host_id=room.host_id,
        guests=guests,
        message=message[:2000],
        created_at=at,
        hold_expires_at=at + timedelta(minutes=settings.BINBANG["HOLD_MINUTES"]),
        changed_at=at,
        changed_by="guest",
        changed_by_id=guest.pk,
        changed_under=correlation.current()[:64],
        **_snapshot(room, stay),
        **_terms(quote),
    )


def _snapshot(room: queries.BookedRoom, stay: Stay) -> dict[str, Any]:
    """The room as it is today: what the guest saw when they booked."""
    return {
        "room_id": room.id,
        "room_code": room.code,
        "room_slug": room.slug,
        "room_title_i18n": room.title_i18n,
        "room_cover": room.cover,
        "house_rules_i18n": room.house_rules_i18n,
        "time_zone": room.time_zone,
        "check_in": stay.check_in,
        "check_out": stay.check_out,
        "check_in_at": clock.at_local(stay.check_in, room.check_in_from, room.time_zone),
        "check_out_at": clock.at_local(stay.check_out, room.check_out_until, room.time_zone),
        "instant": room.instant,
    }


def _terms(quote: queries.Quote) -> dict[str, Any]:
    """The agreed price and policy, frozen from here on."""
    return {
        "lines": [line.as_json() for line in quote.lines],
        "total_minor": quote.total.amount_minor,
        "host_payout_minor": quote.host_payout.amount_minor,
        "currency": quote.currency,
        "cancellation_policy": quote.cancellation_policy,
        "quoted_until": quote.expires_at,
    }

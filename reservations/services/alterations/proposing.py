"""Proposing other dates or guests: the price is frozen, and the nights of both stays are kept until it is decided."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from airbnb import clock, db
from airbnb.accounts.models import User
from airbnb.codes import new_code
from airbnb.errors import Invalid, NotFound
from airbnb.events.bus import publish
from airbnb.money import Money
from airbnb.stays import Stay
from reservations.events import AlterationProposed
from reservations.instants import iso
from reservations.models import Alteration, AlterationStatus, Reservation
from reservations.services.alterations import applying
from reservations.services.alterations.common import close_if_over, hours, party
from reservations.services.expiry import end_stale, stale_on
from reservations.services.records import locked, told
from reservations.services.refusals import AlterationInTheWay, NotAlterable, NothingToPay, PriceMoved
from rooms import calendar, queries


@dataclass(frozen=True, slots=True)
class AlterationPreview:
    """What a change would cost: ``quote`` has the new bill, ``difference`` is new less old. Nothing is kept yet."""

    reservation: str
    by: str
    old_stay: Stay
    old_guests: int
    old_lines: list[dict[str, Any]]
    old_total: Money
    quote: queries.AlteredQuote
    difference: Money
    expires_at: datetime


def preview_alteration(
    *, code: str, actor: User, check_in: date | None, check_out: date | None, guests: int | None
) -> AlterationPreview:
    """The new bill and the difference, line by line; what is not given stays as it is. Writes nothing.

    Raises StayRefused with every reason, NotAlterable, NothingToPay, Invalid when nothing changes, NotFound.
    """
    reservation = Reservation.objects.filter(code=code).first()
    if reservation is None:
        raise NotFound()
    by = party(reservation, actor)
    return _worked_out(reservation, by, _wanted(reservation, check_in, check_out), guests, clock.now())


def propose_alteration(
    *,
    code: str,
    actor: User,
    check_in: date | None = None,
    check_out: date | None = None,
    guests: int | None = None,
    message: str = "",
    difference_minor: int | None = None,
) -> Alteration:
    """Propose other dates or guests: the price is frozen, and nights that the stay has not yet are taken at once.

    ``difference_minor``: what was shown; PriceMoved if it is another by now. The same proposal again returns the open
    one. Raises NightsTaken, StayRefused, AlterationInTheWay, NotAlterable, NothingToPay, Invalid, NotFound.
    """
    reservation = Reservation.objects.filter(code=code).first()
    if reservation is None:
        raise NotFound()
    asked = (code, actor, check_in, check_out, guests, message, difference_minor)
    stay = _wanted(reservation, check_in, check_out)
    return applying.over_stale_alterations(
        reservation.room_id, stay, lambda: _over_stale_holds(reservation.room_id, stay, lambda: _propose(*asked))
    )


def _propose(
    code: str,
    actor: User,
    check_in: date | None,
    check_out: date | None,
    guests: int | None,
    message: str,
    difference_minor: int | None,
) -> Alteration:
    with db.write():
        reservation = locked(code)
        by, at = party(reservation, actor), clock.now()
        stay = _wanted(reservation, check_in, check_out)
        repeated = _standing_in_the_way(reservation, by, stay, guests or reservation.guests, at)
        if repeated is not None:
            return repeated
        shown = _worked_out(reservation, by, stay, guests, at, taking=True)
        if difference_minor is not None and difference_minor != shown.difference.amount_minor:
            raise PriceMoved(difference=shown.difference.as_json(), total=shown.quote.total.as_json())
        alteration = _draft(reservation, shown, message, at)
        calendar.take_more_nights(reservation.room_id, alteration.added, holder=alteration.code)
        alteration.save(force_insert=True)
        publish(
            AlterationProposed(
                **told(reservation),
                **applying.facts(alteration),
                expires_at=iso(alteration.expires_at),
                message=alteration.message,
            )
        )
    return alteration


def _over_stale_holds(room_id: int, stay: Stay, take: Callable[[], Alteration]) -> Alteration:
    """``take``; when others have the nights, once more after holds on them that are over were ended."""
    try:
        return take()
    except calendar.NightsTaken:
        codes = stale_on(room_id, stay)
        if not codes:
            raise
        end_stale(codes)
    return take()


def _standing_in_the_way(reservation: Reservation, by: str, stay: Stay, guests: int, at: datetime) -> Alteration | None:
    """The open proposal that this one repeats; one whose time is over is ended here. Raises AlterationInTheWay."""
    standing = applying.open_alteration(reservation)
    if standing is None or close_if_over(reservation, standing, at):
        return None
    same = (standing.proposed_by, standing.stay, standing.guests) == (by, stay, guests)
    if same and standing.status == AlterationStatus.PROPOSED:
        return standing
    raise AlterationInTheWay(alteration=standing.code)


def _worked_out(
    reservation: Reservation, by: str, stay: Stay, guests: int | None, at: datetime, *, taking: bool = False
) -> AlterationPreview:
    begun = at >= reservation.check_in_at
    if reservation.status not in applying.STANDING or at >= reservation.check_out_at:
        raise NotAlterable()
    people = guests or reservation.guests
    if (stay, people) == (reservation.stay, reservation.guests):
        raise Invalid({"check_in": [_("Choose other dates or another number of guests")]})
    holders = tuple(reservation.alterations.open().values_list("code", flat=True))
    booked = queries.Booked(
        room_id=reservation.room_id,
        stay=reservation.stay,
        guests=reservation.guests,
        lines=reservation.lines,
        currency=reservation.currency,
        booked_on=clock.today_in(reservation.time_zone, reservation.created_at),
        holders=(reservation.code, *holders),
        begun=begun,
    )
    quote = queries.altered_quote(booked, stay, people, by_host=by == "host", taking=taking)
    if quote.total.amount_minor <= 0:
        raise NothingToPay()
    expires_at = min(at + hours("ALTERATION_HOURS"), _bound(reservation, quote))
    if expires_at <= at:
        raise NotAlterable()
    return AlterationPreview(
        reservation=reservation.code,
        by=by,
        old_stay=reservation.stay,
        old_guests=reservation.guests,
        old_lines=reservation.lines,
        old_total=reservation.total,
        quote=quote,
        difference=quote.total - reservation.total,
        expires_at=expires_at,
    )


def _bound(reservation: Reservation, quote: queries.AlteredQuote) -> datetime:
    return applying.bound_of((reservation.check_in_at, reservation.check_out_at), _instants(reservation, quote))


def _instants(reservation: Reservation, quote: queries.AlteredQuote) -> tuple[datetime, datetime]:
    """Check-in and check-out of the new stay: a day that stays keeps its agreed time, a new one has the room's."""
    stay, zone = quote.stay, reservation.time_zone
    kept_in, kept_out = stay.check_in == reservation.check_in, stay.check_out == reservation.check_out
    return (
        reservation.check_in_at if kept_in else clock.at_local(stay.check_in, quote.check_in_from, zone),
        reservation.check_out_at if kept_out else clock.at_local(stay.check_out, quote.check_out_until, zone),
    )


def _draft(reservation: Reservation, shown: AlterationPreview, message: str, at: datetime) -> Alteration:
    quote = shown.quote
    check_in_at, check_out_at = _instants(reservation, quote)
    return Alteration(
        code=new_code("AL", 8),
        reservation=reservation,
        proposed_by=shown.by,
        message=message.replace("\0", "").strip()[:500],
        old_check_in=reservation.check_in,
        old_check_out=reservation.check_out,
        old_guests=reservation.guests,
        old_lines=reservation.lines,
        old_total_minor=reservation.total_minor,
        old_host_payout_minor=reservation.host_payout_minor,
        check_in=quote.stay.check_in,
        check_out=quote.stay.check_out,
        check_in_at=check_in_at,
        check_out_at=check_out_at,
        guests=quote.guests,
        lines=[line.as_json() for line in quote.lines],
        total_minor=quote.total.amount_minor,
        host_payout_minor=quote.host_payout.amount_minor,
        difference_minor=shown.difference.amount_minor,
        discount_lost=quote.discount_lost,
        currency=reservation.currency,
        created_at=at,
        expires_at=shown.expires_at,
    )


def _wanted(reservation: Reservation, check_in: date | None, check_out: date | None) -> Stay:
    return Stay(check_in or reservation.check_in, check_out or reservation.check_out)

"""A room with its rules and rates for some dates: read once, used by quote, calendar and alternatives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import models

from airbnb import clock
from airbnb.errors import NotFound
from airbnb.stays import Stay
from rooms.models import DayRule, Room
from rooms.pricing import Rates
from rooms.stay_rules import ASKED_AHEAD, Rules


@dataclass(frozen=True, slots=True)
class Terms:
    """What a stay in this room is judged and priced by; ``today`` is the date in the room's zone at ``now``."""

    room: Room
    rules: Rules
    rates: Rates
    today: date
    now: datetime


def with_index() -> models.QuerySet[Room]:
    """Rooms with as much of their index as the terms of a stay ask for."""
    return Room.objects.select_related("index").defer("index__calendar", "index__words", "description_i18n")


def terms(room_id: int, first: date, last: date, *, today: date | None = None) -> Terms:
    """The terms for days from ``first`` up to and without ``last``; raises NotFound.

    Two statements for a room without day rules and discounts (the clock's and the room's), up to two more with.
    """
    room = with_index().filter(pk=room_id).first()
    if room is None:
        raise NotFound()
    return terms_of(room, first, last, now=clock.now(), today=today)


def terms_of(room: Room, first: date, last: date, *, now: datetime, today: date | None = None) -> Terms:
    """The same for a room that was read with its index."""
    rules = _day_rules(room, first, last) if room.index.has_day_rules else []
    least = {each.day: each.min_nights for each in rules if each.min_nights is not None}
    known_today = today or clock.today_in(room.time_zone, now)
    return Terms(room, room.rules(least, asks_from=first_asked(room, now)), _rates(room, rules), known_today, now)


def first_asked(room: Room, now: datetime) -> date | None:
    """The first arrival whose host has time to answer a request made now; None where bookings stand at once."""
    if room.instant_book:
        return None
    least = now + ASKED_AHEAD
    day = clock.today_in(room.time_zone, least)
    soon_enough = clock.at_local(day, room.check_in_from, room.time_zone) >= least
    return day if soon_enough else day + timedelta(days=1)


def stay_terms(room_id: int, stay: Stay, *, today: date | None = None) -> Terms:
    """The terms for the nights of a stay."""
    return terms(room_id, stay.check_in, stay.check_out, today=today)


def _day_rules(room: Room, first: date, last: date) -> list[DayRule]:
    # Seasons first, so that a rule for the date itself overwrites them in the dictionaries.
    return list(room.day_rules.between(first, last).order_by("-kind"))


def _rates(room: Room, rules: list[DayRule]) -> Rates:
    priced = [each for each in rules if each.price_minor is not None]
    return Rates(
        currency=room.currency,
        base_minor=room.base_price_minor,
        weekend_minor=room.weekend_price_minor,
        cleaning_minor=room.cleaning_fee_minor,
        extra_guest_minor=room.extra_guest_fee_minor,
        included_guests=room.included_guests,
        date_prices={each.day: each.price_minor or 0 for each in priced if each.kind == DayRule.Kind.DATE},
        season_prices={each.day: each.price_minor or 0 for each in priced if each.kind == DayRule.Kind.SEASON},
        discounts=tuple(each.rule() for each in room.discounts.all()) if room.index.has_discounts else (),
    )

"""Quotes: may this stay be booked, what does it cost, and what else is there when it may not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.conf import settings

from airbnb import clock
from airbnb.errors import NotFound
from airbnb.money import Money, total
from airbnb.stays import Stay
from rooms import quotes
from rooms.models import Night, Room
from rooms.pricing import host_payout, price_stay
from rooms.queries.search import SearchFilters, best_of
from rooms.queries.terms import Terms, stay_terms, terms_of, with_index
from rooms.quotes import Quote, StayRefused
from rooms.stay_rules import Reason, refusals
from rooms.texts import Texts, both

# How far other dates of the same room are looked for, either way.
_NEAR_DAYS = 14
# Outside these nothing is ever bookable, and arithmetic on dates would end.
_FIRST_YEAR, _LAST_YEAR = 2000, 2100


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another stay that can be booked now, with its total."""

    room_id: int
    room_code: str
    slug: str
    title_i18n: Texts
    cover: dict[str, str]
    check_in: date
    check_out: date
    total: Money


def free(room_id: int, stay: Stay) -> bool:
    """Whether no night of the stay is taken; says nothing of the other rules."""
    return not Night.objects.of(room_id, stay).exists()


def quote(room_id: int, stay: Stay, guests: int, *, today: date | None = None) -> Quote:
    """The price of a stay that can be booked; raises :class:`StayRefused` with every reason, or NotFound.

    ``today`` (default: now in the room's zone) decides notice, window and time-bound discounts.
    """
    known = stay_terms(room_id, stay, today=today)
    broken = refusals(known.rules, stay, guests, today=known.today, taken=not free(room_id, stay))
    if broken:
        raise StayRefused(broken)
    return price(known, stay, guests)


def why_not(room_id: int, stay: Stay, guests: int, *, today: date | None = None) -> list[Reason]:
    """The reasons against a stay, or none."""
    known = stay_terms(room_id, stay, today=today)
    return refusals(known.rules, stay, guests, today=known.today, taken=not free(room_id, stay))


def quote_from_token(token: str) -> Quote:
    """The quote that was signed; raises QuoteInvalid or QuoteExpired. Whether it still holds is for the caller."""
    return quotes.read(token)


def price(known: Terms, stay: Stay, guests: int) -> Quote:
    """The signed quote of a stay by known terms, whether or not it may be booked."""
    house = settings.BINBANG
    room = known.room
    lines = price_stay(known.rates, stay, guests, today=known.today, guest_fee_bp=house["GUEST_FEE_BP"])
    made = Quote(
        room_id=room.pk,
        room_code=room.code,
        check_in=stay.check_in,
        check_out=stay.check_out,
        guests=guests,
        currency=room.currency,
        lines=lines,
        total=total([line.amount for line in lines], room.currency),
        host_payout=host_payout(lines, house["HOST_FEE_BP"]),
        token="",
        expires_at=known.now + timedelta(minutes=house["QUOTE_MINUTES"]),
        cancellation_policy=room.cancellation_policy,
        room_version=room.version,
        instant_book=room.instant_book,
    )
    return replace(made, token=quotes.sign(made))


def alternatives(room_id: int, stay: Stay, guests: int, limit: int = 3) -> list[Alternative]:
    """Stays that can be booked instead: the same room on near dates, then other rooms of the city on these dates.

    At least one of each kind where there is one, nearest dates and best rooms first.
    """
    room = with_index().prefetch_related("photos").filter(pk=room_id).first()
    if room is None:
        raise NotFound()
    others = _other_rooms(room, stay, guests, limit)
    dates = _other_dates(room, stay, guests, limit)
    kept = max(1, limit - min(len(others), limit // 2))
    return (dates[:kept] + others)[:limit]


def _other_dates(room: Room, stay: Stay, guests: int, limit: int) -> list[Alternative]:
    if not room.is_listed or not _FIRST_YEAR < stay.check_in.year <= stay.check_out.year < _LAST_YEAR:
        return []
    first, last = stay.check_in - timedelta(days=_NEAR_DAYS), stay.check_out + timedelta(days=_NEAR_DAYS)
    known = terms_of(room, first, last, now=clock.now())
    taken = set(Night.objects.of(room.pk, Stay(first, last)).values_list("night", flat=True))
    found = []
    for away in sorted(range(-_NEAR_DAYS, _NEAR_DAYS + 1), key=lambda days: (abs(days), -days)):
        moved = Stay(stay.check_in + timedelta(days=away), stay.check_out + timedelta(days=away))
        clash = not taken.isdisjoint(moved.nights)
        if away and not refusals(known.rules, moved, guests, today=known.today, taken=clash):
            lines = price_stay(
                known.rates, moved, guests, today=known.today, guest_fee_bp=settings.BINBANG["GUEST_FEE_BP"]
            )
            found.append(_alternative(room, moved, total([line.amount for line in lines], room.currency)))
        if len(found) == limit:
            break
    return found


def _alternative(room: Room, stay: Stay, price: Money) -> Alternative:
    return Alternative(
        room.pk, room.code, room.slug, both(room.title_i18n), room.cover, stay.check_in, stay.check_out, price
    )


def _other_rooms(room: Room, stay: Stay, guests: int, limit: int) -> list[Alternative]:
    if not guests >= 1:
        return []
    filters = SearchFilters(city=room.city, check_in=stay.check_in, check_out=stay.check_out, guests=guests)
    best = [each for each in best_of(filters, limit + 1) if each[0] != room.pk][:limit]
    named = Room.objects.only("code", "slug", "title_i18n").prefetch_related("photos")
    others = named.in_bulk([room_id for room_id, _ in best])
    return [_alternative(others[room_id], stay, total) for room_id, total in best if room_id in others]

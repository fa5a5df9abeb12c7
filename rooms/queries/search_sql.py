"""The search as SQL: the same rules and the same prices as a quote, worked out by the database over the index.

``rooms.stay_rules`` and ``rooms.pricing`` are the source; a test asks both about random rooms and dates and wants
one answer. Money is exact: a share of basis points is rounded half up in integers on both sides.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.conf import settings

from airbnb import clock
from airbnb.stays import Stay
from rooms.bigrams import search_query
from rooms.cities import city_key
from rooms.models.index import CALENDAR_DAYS
from rooms.pricing import is_weekend
from rooms.stay_rules import ASKED_AHEAD

# The date in each room's own zone.
_TODAY = "(%(now)s::timestamptz AT TIME ZONE s.time_zone)::date"

# The least nights of an arrival day: a rule for the date, then a season's, then the room's.
_LEAST = """CASE WHEN s.has_day_rules THEN coalesce((
        SELECT r.min_nights FROM rooms_dayrule r
        WHERE r.room_id = s.room_id AND r.day = %(check_in)s AND r.min_nights IS NOT NULL
        ORDER BY r.kind LIMIT 1), s.min_nights) ELSE s.min_nights END"""

# Nights at base and weekend price, then what days with a price of their own cost more or less than that.
_NIGHTS = """(s.base_price_minor * %(weekday_nights)s + s.weekend_price_minor * %(weekend_nights)s
    + CASE WHEN s.has_day_rules THEN coalesce((
        SELECT sum(own.price_minor - CASE WHEN extract(isodow FROM own.day) IN (5, 6)
                                          THEN s.weekend_price_minor ELSE s.base_price_minor END)
        FROM (SELECT DISTINCT ON (r.day) r.day, r.price_minor FROM rooms_dayrule r
              WHERE r.room_id = s.room_id AND r.day >= %(check_in)s AND r.day < %(check_out)s
                AND r.price_minor IS NOT NULL ORDER BY r.day, r.kind) AS own), 0) ELSE 0 END)::bigint"""

# The best discount's share in basis points.
_SHARE = """CASE WHEN s.has_discounts THEN coalesce((
        SELECT max(d.share_bp) FROM rooms_discountrule d WHERE d.room_id = s.room_id AND CASE d.kind
            WHEN 'length_of_stay' THEN %(nights)s >= d.threshold
            WHEN 'early_bird' THEN %(check_in)s::date - {today} >= d.threshold
            ELSE %(check_in)s::date - {today} <= d.threshold END), 0) ELSE 0 END""".replace("{today}", _TODAY)

_EXTRA = """CASE WHEN s.included_guests > 0
    THEN s.extra_guest_fee_minor * greatest(0, %(guests)s - s.included_guests) * %(nights)s ELSE 0 END"""

# Nights after discount, their service fee, cleaning and extra guests, as pricing.price_stay adds them up.
_PRICED = f"""
    CROSS JOIN LATERAL (SELECT {_NIGHTS} AS gross, ({_SHARE})::bigint AS share) AS n
    CROSS JOIN LATERAL (SELECT n.gross - (n.gross * n.share + 5000) / 10000 AS net) AS d
    CROSS JOIN LATERAL (SELECT d.net + (d.net * %(fee_bp)s + 5000) / 10000
                             + s.cleaning_fee_minor + {_EXTRA} AS total) AS p
"""

_BOOKABLE = (
    f"%(check_in)s::date >= {_TODAY} + s.notice_days",
    f"%(check_out)s::date <= {_TODAY} + s.window_days",
    """(s.instant_book OR (%(check_in)s::date + s.check_in_from) AT TIME ZONE s.time_zone
        >= %(now)s::timestamptz + %(asked_ahead)s)""",
    "%(nights)s <= s.max_nights",
    f"%(nights)s >= ({_LEAST})",
    """bit_count(substring(s.calendar FROM greatest(%(check_in)s::date - s.starts_on, 0) + 1
        FOR %(nights)s)) = 0""",
    f"%(check_out)s::date <= s.starts_on + {CALENDAR_DAYS}",
)

_SORTS = {
    "recommended": "s.score DESC, s.room_id",
    "price": "p.total, s.room_id",
    "price_desc": "p.total DESC, s.room_id",
    "rating": "CASE WHEN s.review_count = 0 THEN 0 ELSE s.rating_sum::float / s.review_count END DESC, "
    "s.review_count DESC, s.room_id",
    "newest": "s.room_id DESC",
}
SORTS = tuple(_SORTS)


@dataclass(frozen=True, kw_only=True)
class SearchFilters:
    """What is looked for. Prices are won and bound the total that is shown: of the stay, or of one night.

    ``bbox`` is west, south, east, north in degrees, and looks at places rounded as strangers see them.
    """

    q: str = ""
    city: str = ""
    bbox: tuple[float, float, float, float] | None = None
    check_in: date | None = None
    check_out: date | None = None
    guests: int = 1
    price_min: int | None = None
    price_max: int | None = None
    kind: tuple[str, ...] = ()
    amenities: tuple[str, ...] = field(default=())
    instant: bool = False
    sort: str = "recommended"

    @property
    def stay(self) -> Stay | None:
        """The dates, when both are given; raises InvalidStay."""
        return Stay(self.check_in, self.check_out) if self.check_in and self.check_out else None


@dataclass(frozen=True)
class Statement:
    """A FROM … WHERE of matching rooms with its values, and the order it is read in."""

    body: str
    order: str
    values: dict[str, Any]


def statement(filters: SearchFilters) -> Statement:
    """The rooms that match: listed, and with dates only those that a quote would accept."""
    values = _values(filters)
    plain = ["s.listed", "%(guests)s BETWEEN 1 AND s.capacity", *_where(filters, values)]
    worked_out = [*(_BOOKABLE if filters.stay else ()), *_priced_within(filters, values)]
    if worked_out:
        # The planner guesses wildly low for each of these and would sort everything. Behind one CASE it takes half
        # of the rooms to pass, walks the ordered index and stops at the page's end.
        plain.append(f"CASE WHEN {' AND '.join(worked_out)} THEN true ELSE false END")
    body = f"FROM rooms_searchindex AS s {_PRICED} WHERE " + " AND ".join(plain)
    return Statement(body, _SORTS.get(filters.sort, _SORTS["recommended"]), values)


def _priced_within(filters: SearchFilters, values: dict[str, Any]) -> list[str]:
    """The bounds on the total; only rooms priced in won can be compared with them."""
    bounds = {"price_min": (">=", filters.price_min), "price_max": ("<=", filters.price_max)}
    chosen = {name: bound for name, bound in bounds.items() if bound[1] is not None}
    values.update({name: value for name, (_sign, value) in chosen.items()})
    return [f"s.currency = 'KRW' AND p.total {sign} %({name})s" for name, (sign, _value) in chosen.items()]


def _values(filters: SearchFilters) -> dict[str, Any]:
    # Without dates the price shown is one ordinary night with its fees; any weekday stands for it.
    stay = filters.stay or Stay(_MONDAY, _MONDAY + timedelta(days=1))
    weekend = sum(is_weekend(night) for night in stay.nights)
    return {
        "now": clock.now(),
        "asked_ahead": ASKED_AHEAD,
        "check_in": stay.check_in,
        "check_out": stay.check_out,
        "nights": stay.length,
        "weekend_nights": weekend,
        "weekday_nights": stay.length - weekend,
        "guests": filters.guests,
        "fee_bp": settings.BINBANG["GUEST_FEE_BP"],
    }


# A Monday before any rule or discount can apply to it.
_MONDAY = date(1990, 1, 1)


def _where(filters: SearchFilters, values: dict[str, Any]) -> list[str]:
    """The conditions a reader chose; fills in their values."""
    chosen: list[tuple[str, str, Any]] = []
    if filters.city:
        chosen.append(("s.city = %(city)s", "city", city_key(filters.city)))
    if filters.q and (words := search_query(filters.q)):
        chosen.append(("s.words @@ %(words)s::tsquery", "words", words))
    if filters.kind:
        chosen.append(("s.kind = ANY(%(kinds)s)", "kinds", list(filters.kind)))
    if filters.amenities:
        chosen.append(("s.amenities @> %(amenities)s::varchar[]", "amenities", list(filters.amenities)))
    if filters.instant:
        chosen.append(("s.instant_book = %(instant)s", "instant", True))
    values.update({name: value for _condition, name, value in chosen})
    return [condition for condition, _name, _value in chosen] + _box(filters, values)


def _box(filters: SearchFilters, values: dict[str, Any]) -> list[str]:
    if filters.bbox is None:
        return []
    values.update(zip(("west", "south", "east", "north"), filters.bbox, strict=True))
    # A box over the date line has its west east of its east.
    sides = "BETWEEN %(west)s AND %(east)s"
    if values["west"] > values["east"]:
        return ["s.lat BETWEEN %(south)s AND %(north)s", "(s.lng >= %(west)s OR s.lng <= %(east)s)"]
    return ["s.lat BETWEEN %(south)s AND %(north)s", f"s.lng {sides}"]

"""Search: rooms that can be booked, with the total for the dates, and what to change when nothing is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from airbnb.money import Money
from rooms import cities, policies
from rooms.amenities import AMENITIES
from rooms.kinds import KINDS
from rooms.models import Room
from rooms.queries.search_sql import SORTS, SearchFilters, Statement, statement
from rooms.texts import Texts, both

__all__ = ["SORTS", "Card", "Facets", "Relaxation", "SearchFilters", "SearchPage", "relaxations", "search"]

COUNT_CAP = 200
# Facets are counted over at most this many matching rooms.
_FACET_CAP = 2000


@dataclass(frozen=True, slots=True)
class Card:
    """A room as search shows it. ``total`` is for the dates; ``from_total`` one night with fees without dates."""

    id: int
    code: str
    slug: str
    host_id: int
    title_i18n: Texts
    kind: str
    kind_i18n: Texts
    city: str
    city_i18n: Texts
    area_i18n: Texts
    lat: float | None
    lng: float | None
    capacity: int
    bedrooms: int
    beds: int
    bathrooms: int
    cover: dict[str, str]
    cover_alt_i18n: Texts
    photos: list[dict[str, str]]
    instant_book: bool
    cancellation_policy: str
    free_until: datetime | None
    review_count: int
    rating: float | None
    nights: int
    total: Money | None
    from_total: Money
    per_night: Money


@dataclass(frozen=True, slots=True)
class Facets:
    """How many of the matching rooms have each value."""

    kinds: dict[str, int] = field(default_factory=dict)
    amenities: dict[str, int] = field(default_factory=dict)
    instant: int = 0


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of results; ``count`` stops at 200, then ``count_text`` is "200+"."""

    cards: list[Card]
    count: int
    capped: bool
    page: int
    page_size: int
    has_next: bool
    facets: Facets
    filters: SearchFilters

    @property
    def count_text(self) -> str:
        """The count for people."""
        return f"{COUNT_CAP}+" if self.capped else str(self.count)

    @property
    def pages(self) -> int:
        """How many pages the counted results fill; at least one."""
        return max(1, -(-self.count // self.page_size))


@dataclass(frozen=True, slots=True)
class Relaxation:
    """One single change of the filters that finds rooms: which, how many, and from what total."""

    change: str
    filters: SearchFilters
    count: int
    capped: bool
    cheapest: Money | None

    @property
    def count_text(self) -> str:
        """The count for people."""
        return f"{COUNT_CAP}+" if self.capped else str(self.count)


def search(filters: SearchFilters, page: int = 1, page_size: int = 20, *, facets: bool = True) -> SearchPage:
    """Rooms that match, best first, in at most five statements; with dates only those that can be booked.

    Raises InvalidStay for a check-out that is not after the check-in.
    """
    query = statement(filters)
    hits = _hits(query, page_size + 1, (page - 1) * page_size)
    count = _count(query) if len(hits) > page_size or page > 1 else len(hits)
    return SearchPage(
        cards=_cards(hits[:page_size], filters),
        count=min(count, COUNT_CAP),
        capped=count > COUNT_CAP,
        page=page,
        page_size=page_size,
        has_next=len(hits) > page_size,
        facets=_facets(query) if facets else Facets(),
        filters=filters,
    )


def best_of(filters: SearchFilters, limit: int) -> list[tuple[int, Money]]:
    """The first rooms of a search with their totals, in one statement: for who needs neither cards nor a count."""
    return [(room_id, Money(price, currency)) for room_id, price, currency, *_ in _hits(statement(filters), limit, 0)]


def relaxations(filters: SearchFilters, limit: int = 4) -> list[Relaxation]:
    """Single changes of a search that found nothing, each with its real count; only those that find something."""
    found = []
    for change, relaxed in _changes(filters):
        query = statement(relaxed)
        count = _count(query)
        if count:
            cheapest = _hits(replace_order(query, "p.total"), 1, 0)
            price = Money(cheapest[0][1], cheapest[0][2]) if cheapest else None
            found.append(Relaxation(change, relaxed, min(count, COUNT_CAP), count > COUNT_CAP, price))
        if len(found) == limit:
            break
    return found


def replace_order(query: Statement, order: str) -> Statement:
    """The same rooms in another order."""
    return replace(query, order=order)


def _changes(filters: SearchFilters) -> list[tuple[str, SearchFilters]]:
    stay = filters.stay
    changes: list[tuple[str, SearchFilters]] = []
    if stay:
        for name, days in (("a_day_later", 1), ("a_day_earlier", -1), ("a_week_later", 7)):
            by = timedelta(days=days)
            changes.append((name, replace(filters, check_in=stay.check_in + by, check_out=stay.check_out + by)))
    tests: list[tuple[str, bool, Callable[[], SearchFilters]]] = [
        (
            "any_price",
            bool(filters.price_min or filters.price_max),
            lambda: replace(filters, price_min=None, price_max=None),
        ),
        ("any_amenities", bool(filters.amenities), lambda: replace(filters, amenities=())),
        ("any_kind", bool(filters.kind), lambda: replace(filters, kind=())),
        ("on_request_too", filters.instant, lambda: replace(filters, instant=False)),
        ("any_words", bool(filters.q), lambda: replace(filters, q="")),
        ("fewer_guests", filters.guests > 2, lambda: replace(filters, guests=(filters.guests + 1) // 2)),
        ("whole_map", filters.bbox is not None, lambda: replace(filters, bbox=None)),
    ]
    changes += [(name, relax()) for name, possible, relax in tests if possible]
    known = cities.CITIES.get(cities.city_key(filters.city))
    changes += [(f"near:{code}", replace(filters, city=code)) for code in (known.near if known else ())]
    if stay:
        changes.append(("any_dates", replace(filters, check_in=None, check_out=None)))
    return changes


def _hits(query: Statement, limit: int, offset: int) -> list[tuple[int, int, str, int, int]]:
    """``(room_id, total, currency, review_count, rating_sum)`` of one page."""
    sql = f"""SELECT s.room_id, p.total::bigint, s.currency, s.review_count, s.rating_sum {query.body}
        ORDER BY {query.order} LIMIT %(limit)s OFFSET %(offset)s"""
    with connection.cursor() as cursor:
        cursor.execute(sql, {**query.values, "limit": limit, "offset": offset})
        return list(cursor.fetchall())


def _count(query: Statement) -> int:
    """How many match, counted to one past the cap."""
    sql = f"SELECT count(*) FROM (SELECT 1 {query.body} LIMIT %(cap)s) AS found"  # noqa: S608 - fixed text, values are parameters
    with connection.cursor() as cursor:
        cursor.execute(sql, {**query.values, "cap": COUNT_CAP + 1})
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _facets(query: Statement) -> Facets:
    sql = f"""WITH found AS (SELECT s.kind, s.amenities, s.instant_book {query.body} LIMIT %(cap)s)
        SELECT 'kind', kind, count(*) FROM found GROUP BY kind
        UNION ALL SELECT 'amenity', code, count(*) FROM found, unnest(amenities) AS code GROUP BY code
        UNION ALL SELECT 'instant', '', count(*) FROM found WHERE instant_book"""  # noqa: S608 - fixed text, values are parameters
    with connection.cursor() as cursor:
        cursor.execute(sql, {**query.values, "cap": _FACET_CAP})
        rows = cursor.fetchall()
    counts = {(what, value): int(number) for what, value, number in rows}
    return Facets(
        kinds={kind: counts.get(("kind", kind), 0) for kind in KINDS},
        amenities={code: counts[("amenity", code)] for code in AMENITIES if ("amenity", code) in counts},
        instant=counts.get(("instant", ""), 0),
    )


def _cards(hits: list[tuple[int, int, str, int, int]], filters: SearchFilters) -> list[Card]:
    rooms = {room.pk: room for room in Room.objects.filter(pk__in=[hit[0] for hit in hits]).prefetch_related("photos")}
    return [_card(rooms[hit[0]], hit, filters) for hit in hits if hit[0] in rooms]


def _card(room: Room, hit: tuple[int, int, str, int, int], filters: SearchFilters) -> Card:
    _id, price, currency, review_count, rating_sum = hit
    stay, total = filters.stay, Money(price, currency)
    nights = stay.length if stay else 1
    ready = [photo for photo in room.photos.all() if photo.state == "ready"]
    return Card(
        title_i18n=both(room.title_i18n),
        kind_i18n=KINDS[room.kind],
        city_i18n=cities.city_name(room.city, room.city_given),
        area_i18n=cities.area_name(room.city, room.area),
        cover=ready[0].addresses if ready else {},
        cover_alt_i18n=both(ready[0].alt_i18n or room.title_i18n) if ready else both({}),
        photos=[photo.addresses for photo in ready[:5]],
        free_until=_free_until(room, stay.check_in) if stay else None,
        review_count=review_count,
        rating=round(rating_sum / review_count, 2) if review_count else None,
        nights=nights,
        total=total if stay else None,
        from_total=total,
        per_night=Money(round(price / nights), currency),
        **_plain(room),
    )


def _plain(room: Room) -> dict[str, Any]:
    names = (
        "code",
        "slug",
        "host_id",
        "kind",
        "city",
        "lat",
        "lng",
        "capacity",
        "bedrooms",
        "beds",
        "bathrooms",
        "instant_book",
        "cancellation_policy",
    )
    return {"id": room.pk, **{name: getattr(room, name) for name in names}}


def _free_until(room: Room, check_in: date) -> datetime | None:
    return policies.full_refund_until(
        room.cancellation_policy, check_in, room.check_in_from.strftime("%H:%M"), room.time_zone
    )

"""The first page: cities with rooms, and rooms that are still free this weekend."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db.models import Count

from airbnb.clock import today_in
from rooms import cities
from rooms.models import Photo, SearchIndex
from rooms.queries.search import Card, SearchFilters, search
from rooms.texts import Texts


@dataclass(frozen=True, slots=True)
class CityChoice:
    """A city with how many rooms are listed there and a picture of the best one."""

    code: str
    name_i18n: Texts
    rooms: int
    cover: dict[str, str]


@dataclass(frozen=True, slots=True)
class HomePage:
    """What the first page offers. ``cards`` are free from ``check_in`` to ``check_out``, or anything if none is."""

    cities: list[CityChoice]
    cards: list[Card]
    check_in: date | None
    check_out: date | None
    guests: int


def home_page(limit: int = 8) -> HomePage:
    """Cities by number of rooms, and this weekend's free rooms for two, best first; in at most eight statements."""
    friday = next_friday(today_in("Asia/Seoul"))
    weekend = SearchFilters(check_in=friday, check_out=friday + timedelta(days=2), guests=2)
    found = search(weekend, page_size=limit, facets=False)
    if not found.cards:
        found = search(replace(weekend, check_in=None, check_out=None), page_size=limit, facets=False)
    asked = found.filters
    return HomePage(city_choices(), found.cards, asked.check_in, asked.check_out, asked.guests)


def next_friday(today: date) -> date:
    """The Friday of this weekend if it is still ahead, else the next one."""
    return today + timedelta(days=(4 - today.weekday() - 1) % 7 + 1)


def city_choices(limit: int = 8) -> list[CityChoice]:
    """Known cities with listed rooms, most rooms first."""
    counted = SearchIndex.objects.filter(listed=True, city__in=list(cities.CITIES)).values("city")
    rows = list(counted.annotate(rooms=Count("pk")).order_by("-rooms", "city")[:limit])
    covers = _covers([row["city"] for row in rows])
    return [
        CityChoice(row["city"], cities.CITIES[row["city"]].name_i18n, row["rooms"], covers.get(row["city"], {}))
        for row in rows
    ]


def _covers(codes: list[str]) -> dict[str, dict[str, str]]:
    """The cover of each city's best room that has one."""
    best = (
        Photo.objects.filter(state=Photo.State.READY, room__index__listed=True, room__city__in=codes)
        .order_by("room__city", "-room__index__score", "room_id", "position")
        .distinct("room__city")
        .select_related("room")
    )
    return {photo.room.city: photo.addresses for photo in best}

"""What a reader asked for, as an address: dates and guests travel in the URL through every page."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from rooms.queries.search import SearchFilters

Params = list[tuple[str, str]]


def search_params(filters: SearchFilters) -> Params:
    """Only what differs from asking for nothing, in a fixed order, so that one search has one address."""
    params: Params = [(name, getattr(filters, name)) for name in ("q", "city") if getattr(filters, name)]
    params += stay_params(filters.check_in, filters.check_out, filters.guests)
    params += [(name, str(getattr(filters, name))) for name in ("price_min", "price_max") if _given(filters, name)]
    params += [("kind", each) for each in filters.kind] + [("amenities", each) for each in filters.amenities]
    params += [("instant", "on")] if filters.instant else []
    return params + ([("sort", filters.sort)] if filters.sort != "recommended" else [])


def _given(filters: SearchFilters, name: str) -> bool:
    return getattr(filters, name) is not None


def stay_params(check_in: date | None, check_out: date | None, guests: int = 1) -> Params:
    """Dates and guests."""
    params = [("check_in", check_in.isoformat())] if check_in else []
    params += [("check_out", check_out.isoformat())] if check_out else []
    return params + ([("guests", str(guests))] if guests > 1 else [])


def search_url(filters: SearchFilters, **more: Any) -> str:
    """The results for these filters."""
    return _with(reverse("rooms:search"), search_params(filters) + [(name, str(value)) for name, value in more.items()])


def room_url(slug: str, check_in: date | None = None, check_out: date | None = None, guests: int = 1) -> str:
    """The page of a room with dates and guests chosen."""
    return _with(reverse("rooms:room", args=[slug]), stay_params(check_in, check_out, guests))


def month_url(slug: str, month: date, check_in: date | None, check_out: date | None, guests: int) -> str:
    """The calendar from another month on, the choice kept."""
    params = [("month", month.strftime("%Y-%m")), *stay_params(check_in, check_out, guests)]
    return _with(reverse("rooms:month", args=[slug]), params)


def _with(path: str, params: Params) -> str:
    return f"{path}?{urlencode(params)}" if params else path

"""Applied filters that can be taken off one by one, and what to change when nothing was found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from airbnb.money import Money
from airbnb.templatetags.dates import stay_range
from airbnb.templatetags.money import money
from rooms import cities
from rooms.amenities import AMENITIES
from rooms.asking import search_url
from rooms.kinds import KINDS
from rooms.queries.search import Facets, Relaxation, SearchFilters
from rooms.texts import in_language


@dataclass(frozen=True, slots=True)
class Chip:
    """An applied filter in words, and the address of the same search without it."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A value one may choose; ``count`` is None where it is not known."""

    name: str
    value: str
    label: str
    chosen: bool
    count: int | None


@dataclass(frozen=True, slots=True)
class Change:
    """One change that finds rooms: in words, what it means, where it leads and how many there are."""

    label: str
    detail: str
    url: str
    count: int
    count_text: str


def chips_of(filters: SearchFilters) -> list[Chip]:
    """Every applied filter, dates and guests left out: those have fields of their own."""
    return [Chip(label, search_url(without)) for label, without in _applied(filters)]


def _applied(filters: SearchFilters) -> Iterator[tuple[str, SearchFilters]]:
    for kind in filters.kind:
        yield in_language(KINDS[kind]), replace(filters, kind=_less(filters.kind, kind))
    for code in filters.amenities:
        yield in_language(AMENITIES[code].name_i18n), replace(filters, amenities=_less(filters.amenities, code))
    if filters.price_min is not None:
        yield _("%(sum)s or more") % {"sum": money(Money(filters.price_min))}, replace(filters, price_min=None)
    if filters.price_max is not None:
        yield _("%(sum)s or less") % {"sum": money(Money(filters.price_max))}, replace(filters, price_max=None)
    if filters.instant:
        yield _("Confirmed at once"), replace(filters, instant=False)


def _less(values: tuple[str, ...], value: str) -> tuple[str, ...]:
    return tuple(each for each in values if each != value)


def kind_choices(facets: Facets, filters: SearchFilters) -> list[Choice]:
    """Kinds with their counts; once one is chosen the others' counts would mislead (they would add rooms)."""
    return [
        Choice("kind", code, in_language(name), code in filters.kind, None if filters.kind else facets.kinds.get(code))
        for code, name in KINDS.items()
    ]


def amenity_choices(facets: Facets, filters: SearchFilters) -> list[Choice]:
    """Amenities with how many of the found rooms have each; chosen ones first to be seen are kept in their order."""
    return [
        Choice("amenities", code, in_language(each.name_i18n), code in filters.amenities, facets.amenities.get(code, 0))
        for code, each in AMENITIES.items()
        if code in filters.amenities or facets.amenities.get(code)
    ]


def place_name(filters: SearchFilters) -> str:
    """Where was looked, in the reader's words; empty for everywhere."""
    if filters.city:
        return in_language(cities.city_name(cities.city_key(filters.city), filters.city))
    return filters.q


_CHANGES: dict[str, str | Promise] = {
    "a_day_later": gettext_lazy("A day later"),
    "a_day_earlier": gettext_lazy("A day earlier"),
    "a_week_later": gettext_lazy("A week later"),
    "any_price": gettext_lazy("Any price"),
    "any_amenities": gettext_lazy("Without asking for amenities"),
    "any_kind": gettext_lazy("Any sort of place"),
    "on_request_too": gettext_lazy("Also places where the host answers first"),
    "any_words": gettext_lazy("Anywhere"),
    "whole_map": gettext_lazy("The whole map"),
    "any_dates": gettext_lazy("Without dates"),
}


def changes_of(relaxed: list[Relaxation]) -> list[Change]:
    """Each relaxation in words."""
    return [
        Change(_change_label(each), _change_detail(each), search_url(each.filters), each.count, each.count_text)
        for each in relaxed
    ]


def _change_label(relaxed: Relaxation) -> str:
    if relaxed.change == "fewer_guests":
        guests = relaxed.filters.guests
        return ngettext("For %(n)s guest", "For %(n)s guests", guests) % {"n": guests}
    if relaxed.change.startswith("near:"):
        return _("In %(place)s instead") % {"place": place_name(relaxed.filters)}
    return str(_CHANGES[relaxed.change])


_DATED = ("a_day_later", "a_day_earlier", "a_week_later")


def _change_detail(relaxed: Relaxation) -> str:
    filters = relaxed.filters
    range_of: Callable[[Any, Any], str] = stay_range
    if relaxed.change in _DATED:
        return range_of(filters.check_in, filters.check_out)
    return _("from %(sum)s") % {"sum": money(relaxed.cheapest)} if relaxed.cheapest else ""

"""Rooms as cards of ``components/card.html``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from airbnb import clock
from airbnb.templatetags.dates import moment
from airbnb.templatetags.texts import other_language
from rooms.asking import room_url
from rooms.maps import Place, map_of
from rooms.queries.search import Card, SearchFilters
from rooms.texts import in_language

EAGER = 2  # how many pictures are likely to be seen at once


def cards_of(found: Iterable[Card], filters: SearchFilters, *, level: str = "h2") -> list[dict[str, Any]]:
    """Cards that lead to the rooms with the reader's dates and guests kept."""
    at = clock.now()
    return [_card(each, filters, level, at, eager=number < EAGER) for number, each in enumerate(found)]


def on_map(found: Sequence[Card], cards: list[dict[str, Any]]) -> dict[str, Any]:
    """The ``map`` of these rooms and its ``pins``, each with its card; nothing where there is nothing to show."""
    drawn = map_of([Place(each.lat, each.lng, each.city, each.area_i18n) for each in found])
    return {"map": drawn, "pins": [(pin, cards[pin.index]) for pin in drawn.pins]} if drawn else {}


def _card(card: Card, filters: SearchFilters, level: str, at: datetime, *, eager: bool) -> dict[str, Any]:
    return {
        "pair": card.code,
        "title": in_language(card.title_i18n),
        "lang": other_language(card.title_i18n),
        "url": room_url(card.slug, filters.check_in, filters.check_out, filters.guests),
        "photo": card.cover,
        "alt": in_language(card.cover_alt_i18n),
        "place": place_of(card.area_i18n, card.city_i18n),
        "kind": in_language(card.kind_i18n),
        "total": card.total,
        "per_night": card.per_night if card.total else card.from_total,
        "nights": card.nights,
        "rating": card.rating,
        "review_count": card.review_count,
        "note": _note(card, at),
        "on_request": not card.instant_book,
        "level": level,
        "eager": eager,
    }


def place_of(area: dict[str, str], city: dict[str, str]) -> str:
    """``경주 황남동`` or ``Hwangnam-dong, Gyeongju``: each language's own order."""
    small, large = in_language(area), in_language(city)
    return _("%(area)s, %(city)s") % {"area": small, "city": large} if small else large


def _note(card: Card, at: datetime) -> str:
    """The most useful thing that is true: until when everything comes back, else that it is confirmed at once."""
    if card.free_until and card.free_until > at:
        return _("all of it back until %(moment)s") % {"moment": moment(card.free_until, "Asia/Seoul")}
    return _("confirmed at once") if card.instant_book else ""

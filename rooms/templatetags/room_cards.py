"""Rooms as cards, for pages that get them from a query: ``{% load room_cards %}{{ home|first_page_cards }}``."""

from __future__ import annotations

from typing import Any

from django import template

from rooms.queries import HomePage, SearchFilters
from rooms.shown.cards import cards_of

register = template.Library()


@register.filter
def first_page_cards(home: HomePage) -> list[dict[str, Any]]:
    """The rooms of the first page with the dates they are free on."""
    asked = SearchFilters(check_in=home.check_in, check_out=home.check_out, guests=home.guests)
    return cards_of(home.cards, asked, level="h3")

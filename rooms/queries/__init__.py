"""What other contexts and pages may ask about rooms: frozen dataclasses, never models or query sets."""

from __future__ import annotations

from rooms.queries.altering import AlteredQuote, Booked, altered_quote
from rooms.queries.board import (
    BoardRow,
    HostRoom,
    NightCell,
    StayOnBoard,
    board,
    host_room,
    host_rooms,
    requests,
    room_state,
)
from rooms.queries.booking import BookedRoom, Booking, booking
from rooms.queries.calendar import Cell, Month, cells, months
from rooms.queries.facts import RoomFacts, RoomKey, room_by_slug, room_facts, room_key, rooms_facts, rooms_of_host
from rooms.queries.home import CityChoice, HomePage, city_choices, home_page
from rooms.queries.pages import PhotoFacts, ReviewFacts, ReviewsSummary, RoomPage, reviews_of, room_page, similar
from rooms.queries.quoting import Alternative, alternatives, free, quote, quote_from_token
from rooms.queries.search import Card, Relaxation, SearchFilters, SearchPage, relaxations, search
from rooms.quotes import Quote, QuoteExpired, QuoteInvalid, StayRefused

__all__ = [
    "AlteredQuote",
    "Alternative",
    "BoardRow",
    "Booked",
    "BookedRoom",
    "Booking",
    "Card",
    "Cell",
    "CityChoice",
    "HomePage",
    "HostRoom",
    "Month",
    "NightCell",
    "PhotoFacts",
    "Quote",
    "QuoteExpired",
    "QuoteInvalid",
    "Relaxation",
    "ReviewFacts",
    "ReviewsSummary",
    "RoomFacts",
    "RoomKey",
    "RoomPage",
    "SearchFilters",
    "SearchPage",
    "StayOnBoard",
    "StayRefused",
    "altered_quote",
    "alternatives",
    "board",
    "booking",
    "cells",
    "city_choices",
    "free",
    "home_page",
    "host_room",
    "host_rooms",
    "months",
    "quote",
    "quote_from_token",
    "relaxations",
    "requests",
    "reviews_of",
    "room_by_slug",
    "room_facts",
    "room_key",
    "room_page",
    "room_state",
    "rooms_facts",
    "rooms_of_host",
    "search",
    "similar",
]

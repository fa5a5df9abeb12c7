"""What others may ask about reservations; the answers are frozen, and nothing is changed by asking."""

from __future__ import annotations

from reservations.queries.alterations import (
    AlterationView,
    alteration_of,
    alterations_of,
    open_alteration_of,
    why_unpaid,
)
from reservations.queries.facts import StayFacts, stay_facts
from reservations.queries.hosting import (
    Board,
    BoardMoney,
    BoardStay,
    ResponseRate,
    board,
    host_board,
    open_requests,
    response_rate,
    stays_of_host,
)
from reservations.queries.rows import RefundShown, TripRow
from reservations.queries.trips import (
    Entry,
    TripPage,
    TripView,
    has_upcoming,
    trip_of,
    trips_by_state,
    trips_in,
    trips_of_guest,
)

__all__ = [
    "AlterationView",
    "Board",
    "BoardMoney",
    "BoardStay",
    "Entry",
    "RefundShown",
    "ResponseRate",
    "StayFacts",
    "TripPage",
    "TripRow",
    "TripView",
    "alteration_of",
    "alterations_of",
    "board",
    "has_upcoming",
    "host_board",
    "open_alteration_of",
    "open_requests",
    "response_rate",
    "stay_facts",
    "stays_of_host",
    "trip_of",
    "trips_by_state",
    "trips_in",
    "trips_of_guest",
    "why_unpaid",
]

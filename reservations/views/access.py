"""Whose page it is: a trip is its guest's own, and for everybody else there is nothing here."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import Http404, HttpRequest
from django.urls import reverse

from airbnb.accounts.access import current_user
from airbnb.stays import Stay
from reservations import queries
from reservations.queries import TripView


def own_trip(request: HttpRequest, code: str) -> TripView:
    """The trip, if the reader is its guest; 404 for its host too, who has pages of their own."""
    view = queries.trip_of(code, current_user(request).pk)
    if view.by != "guest":
        raise Http404
    return view


def room_address(slug: str, stay: Stay | None = None, guests: int = 1) -> str:
    """The page of a room with the dates kept."""
    path = reverse("rooms:room", args=[slug])
    if stay is None:
        return path
    params = {"check_in": stay.check_in.isoformat(), "check_out": stay.check_out.isoformat(), "guests": guests}
    return f"{path}?{urlencode(params)}"


def room_address_of(view: TripView) -> str:
    """The page of a trip's room with its dates."""
    return room_address(view.row.room_slug, Stay(view.row.check_in, view.row.check_out), view.row.guests)

"""The guest's trips: the list, one trip, and how it stands right now."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from airbnb import clock, live
from airbnb.accounts.access import current_user, guest_page
from reservations import queries, terms
from reservations.queries import TripRow, TripView
from reservations.shown.timeline import story
from reservations.states import Status
from reservations.views.access import own_trip, room_address_of
from reservations.views.alterations import waiting_change
from rooms import queries as rooms

PAGE_SIZE = 20
TABS: dict[str, tuple[Status, ...]] = {
    "upcoming": (Status.HELD, Status.PAYING, Status.REQUESTED, Status.CONFIRMED, Status.IN_STAY),
    "past": (Status.COMPLETED,),
    "cancelled": (Status.CANCELLED, Status.DECLINED, Status.EXPIRED),
}
# The address of the place is for guests whose stay is paid and not over.
ADDRESSED = ("confirmed", "in_stay")


@dataclass(frozen=True, slots=True)
class Tab:
    """One view of the list."""

    label: str
    url: str
    current: bool
    count: int


@guest_page
@require_safe
def trips(request: HttpRequest) -> HttpResponse:
    """Upcoming, past or cancelled trips, a page at a time."""
    user_id = current_user(request).pk
    tab = request.GET.get("show", "upcoming")
    tab = tab if tab in TABS else "upcoming"
    text = request.GET.get("page", "1")
    page = min(max(int(text), 1), 500) if text.isascii() and text.isdigit() and len(text) < 6 else 1
    rows, has_more = _rows(user_id, tab, (page - 1) * PAGE_SIZE)
    context = {
        "rows": rows,
        "tab": tab,
        "tabs": _tabs(user_id, tab),
        "waiting": [row for row in rows if row.status == "held"],
        "previous_url": f"?show={tab}&page={page - 1}" if page > 1 else "",
        "next_url": f"?show={tab}&page={page + 1}" if has_more else "",
        "page_number": page,
    }
    return render(request, "reservations/trips.html", context)


def _rows(user_id: int, tab: str, offset: int) -> tuple[list[TripRow], bool]:
    if tab == "upcoming":
        shown = queries.trips_of_guest(user_id, offset=offset, limit=PAGE_SIZE)
    else:
        shown = queries.trips_in(user_id, TABS[tab], offset=offset, limit=PAGE_SIZE)
    return shown.rows, shown.has_more


def _tabs(user_id: int, current: str) -> list[Tab]:
    counts = queries.trips_by_state(user_id)
    labels = {"upcoming": _("What is coming"), "past": _("Where you have been"), "cancelled": _("Cancelled trips")}
    return [
        Tab(
            labels[name],
            f"?show={name}",
            name == current,
            # a hold that is over but not yet swept still counts as standing, so that number is left out
            sum(counts.get(status, 0) for status in statuses) if name != "upcoming" else 0,
        )
        for name, statuses in TABS.items()
    ]


@guest_page
@require_safe
def trip(request: HttpRequest, code: str) -> HttpResponse:
    """One trip: where it stands, what was paid, how to arrive, and what cancelling would bring."""
    view = own_trip(request, code)
    context = _status_context(view) | {
        "room": rooms.room_facts(view.row.room_id),
        "steps": terms.shown(view.steps, view.row.total, clock.now()),
        "room_url": room_address_of(view),
        "addressed": view.row.status in ADDRESSED,
        "cancellable": view.row.status in ADDRESSED,
        "has_receipt": view.confirmed_at is not None,
        **waiting_change(view),
        "live_url": live.address("trip", code),
    }
    return render(request, "reservations/trip.html", context)


@guest_page
@require_safe
def trip_status(request: HttpRequest, code: str) -> HttpResponse:
    """Where the trip stands, alone, for pages that cannot ask :mod:`airbnb.live`.

    Unchanged: 304 to a matching ETag, 204 to a matching ``seen``. When the state itself has changed, the whole page
    has to follow.
    """
    view = own_trip(request, code)
    context = _status_context(view)
    tag = f'"{context["seen"]}"'
    if request.headers.get("If-None-Match") == tag:
        response = HttpResponse(status=304)
    elif request.GET.get("seen") == context["seen"]:
        response = HttpResponse(status=204)
    else:
        response = render(request, "reservations/_status.html", context)
        if not request.GET.get("seen", view.row.status).startswith(view.row.status):
            response["HX-Refresh"] = "true"
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    return response


def _status_context(view: TripView) -> dict[str, Any]:
    seen = _fingerprint(view)
    return {
        "view": view,
        "row": view.row,
        "moments": story(view),
        "seen": seen,
    }


def _fingerprint(view: TripView) -> str:
    """``status.digest``: changes exactly when the part of the page that shows it would."""
    row = view.row
    refund = (row.refund.amount, row.refund.status) if row.refund else None
    asked = (row.answer_by, row.accepted_at)
    facts = (row.payment_status, refund, row.hold_expires_at, asked, view.action_url, view.pay_later, get_language())
    digest = hashlib.sha256(repr((facts, [(each.at, each.event) for each in view.timeline])).encode())
    return f"{row.status}.{digest.hexdigest()[:16]}"

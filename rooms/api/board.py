"""The host's board: how all their rooms stand."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from airbnb.accounts.access import current_user
from airbnb.boards import board_parts
from airbnb.clock import now, today_in
from airbnb.errors import Forbidden
from airbnb.rest import Scope, etag_response
from airbnb.stays import Stay
from rooms import queries
from rooms.api.days import SpanQuery, asked_span
from rooms.api.outputs import BoardOutput
from rooms.api.resource import checked_query
from rooms.texts import in_language

_USUAL_DAYS = 31


class BoardResource(APIView):
    """Per room: its state, the stays that touch the dates, every night, and the share that is sold."""

    permission_classes = [Scope(read="read")]

    @extend_schema(operation_id="readBoard", parameters=[SpanQuery], responses=BoardOutput)
    def get(self, request: Request) -> Response:
        """The state of the caller's lettings between two dates; 31 days from today without them."""
        user = current_user(request)
        if not user.is_host:
            raise Forbidden(_("Become a host first"))
        span = asked_span(checked_query(SpanQuery, request), today_in("Asia/Seoul"), _USUAL_DAYS)
        rows = queries.board(user.pk, span.check_in, span.check_out)
        body = {
            "from": span.check_in.isoformat(),
            "to": span.check_out.isoformat(),
            "arrivals": _on(rows, span, "check_in"),
            "departures": _on(rows, span, "check_out"),
            "requests": _requests(user.pk),
            "rooms": [_row(row) for row in rows],
            **board_parts(user.pk),
        }
        return etag_response(request, body)


def _on(rows: list[queries.BoardRow], span: Stay, day: str) -> list[dict[str, Any]]:
    """The stays that begin or end (``day``: check_in or check_out) within the dates, in order, with their room."""
    found = [{"room": row.room.code, **_stay(stay)} for row in rows for stay in row.stays]
    first, last = span.check_in.isoformat(), span.check_out.isoformat()
    return sorted((each for each in found if first <= each[day] < last), key=lambda each: (each[day], each["room"]))


def _requests(host_id: int) -> list[dict[str, Any]]:
    """What waits for the host's answer, whatever its dates, the soonest due first."""
    at = now()
    return [
        {"room": code, **_stay(stay), "minutes_left": max(0, int((stay.answer_by - at).total_seconds() // 60))}
        for code, stay in queries.requests(host_id)
        if stay.answer_by is not None
    ]


def _row(row: queries.BoardRow) -> dict[str, Any]:
    room = row.room
    return {
        "room": room.code,
        "slug": room.slug,
        "title": in_language(room.title_i18n),
        "status": room.status,
        "state": room.state,
        "reservation": room.reservation or None,
        "reservation_status": room.reservation_status or None,
        "payment_status": room.payment_status,
        "current_reservation": room.current_reservation or None,
        "next_reservation": room.next_reservation or None,
        "next_check_in": room.next_check_in.isoformat() if room.next_check_in else None,
        "review_count": room.review_count,
        "rating": room.rating,
        "occupancy": row.occupancy,
        "stays": [_stay(stay) for stay in row.stays],
        "nights": [
            {
                "date": night.date.isoformat(),
                "state": night.state,
                "reservation": night.reservation or None,
                "price": night.price.as_json(),
            }
            for night in row.nights
        ],
    }


def _stay(stay: queries.StayOnBoard) -> dict[str, Any]:
    return {
        "reservation": stay.reservation,
        "check_in": stay.check_in.isoformat(),
        "check_out": stay.check_out.isoformat(),
        "guests": stay.guests,
        "total": stay.total.as_json(),
        "status": stay.status,
        "payment_status": stay.payment_status,
        "answer_by": stay.answer_by,
    }

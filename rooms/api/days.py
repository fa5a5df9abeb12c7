"""A room's calendar and its quotes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from airbnb.accounts.access import current_user
from airbnb.clock import today_in
from airbnb.rest import SAFE_METHODS, MoneyField, StrictSerializer, etag_response, valid
from airbnb.stays import Stay
from rooms import queries, services
from rooms.api.outputs import DayOutput, QuoteOutput
from rooms.api.resource import Day, RoomScoped, WholeNumber, checked_query
from rooms.api.shapes import quote_json, reason_json
from rooms.services.days import KEEP, DayChange

_MOST_DAYS = 731
_USUAL_DAYS = 62


class SpanQuery(StrictSerializer):
    """Days from ``from`` up to and without ``to``; the same day twice means that one day."""

    def get_fields(self) -> Any:
        """``from`` is a word of Python, so the fields are made here."""
        return {"from": Day(required=False), "to": Day(required=False)}


class DayChangeInput(StrictSerializer):
    """A change for the nights from ``from`` up to and without ``to`` (the same day twice: that one night).

    ``price`` and ``min_nights`` null take the day's own value away; what is not given stays.
    """

    blocked = serializers.BooleanField(required=False)
    price = MoneyField(required=False, allow_null=True)
    min_nights = WholeNumber(min_value=1, max_value=365, required=False, allow_null=True)
    note = serializers.CharField(max_length=200, required=False, allow_blank=True)

    def get_fields(self) -> Any:
        """The two days, and the fields above."""
        return {"from": Day(), "to": Day(), **super().get_fields()}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """In order, and something to change."""
        _refuse_disorder(attrs["from"], attrs["to"])
        if not attrs.keys() & {"blocked", "price", "min_nights"}:
            raise serializers.ValidationError({"blocked": [self.fields["blocked"].error_messages["required"]]})
        return attrs


class StayInput(StrictSerializer):
    """A stay to be priced."""

    check_in = Day()
    check_out = Day()
    guests = WholeNumber(min_value=1, max_value=1000, required=False, default=1)


class CalendarResource(RoomScoped):
    """The days of a room."""

    @extend_schema(operation_id="readCalendar", parameters=[SpanQuery], responses=DayOutput(many=True))
    def get(self, request: Request, room_code: str) -> Response:
        """For each day whether the night can be booked, its price, the least stay, and why not."""
        asked = checked_query(SpanQuery, request)
        span = asked_span(asked, today_in(self.room.time_zone), _USUAL_DAYS)
        return etag_response(request, _days(self.room.pk, span))

    @extend_schema(
        operation_id="setCalendar",
        request=DayChangeInput(many=True),
        responses={
            200: DayOutput(many=True),
            409: OpenApiResponse(description="Reserved nights"),
        },
    )
    def put(self, request: Request, room_code: str) -> Response:
        """Close, open and price nights: all changes or none; 409 when one of them lies over reserved nights."""
        limits: dict[str, Any] = {"allow_empty": False, "max_length": 400}
        reader = DayChangeInput(data=request.data, many=True, **limits)
        reader.is_valid(raise_exception=True)
        changes = [_change(each) for each in reader.validated_data]
        services.set_days(room_id=self.room.pk, host_id=current_user(request).pk, changes=changes, over_reserved=False)
        first = min(each.nights.check_in for each in changes)
        last = max(each.nights.check_out for each in changes)
        return Response(_days(self.room.pk, Stay(first, min(last, first + timedelta(days=_MOST_DAYS)))))


class QuoteResource(RoomScoped):
    """What a stay costs; asking changes nothing, so everyone may."""

    permission_classes = RoomScoped.permission_classes
    open_methods = (*SAFE_METHODS, "POST")

    def get_permissions(self) -> Any:
        """POST is for everyone here."""
        return [] if self.request.method == "POST" else super().get_permissions()

    @extend_schema(
        operation_id="quoteStay",
        request=StayInput,
        responses={200: QuoteOutput, 409: OpenApiResponse(description="Why not")},
    )
    def post(self, request: Request, room_code: str) -> Response:
        """The lines and the total, with a token that is good for 15 minutes."""
        asked = valid(StayInput, request)
        stay = Stay(asked["check_in"], asked["check_out"])
        return Response(quote_json(queries.quote(self.room.pk, stay, asked["guests"]), self.room))


def _refuse_disorder(first: date, last: date) -> None:
    if last < first:
        raise serializers.ValidationError({"to": ["from ≤ to"]})
    if (last - first).days > _MOST_DAYS:
        raise serializers.ValidationError({"to": [f"≤ {_MOST_DAYS}"]})


def asked_span(asked: dict[str, Any], today: date, usual_days: int) -> Stay:
    """The days that were asked for, by default ``usual_days`` from today; at most two years."""
    first = asked.get("from") or min(today, asked.get("to", today))
    last = asked.get("to") or first + timedelta(days=usual_days)
    _refuse_disorder(first, last)
    return _span(first, last)


def _span(first: date, last: date) -> Stay:
    return Stay(first, max(last, first + timedelta(days=1)))


def _change(given: dict[str, Any]) -> DayChange:
    return DayChange(
        nights=_span(given["from"], given["to"]),
        blocked=given.get("blocked"),
        price=given.get("price", KEEP),
        min_nights=given.get("min_nights", KEEP),
        note=given.get("note", ""),
    )


def _days(room_id: int, span: Stay) -> list[dict[str, Any]]:
    return [
        {
            "date": cell.date.isoformat(),
            "available": cell.available,
            "price": cell.price.as_json(),
            "min_nights": cell.min_nights,
            "reason": cell.reason.code if cell.reason else None,
            "reason_text": reason_json(cell.reason)["text"] if cell.reason else None,
            "price_reason": cell.price_reason,
        }
        for cell in queries.cells(room_id, span.check_in, span.check_out)
    ]

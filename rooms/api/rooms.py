"""Search, registration, and one room: read, edit, take down."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from airbnb.accounts.access import current_user
from airbnb.rest import MoneyField, Scope, StrictSerializer, etag_response, valid
from rooms import queries, services
from rooms.amenities import AMENITIES
from rooms.api.outputs import RoomOutput, SearchOutput
from rooms.api.resource import Day, RoomScoped, WholeNumber, checked_query, page_address, page_of
from rooms.api.shapes import card_json, room_json
from rooms.kinds import KINDS
from rooms.models import Room
from rooms.queries.search_sql import SORTS

_DEEPEST = 2000


class I18nText(StrictSerializer):
    """A text in both languages, or in one."""

    ko = serializers.CharField(required=False, allow_blank=True, max_length=5000)
    en = serializers.CharField(required=False, allow_blank=True, max_length=5000)


class RoomChanges(StrictSerializer):
    """The fields of a room that its host may set; rules between them are the service's."""

    title = serializers.CharField(max_length=80, required=False)
    title_i18n = I18nText(required=False)
    description = serializers.CharField(max_length=5000, required=False, allow_blank=True)
    description_i18n = I18nText(required=False)
    house_rules = serializers.CharField(max_length=5000, required=False, allow_blank=True)
    house_rules_i18n = I18nText(required=False)
    arrival_guide = serializers.CharField(max_length=5000, required=False, allow_blank=True)
    arrival_guide_i18n = I18nText(required=False)
    kind = serializers.ChoiceField(list(KINDS), required=False)
    city = serializers.CharField(max_length=60, required=False)
    area = serializers.CharField(max_length=60, required=False, allow_blank=True)
    address = serializers.CharField(max_length=200, required=False, allow_blank=True)
    lat = serializers.FloatField(min_value=-90, max_value=90, required=False, allow_null=True)
    lng = serializers.FloatField(min_value=-180, max_value=180, required=False, allow_null=True)
    capacity = WholeNumber(min_value=1, max_value=50, required=False)
    bedrooms = WholeNumber(min_value=0, max_value=50, required=False)
    beds = WholeNumber(min_value=0, max_value=100, required=False)
    bathrooms = WholeNumber(min_value=0, max_value=50, required=False)
    base_price = MoneyField(required=False)
    weekend_price = MoneyField(required=False, allow_null=True)
    cleaning_fee = MoneyField(required=False)
    extra_guest_fee = MoneyField(required=False)
    included_guests = WholeNumber(min_value=0, max_value=50, required=False)
    currency = serializers.CharField(max_length=3, required=False)
    min_nights = WholeNumber(min_value=1, max_value=365, required=False)
    max_nights = WholeNumber(min_value=1, max_value=365, required=False)
    notice_days = WholeNumber(min_value=0, max_value=60, required=False)
    window_days = WholeNumber(min_value=1, max_value=730, required=False)
    instant_book = serializers.BooleanField(required=False)
    cancellation_policy = serializers.CharField(max_length=20, required=False)
    time_zone = serializers.CharField(max_length=40, required=False)
    check_in_from = serializers.TimeField(required=False)
    check_out_until = serializers.TimeField(required=False)
    amenities = serializers.ListField(child=serializers.CharField(max_length=32), max_length=100, required=False)
    status = serializers.ChoiceField(Room.Status.values, required=False)


class NewRoom(RoomChanges):
    """A new room; ``title`` or ``title_i18n``, kind, city, capacity and base_price are needed."""

    kind = serializers.ChoiceField(list(KINDS))
    city = serializers.CharField(max_length=60)
    capacity = WholeNumber(min_value=1, max_value=50)
    base_price = MoneyField()
    status = serializers.ChoiceField(["draft", "listed", "paused"], required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A name in one language at least."""
        if "title" not in attrs and not any(attrs.get("title_i18n", {}).values()):
            raise serializers.ValidationError({"title": [self.fields["kind"].error_messages["required"]]})
        return attrs


class CommaList(serializers.CharField):
    """Words with commas between them, each one of ``known``."""

    def __init__(self, known: list[str], **kwargs: Any) -> None:
        self.known = known
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Any:
        """The words as a tuple."""
        words = tuple(word.strip() for word in super().to_internal_value(data).split(",") if word.strip())
        for word in words:
            if word not in self.known:
                raise serializers.ValidationError(
                    serializers.ChoiceField.default_error_messages["invalid_choice"].format(input=word)
                )
        return words


class BoxField(serializers.CharField):
    """``west,south,east,north`` in degrees."""

    def to_internal_value(self, data: Any) -> Any:
        """Four numbers on earth."""
        try:
            west, south, east, north = (float(part) for part in super().to_internal_value(data).split(","))
        except ValueError as error:
            raise serializers.ValidationError("west,south,east,north") from error
        if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
            raise serializers.ValidationError("west,south,east,north")
        return west, south, east, north


class SearchQuery(StrictSerializer):
    """What a search may ask."""

    q = serializers.CharField(max_length=100, required=False, allow_blank=True)
    city = serializers.CharField(max_length=60, required=False, allow_blank=True)
    bbox = BoxField(required=False)
    check_in = Day(required=False)
    check_out = Day(required=False)
    guests = serializers.IntegerField(min_value=1, max_value=50, required=False)
    price_min = serializers.IntegerField(min_value=0, max_value=10**12, required=False)
    price_max = serializers.IntegerField(min_value=0, max_value=10**12, required=False)
    kind = CommaList(list(KINDS), required=False)
    amenities = CommaList(list(AMENITIES), required=False)
    instant = serializers.BooleanField(required=False)
    sort = serializers.ChoiceField(SORTS, required=False)
    cursor = serializers.CharField(max_length=200, required=False)
    page_size = serializers.IntegerField(min_value=1, max_value=100, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Dates come in pairs."""
        if ("check_in" in attrs) != ("check_out" in attrs):
            missing = "check_out" if "check_in" in attrs else "check_in"
            raise serializers.ValidationError({missing: [self.fields["q"].error_messages["required"]]})
        return attrs


class RoomsResource(APIView):
    """All rooms: search for everyone, registration for hosts."""

    permission_classes = [Scope(read=None, write="host")]

    @extend_schema(
        operation_id="searchRooms",
        parameters=[SearchQuery],
        responses=SearchOutput,
    )
    def get(self, request: Request) -> Response:
        """Rooms that can be booked, best first, with the total for the dates."""
        asked = checked_query(SearchQuery, request)
        size, page = asked.pop("page_size", 20), page_of(asked.pop("cursor", ""))
        found = queries.search(queries.SearchFilters(**asked), page=page, page_size=size, facets=False)
        body = {
            "next": page_address(request, page + 1) if found.has_next and page * size < _DEEPEST else None,
            "previous": page_address(request, page - 1) if page > 1 else None,
            "count": found.count,
            "count_capped": found.capped,
            "results": [card_json(card) for card in found.cards],
        }
        return etag_response(request, body, private=False)

    @extend_schema(operation_id="registerRoom", request=NewRoom, responses={201: RoomOutput})
    def post(self, request: Request) -> Response:
        """Register a room; complete and ``listed``, it can be booked at once."""
        room = services.register_room(host=current_user(request), **valid(NewRoom, request))
        response = Response(room_json(room, own=True), status=201)
        response["Location"] = f"/api/v1/rooms/{room.code}/"
        return response


class RoomResource(RoomScoped):
    """One room."""

    @extend_schema(operation_id="readRoom", responses=RoomOutput)
    def get(self, request: Request, room_code: str) -> Response:
        """The room; drafts only for their host."""
        return etag_response(request, room_json(self.room, own=self.is_own(request)))

    @extend_schema(operation_id="editRoom", request=RoomChanges, responses=RoomOutput)
    def patch(self, request: Request, room_code: str) -> Response:
        """Change some fields; ``status`` also lists, pauses and archives."""
        user = current_user(request)
        services.edit_room(room_id=self.room.pk, host_id=user.pk, language=user.language, **valid(RoomChanges, request))
        return Response(room_json(Room.objects.get(pk=self.room.pk), own=True))

    @extend_schema(operation_id="deleteRoom", responses={204: None, 409: OpenApiResponse(description="Stays ahead")})
    def delete(self, request: Request, room_code: str) -> Response:
        """Take the room down; refused while stays lie ahead."""
        services.archive_room(room_id=self.room.pk, host_id=current_user(request).pk)
        return Response(status=204)

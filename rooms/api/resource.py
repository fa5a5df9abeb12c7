"""What all views of one room share: who may see it, whose it is, and strict query parameters."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.request import Request
from rest_framework.views import APIView

from airbnb.errors import NotFound
from airbnb.rest import SAFE_METHODS, Scope, StrictSerializer
from rooms.models import Room


class RoomScoped(APIView):
    """A view of one room, found before anything else is decided.

    Reading needs a room that the public sees, or one's own. For any other method it must be one's own: to everyone
    else it is a 404, whatever the method. ``open_methods`` are those that only read, whatever HTTP calls them.
    """

    permission_classes = [Scope(read=None, write="host", roles=False)]
    open_methods: tuple[str, ...] = SAFE_METHODS
    room: Room

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Authentication and scope first, then the room."""
        super().initial(request, *args, **kwargs)
        self.room = self._found(request, kwargs["room_code"])
        if request.method and request.method.lower() not in self.http_method_names:
            raise MethodNotAllowed(request.method)

    def _found(self, request: Request, code: str) -> Room:
        room = Room.objects.select_related("host").prefetch_related("photos").filter(code=code).first()
        if room is None:
            raise NotFound()
        own = request.user.is_authenticated and room.host_id == request.user.pk
        public = room.status in (Room.Status.LISTED, Room.Status.PAUSED)
        if not own and not (public and request.method in self.open_methods):
            raise NotFound()
        return room

    def is_own(self, request: Request) -> bool:
        """Whether the caller is the room's host."""
        return bool(request.user.is_authenticated and self.room.host_id == request.user.pk)


class Day(serializers.DateField):
    """A date of this age: far ones would only make arithmetic overflow."""

    def to_internal_value(self, value: Any) -> date:
        """A date between 2000 and 2100."""
        day: date = super().to_internal_value(value)
        if not 2000 <= day.year <= 2100:
            self.fail("invalid", format="YYYY-MM-DD")
        return day


class WholeNumber(serializers.IntegerField):
    """A JSON number without a fraction; "5", 5.0 and true are refused."""

    def to_internal_value(self, data: Any) -> int:
        """The number as it is."""
        if type(data) is not int:
            self.fail("invalid")
        return int(super().to_internal_value(data))


def checked_query(serializer: type[StrictSerializer], request: Request) -> dict[str, Any]:
    """The query parameters, each known and right; a ValidationError names the others."""
    given = {name: request.query_params[name] for name in request.query_params}
    reader = serializer(data=given)
    reader.is_valid(raise_exception=True)
    return dict(reader.validated_data)


def page_of(cursor: str) -> int:
    """The page that a cursor of ours names; any other is refused."""
    if not cursor:
        return 1
    try:
        return int(signing.loads(cursor, salt="rooms.page"))
    except signing.BadSignature as error:
        raise serializers.ValidationError({"cursor": [_("This is not one of our cursors")]}) from error


def page_address(request: Request, page: int) -> str:
    """This search's address for another page."""
    asked = {name: value for name, value in request.query_params.items() if name != "cursor"}
    return request.build_absolute_uri(f"?{urlencode({**asked, 'cursor': signing.dumps(page, salt='rooms.page')})}")

"""Rooms for operators: look, search, pause and take down; every change goes through a service."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from airbnb.errors import DomainError
from rooms import services
from rooms.models import DayRule, DiscountRule, Night, Photo, Room, RoomReview, RoomStay, RoomView


class ReadOnlyAdmin(admin.ModelAdmin):
    """Operators look; nothing is written past the services."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


class ReadOnlyRows(admin.TabularInline):
    """Rows that belong to a room, to be looked at."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


class PhotoRows(ReadOnlyRows):
    """Its photographs."""

    model = Photo
    fields = readonly_fields = ("code", "position", "state", "refused_because", "alt_i18n")


class DiscountRows(ReadOnlyRows):
    """Its discounts."""

    model = DiscountRule


@admin.register(Room)
class RoomAdmin(ReadOnlyAdmin):
    """Rooms with what operators do about them."""

    list_display = ("code", "__str__", "host", "city", "kind", "status", "capacity", "base_price_minor", "currency")
    list_filter = ("status", "kind", "city", "cancellation_policy", "instant_book")
    search_fields = ("code", "slug", "host__email", "title_i18n", "address")
    list_select_related = ("host",)
    actions = ("pause_rooms", "list_rooms", "take_down_rooms")
    inlines = (PhotoRows, DiscountRows)
    readonly_fields = ("taken_nights",)

    @admin.display(description=gettext_lazy("Taken nights ahead"))
    def taken_nights(self, room: Room) -> str:
        """The next taken nights with their holders."""
        nights = Night.objects.filter(room=room).order_by("-night")[:60]
        return "\n".join(f"{night.night} {night.kind} {night.reservation or night.note}" for night in nights) or "–"

    @admin.action(description=gettext_lazy("Pause"))
    def pause_rooms(self, request: HttpRequest, rooms: QuerySet[Room]) -> None:
        """No new bookings for a while."""
        self._each(request, rooms, services.pause_room)

    @admin.action(description=gettext_lazy("Take bookings"))
    def list_rooms(self, request: HttpRequest, rooms: QuerySet[Room]) -> None:
        """Take bookings again."""
        self._each(request, rooms, services.publish_room)

    @admin.action(description=gettext_lazy("Take down"))
    def take_down_rooms(self, request: HttpRequest, rooms: QuerySet[Room]) -> None:
        """For good; refused while stays lie ahead."""
        self._each(request, rooms, services.archive_room)

    def _each(self, request: HttpRequest, rooms: QuerySet[Room], service: Any) -> None:
        for room in rooms:
            try:
                service(room_id=room.pk, host_id=room.host_id)
            except DomainError as error:
                messages.error(request, f"{room.code}: {error}")
            else:
                messages.success(request, _("%(room)s: done") % {"room": room.code})


@admin.register(DayRule)
class DayRuleAdmin(ReadOnlyAdmin):
    """Prices and least stays of single days."""

    list_display = ("room", "day", "kind", "price_minor", "min_nights")
    list_filter = ("kind",)
    search_fields = ("room__code",)
    date_hierarchy = "day"
    list_select_related = ("room",)


@admin.register(RoomView)
class RoomViewAdmin(ReadOnlyAdmin):
    """The read model of how rooms stand."""

    list_display = (
        "room_code",
        "status",
        "state",
        "shown_reservation",
        "shown_status",
        "shown_payment",
        "review_count",
        "rating",
    )
    list_filter = ("state", "status")
    search_fields = ("room_code", "slug", "shown_reservation")


@admin.register(RoomStay)
class RoomStayAdmin(ReadOnlyAdmin):
    """What events told of each stay."""

    list_display = ("reservation", "room_id", "check_in", "check_out", "status", "payment")
    list_filter = ("status", "payment")
    search_fields = ("reservation",)


@admin.register(RoomReview)
class RoomReviewAdmin(ReadOnlyAdmin):
    """Published reviews as the rooms show them."""

    list_display = ("review_id", "room_id", "rating", "author_name", "published_at", "deleted")
    list_filter = ("rating", "deleted")
    search_fields = ("review_id", "reservation", "author_name")

"""Notifications for operators: what was told to whom, how it went, and sending again."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from airbnb.admin import ReadOnlyAdmin
from notifications import services
from notifications.models import ChannelDelivery, ChannelPreference, Notification


class DeliveryInline(admin.TabularInline[ChannelDelivery, Notification]):
    """The channels of one notification."""

    model = ChannelDelivery
    extra = 0
    can_delete = False
    fields = readonly_fields = ("channel", "status", "attempts", "next_attempt_at", "sent_at", "last_error")

    def has_add_permission(self, request: HttpRequest, obj: Notification | None = None) -> bool:
        """Rows are made by services."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Notification | None = None) -> bool:
        """Rows are changed by services."""
        return False


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin[Notification]):
    """What was told."""

    list_display = ("id", "kind", "role", "recipient", "reservation", "created_at", "read_at")
    list_filter = ("kind", "role", "language", "created_at")
    list_select_related = ("recipient",)
    search_fields = ("=reservation", "recipient__email", "=correlation_id", "=event_id")
    inlines = (DeliveryInline,)


@admin.register(ChannelDelivery)
class ChannelDeliveryAdmin(ReadOnlyAdmin[ChannelDelivery]):
    """How each message went; parked ones wait for somebody."""

    actions = ("send_again",)
    list_display = ("id", "notification", "channel", "status", "attempts", "next_attempt_at", "sent_at")
    list_filter = ("status", "channel")
    list_select_related = ("notification",)
    search_fields = (
        "=notification__reservation",
        "notification__recipient__email",
        "=notification__correlation_id",
    )

    @admin.action(description=gettext_lazy("Send again"))
    def send_again(self, request: HttpRequest, queryset: QuerySet[ChannelDelivery]) -> None:
        """Begin the chosen deliveries anew, at once."""
        for delivery in queryset:
            services.send_again(delivery_id=delivery.pk)
        self.message_user(request, _("Will be sent again: %(count)s") % {"count": len(queryset)})


@admin.register(ChannelPreference)
class ChannelPreferenceAdmin(ReadOnlyAdmin[ChannelPreference]):
    """What people switched off."""

    list_display = ("user", "topic", "channel", "is_on")
    list_filter = ("topic", "channel", "is_on")
    search_fields = ("user__email",)

"""Operators see every event and receipt, and can have a receipt delivered again; nothing else can be changed."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from airbnb.admin import ReadOnlyAdmin
from airbnb.events.models import Delivery, StoredEvent
from airbnb.events.redelivering import redeliver


class DeliveryInline(admin.TabularInline[Delivery, StoredEvent]):
    """The receipts of one event."""

    model = Delivery
    fields = readonly_fields = ("listener", "status", "attempts", "next_attempt_at", "done_at", "last_error")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Receipts are made by publishing alone."""
        return False


@admin.register(StoredEvent)
class StoredEventAdmin(ReadOnlyAdmin[StoredEvent]):
    """Facts, newest first."""

    list_display = ("occurred_at", "name", "correlation_id", "id")
    list_filter = ("name", "occurred_at")
    search_fields = ("=id", "=correlation_id", "payload__reservation", "payload__room_code")
    inlines = (DeliveryInline,)
    ordering = ("-occurred_at",)


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin[Delivery]):
    """Receipts, with "deliver again" for what was given up."""

    list_display = ("event", "listener", "status", "attempts", "next_attempt_at", "done_at")
    list_filter = ("status", "queue", "listener")
    search_fields = ("listener", "=event__id", "=event__correlation_id", "last_error")
    list_select_related = ("event",)
    actions = ("deliver_again",)
    ordering = ("-pk",)

    @admin.action(description=_("Deliver again"))
    def deliver_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        """Give the chosen receipts a fresh set of attempts; what is done stays done."""
        count = redeliver(queryset)
        self.message_user(
            request,
            ngettext("%(count)d delivery will run again", "%(count)d deliveries will run again", count)
            % {"count": count},
        )

"""Operators see every event and receipt, and can have a receipt delivered again; nothing else can be changed."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from airbnb.admin import ReadOnlyAdmin
from airbnb.events.models import Delivery, StoredEvent, ViewState
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
    actions = ("deliver_again",)
    search_fields = ("=id", "=correlation_id", "payload__reservation", "payload__room_code")
    inlines = (DeliveryInline,)
    ordering = ("-occurred_at",)

    @admin.action(description=_("Deliver again what was given up"))
    def deliver_again(self, request: HttpRequest, queryset: QuerySet[StoredEvent]) -> None:
        """All receipts of the chosen events that were given up; the others go their own way."""
        _deliver_again(self, request, Delivery.objects.dead().filter(event__in=queryset))


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin[Delivery]):
    """Receipts, with "deliver again" for what was given up."""

    list_display = ("event", "listener", "status", "attempts", "next_attempt_at", "done_at", "error")
    list_filter = ("status", "queue", "event__name", ("event__occurred_at", admin.DateFieldListFilter), "listener")
    search_fields = ("listener", "=event__id", "=event__correlation_id", "last_error")
    list_select_related = ("event",)
    actions = ("deliver_again",)
    ordering = ("-pk",)

    @admin.action(description=_("Deliver again"))
    def deliver_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        """Give the chosen receipts a fresh set of attempts; what is done stays done."""
        _deliver_again(self, request, queryset)

    @admin.display(description=_("error"))
    def error(self, delivery: Delivery) -> str:
        """The last line of the latest error, where one finds what went wrong."""
        return delivery.last_error.strip().rsplit("\n", 1)[-1][:200]


def _deliver_again(model_admin: ReadOnlyAdmin[Any], request: HttpRequest, chosen: QuerySet[Delivery]) -> None:
    count = redeliver(chosen)
    model_admin.message_user(
        request,
        ngettext("%(count)d delivery will run again", "%(count)d deliveries will run again", count) % {"count": count},
    )


@admin.register(ViewState)
class ViewStateAdmin(ReadOnlyAdmin[ViewState]):
    """Which version of each view stands, and what the latest comparison found."""

    list_display = ("name", "version", "built_at", "checked_at", "checked", "drifted", "drifted_keys")

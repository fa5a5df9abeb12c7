"""Operators see our books beside the gateways': comparisons, fees, the house's bank, and what each gateway holds."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from airbnb.admin import ReadOnlyAdmin
from airbnb.templatetags.money import money
from payments.clearing import AHEAD, clearings
from payments.models import BankMovement, BooksComparison, GatewayFee


@admin.register(BooksComparison)
class BooksComparisonAdmin(ReadOnlyAdmin[BooksComparison]):
    """Our payments beside the gateways' own books, day by day; above them what each gateway holds for us."""

    list_display = ("begun_at", "gateway", "left", "compared", "settled", "movements", "since", "until", "finished_at")
    list_filter = ("gateway", "begun_at")
    ordering = ("-begun_at",)
    change_list_template = "admin/payments/comparisons.html"

    @admin.display(description=_("differences"))
    def left(self, comparison: BooksComparison) -> int:
        """How many differences are left to explain."""
        return len(comparison.differences)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, with a warning for each gateway that cannot cover what leaves it within a week."""
        found = clearings()
        for each in found:
            if each.short:
                said = gettext("Top up %(gateway)s with at least %(short)s: it does not cover what leaves it soon")
                told = {"gateway": each.gateway, "short": money(each.short)}
                self.message_user(request, said % told, messages.WARNING)
        context = {"clearings": found, "clearing_days": AHEAD.days}
        return super().changelist_view(request, {**(extra_context or {}), **context})


@admin.register(GatewayFee)
class GatewayFeeAdmin(ReadOnlyAdmin[GatewayFee]):
    """What the gateways kept, newest first."""

    list_display = ("at", "gateway", "about", "amount_minor", "currency", "payment", "gateway_id")
    list_filter = ("gateway", "about", "currency", "at")
    search_fields = ("=gateway_id", "=payment__id", "=payment__reservation")
    list_select_related = ("payment",)
    ordering = ("-at",)


@admin.register(BankMovement)
class BankMovementAdmin(ReadOnlyAdmin[BankMovement]):
    """What went to the house's bank account and what came from it, newest first."""

    list_display = ("at", "gateway", "direction", "amount_minor", "currency", "gateway_id")
    list_filter = ("gateway", "direction", "currency", "at")
    search_fields = ("=gateway_id",)
    ordering = ("-at",)

"""Operators see all payouts and bank details; they hold payouts with a reason, let them go, and send them again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from airbnb.admin import ReadOnlyAdmin
from payments import paying_out, services
from payments.models import Clawback, Earning, Payee, Payout, Recovery


class ReasonForm(ActionForm):
    """What an operator says when they hold a payout; the host reads it."""

    reason = forms.CharField(label=_("Reason (the host reads it)"), max_length=200, required=False)


class RecoveryInline(admin.TabularInline[Any, Any]):
    """What was kept back."""

    model = Recovery
    extra = 0
    can_delete = False
    fields = ("clawback", "amount_minor", "created_at")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows are made by services."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """And never changed."""
        return False


@admin.register(Payout)
class PayoutAdmin(ReadOnlyAdmin[Payout]):
    """Payouts, the latest due first."""

    list_display = ("due_at", "reservation", "number", "host", "status", "held_for", "amount_minor", "send_minor",
                    "currency", "failure_code")  # fmt: skip
    list_filter = ("status", "held_for", "currency", "due_at")
    search_fields = ("=id", "=reservation", "=gateway_ref", "=correlation_id", "host__email")
    list_select_related = ("host",)
    inlines = (RecoveryInline,)
    action_form = ReasonForm
    actions = ("send_again", "hold", "let_go", "ask_gateway")
    ordering = ("-due_at",)

    @admin.action(description=_("Send again"))
    def send_again(self, request: HttpRequest, queryset: QuerySet[Payout]) -> None:
        """Try failed payouts once more, under a new key."""
        count = sum(services.send_payout_again(str(payout.pk)) for payout in queryset)
        said = ngettext("%(count)d payout will be sent again", "%(count)d payouts will be sent again", count)
        self.message_user(request, said % {"count": count}, messages.SUCCESS if count else messages.WARNING)

    @admin.action(description=_("Hold, with a reason"))
    def hold(self, request: HttpRequest, queryset: QuerySet[Payout]) -> None:
        """Keep payouts from being sent; what is on its way or sent cannot be held."""
        reason = request.POST.get("reason", "").strip()
        if not reason:
            self.message_user(request, _("Give a reason first"), messages.ERROR)
            return
        held = 0
        for payout in queryset:
            try:
                services.hold_payout(str(payout.pk), f"{reason}")
                held += 1
            except services.PayoutNotOpen as error:
                self.message_user(request, f"{payout}: {error}", messages.WARNING)
            else:
                self.log_change(request, payout, f"hold: {reason}")
        said = ngettext("%(count)d payout is held", "%(count)d payouts are held", held)
        self.message_user(request, said % {"count": held}, messages.SUCCESS if held else messages.WARNING)

    @admin.action(description=_("Let go"))
    def let_go(self, request: HttpRequest, queryset: QuerySet[Payout]) -> None:
        """End the operator's hold."""
        freed = [payout for payout in queryset if services.let_payout_go(str(payout.pk))]
        for payout in freed:
            self.log_change(request, payout, "let go")
        said = ngettext("%(count)d payout is let go", "%(count)d payouts are let go", len(freed))
        self.message_user(request, said % {"count": len(freed)}, messages.SUCCESS if freed else messages.WARNING)

    @admin.action(description=_("Ask the gateway what became of it"))
    def ask_gateway(self, request: HttpRequest, queryset: QuerySet[Payout]) -> None:
        """Settle the chosen payouts now; sends nothing."""
        for payout in queryset[:20]:
            told = paying_out.settle(str(payout.pk)) or payout
            self.message_user(request, f"{payout.reservation}/{payout.number}: {told.status}")


@admin.register(Payee)
class PayeeAdmin(ReadOnlyAdmin[Payee]):
    """Bank details as far as we keep them."""

    list_display = ("created_at", "host", "bank", "last4", "holder", "status", "in_force_from")
    list_filter = ("status", "gateway", "created_at")
    search_fields = ("host__email", "=destination")
    list_select_related = ("host",)
    ordering = ("-created_at",)


@admin.register(Earning)
class EarningAdmin(ReadOnlyAdmin[Earning]):
    """What each reservation brings its host."""

    list_display = ("reservation", "host", "check_in", "gross_minor", "host_minor", "released_host_minor", "currency",
                    "cancelled")  # fmt: skip
    list_filter = ("cancelled", "currency", "check_in")
    search_fields = ("=reservation", "host__email")
    list_select_related = ("host",)
    ordering = ("-id",)


@admin.register(Clawback)
class ClawbackAdmin(ReadOnlyAdmin[Clawback]):
    """What hosts owe or owed for refunds after the release."""

    list_display = ("created_at", "earning", "host", "amount_minor", "recovered_minor", "currency")
    list_filter = ("currency", "created_at")
    search_fields = ("=earning__reservation", "host__email")
    list_select_related = ("earning", "host")
    ordering = ("-id",)

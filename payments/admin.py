"""Operators see all money and change none of it by hand; the actions call services or ask the gateway."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from airbnb.accounts.access import current_user
from airbnb.admin import ReadOnlyAdmin
from airbnb.money import MINOR_DIGITS
from payments import books_admin, charging, gateways, payout_admin, refunding, services, watching
from payments.models import (
    GatewayCall,
    GatewayChange,
    GatewayChoice,
    GatewayState,
    LedgerAccount,
    LedgerEntry,
    LedgerTransaction,
    Payment,
    Refund,
    WebhookMessage,
)
from payments.models.gateway import reason_in_words
from payments.states import MessageState

__all__ = ["books_admin", "payout_admin"]  # registered with this module


class ReadOnlyInline(admin.TabularInline[Any, Any]):
    """Rows under their parent, to look at."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Rows are made by services."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Rows are changed by services."""
        return False


class GatewayCallInline(ReadOnlyInline):
    """What the gateway was asked."""

    model = GatewayCall
    fields = (
        "operation",
        "key",
        "state",
        "amount_minor",
        "attempts",
        "intended_at",
        "sent_at",
        "answered_at",
        "answer",
    )


class RefundInline(ReadOnlyInline):
    """What went back."""

    model = Refund
    fields = (
        "source",
        "status",
        "amount_minor",
        "currency",
        "reason",
        "failure_code",
        "attempts",
        "created_at",
        "done_at",
    )


class EntryInline(ReadOnlyInline):
    """Both sides of a movement."""

    model = LedgerEntry
    fields = ("account", "amount_minor")


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin[Payment]):
    """Payments, newest first."""

    list_display = ("created_at", "reservation", "status", "amount_minor", "refunded_minor", "currency", "guest")
    list_filter = ("status", "gateway", "currency", "surplus", "created_at")
    search_fields = ("=id", "=reservation", "=gateway_ref", "=correlation_id", "guest__email")
    list_select_related = ("guest",)
    inlines = (GatewayCallInline, RefundInline)
    actions = ("ask_gateway",)
    ordering = ("-created_at",)

    @admin.action(description=_("Ask the gateway what became of it"))
    def ask_gateway(self, request: HttpRequest, queryset: QuerySet[Payment]) -> None:
        """Settle the chosen payments now; what is decided stays decided."""
        for payment in queryset[:20]:
            told = charging.settle(str(payment.pk))
            self.message_user(request, f"{payment.reservation}: {told.status}")


@admin.register(Refund)
class RefundAdmin(ReadOnlyAdmin[Refund]):
    """Refunds; failed ones can be sent again."""

    list_display = ("created_at", "payment", "status", "amount_minor", "currency", "reason", "failure_code")
    list_filter = ("status", "currency", "created_at")
    search_fields = ("=id", "=payment__reservation", "=gateway_ref", "=payment__id")
    list_select_related = ("payment",)
    actions = ("send_again", "ask_gateway")
    ordering = ("-created_at",)

    @admin.action(description=_("Send again"))
    def send_again(self, request: HttpRequest, queryset: QuerySet[Refund]) -> None:
        """Try failed refunds once more."""
        count = sum(services.try_refund_again(str(refund.pk)) for refund in queryset)
        said = ngettext("%(count)d refund will be sent again", "%(count)d refunds will be sent again", count)
        self.message_user(request, said % {"count": count}, messages.SUCCESS if count else messages.WARNING)

    @admin.action(description=_("Ask the gateway what became of it"))
    def ask_gateway(self, request: HttpRequest, queryset: QuerySet[Refund]) -> None:
        """Settle the chosen refunds now."""
        for refund in queryset[:20]:
            told = refunding.settle(str(refund.pk))
            self.message_user(request, f"{refund.pk}: {told.status}")


@admin.register(LedgerTransaction)
class LedgerTransactionAdmin(ReadOnlyAdmin[LedgerTransaction]):
    """Every movement of money with both its sides."""

    list_display = ("occurred_at", "source_type", "source_id", "reservation")
    list_filter = ("source_type", "occurred_at")
    search_fields = ("=reservation", "=source_id", "=correlation_id")
    inlines = (EntryInline,)
    ordering = ("-id",)


@admin.register(LedgerAccount)
class LedgerAccountAdmin(ReadOnlyAdmin[LedgerAccount]):
    """The accounts."""

    list_display = ("kind", "owner", "currency")
    list_filter = ("kind", "currency")
    search_fields = ("owner",)


@admin.register(WebhookMessage)
class WebhookMessageAdmin(ReadOnlyAdmin[WebhookMessage]):
    """What gateways told us; parked messages can be worked on again."""

    list_display = ("received_at", "gateway", "kind", "state", "attempts", "done_at", "last_error")
    list_filter = ("state", "gateway", "kind", "received_at")
    search_fields = ("=event_id", "payload__data__object__id", "payload__data__object__metadata__reservation")
    actions = ("work_again",)
    ordering = ("-id",)

    @admin.action(description=_("Work on it again"))
    def work_again(self, request: HttpRequest, queryset: QuerySet[WebhookMessage]) -> None:
        """Put parked messages back into the queue."""
        parked = queryset.filter(state=MessageState.PARKED)
        for message in parked:
            services.work_message_again(message.pk)
        said = ngettext("%(count)d message waits again", "%(count)d messages wait again", len(parked))
        self.message_user(request, said % {"count": len(parked)})


class GatewayChoiceForm(forms.ModelForm[GatewayChoice]):
    """A currency and one of the gateways that can take it."""

    currency = forms.ChoiceField(label=_("currency"), choices=[(each, each) for each in MINOR_DIGITS])
    gateway = forms.ChoiceField(label=_("gateway"), choices=lambda: [(each, each) for each in gateways.names()])

    class Meta:
        model = GatewayChoice
        fields = ("currency", "gateway")

    def clean(self) -> dict[str, Any]:
        """The gateway has a key and takes the currency."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if {"currency", "gateway"} <= set(given) and not gateways.takes(
            gateways.named(given["gateway"]), given["currency"]
        ):
            self.add_error("gateway", _("This gateway has no key, or does not take this currency"))
        return given


@admin.register(GatewayChoice)
class GatewayChoiceAdmin(admin.ModelAdmin[GatewayChoice]):
    """Which gateway takes which currency, from the next payment on; without a row the setting decides."""

    form = GatewayChoiceForm
    list_display = ("currency", "gateway", "changed_at")
    ordering = ("currency",)

    def get_readonly_fields(self, request: HttpRequest, obj: GatewayChoice | None = None) -> tuple[str, ...]:
        """The currency of a row stays what it is."""
        return ("currency",) if obj else ()

    def save_model(self, request: HttpRequest, obj: GatewayChoice, form: Any, change: bool) -> None:
        """Through the service."""
        saved = services.choose_gateway(currency=obj.currency, gateway=obj.gateway)
        obj.pk, obj.changed_at = saved.pk, saved.changed_at


class ForceForm(forms.Form):
    """What an operator wants of a gateway, and why."""

    forced = forms.ChoiceField(
        label=_("Payments through this gateway"),
        choices=[
            ("open", _("Stop them: holds are kept and guests pay later")),
            ("closed", _("Let every call through, whatever comes back")),
            ("", _("Leave it to the breaker")),
        ],
        widget=forms.RadioSelect,
        required=False,
    )
    reason = forms.CharField(label=_("Reason, for the record"), max_length=200)


class ChangeInline(ReadOnlyInline):
    """What happened to the gateway, newest first."""

    model = GatewayChange
    fields = ("at", "rests", "state", "forced", "why", "by")
    readonly_fields = fields
    verbose_name_plural = _("History")

    @admin.display(description=_("reason"))
    def why(self, row: GatewayChange) -> str:
        """The reason, in the reader's words where it is one of ours."""
        return reason_in_words(row.reason)


@admin.register(GatewayState)
class GatewayStateAdmin(ReadOnlyAdmin[GatewayState]):
    """How each gateway stands; an operator may stop it or let every call through, with a reason."""

    list_display = ("gateway", "standing", "since", "why", "forced", "forced_by")
    fields = ("gateway", "state", "since", "rested_at", "why", "forced", "forced_by", "forced_at", "epoch")
    readonly_fields = ("why",)
    list_select_related = ("forced_by",)
    inlines = (ChangeInline,)
    change_form_template = "admin/payments/gateway.html"

    @admin.display(description=_("Standing"))
    def standing(self, row: GatewayState) -> str:
        """Whether payments are taken, in a word."""
        return str(GatewayState.State.OPEN.label if row.rests else GatewayState.State.CLOSED.label)

    @admin.display(description=_("reason"))
    def why(self, row: GatewayState) -> str:
        """The reason, in the reader's words where it is one of ours."""
        return reason_in_words(row.reason)

    def get_urls(self) -> list[Any]:
        """One page more: the decision, with its reason."""
        decide = self.admin_site.admin_view(self.decide)
        return [path("<path:gateway>/decision/", decide, name="payments_gateway_decision"), *super().get_urls()]

    def decide(self, request: HttpRequest, gateway: str) -> HttpResponse:
        """Ask what is wanted and why; then do it, keep who did it, and have the breaker follow at once."""
        row = GatewayState.objects.filter(pk=gateway).first()
        if row is None or not self.has_view_permission(request, row):
            raise Http404
        form = ForceForm(request.POST or None, initial={"forced": row.forced})
        if request.method == "POST" and form.is_valid():
            return self._decided(request, row, form.cleaned_data["forced"], form.cleaned_data["reason"])
        context = {
            **self.admin_site.each_context(request),
            "form": form,
            "row": row,
            "why": self.why(row),
            "title": row.gateway,
        }
        return render(request, "admin/payments/decision.html", context, status=422 if form.errors else 200)

    def _decided(self, request: HttpRequest, row: GatewayState, forced: str, reason: str) -> HttpResponse:
        services.force_gateway(gateway=row.gateway, forced=forced, operator=current_user(request), reason=reason)
        watching.obey(row.gateway)
        self.log_change(request, row, f"{forced or 'breaker'}: {reason}")
        self.message_user(request, _("%(gateway)s: done") % {"gateway": row.gateway}, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:payments_gatewaystate_change", args=[row.gateway]))

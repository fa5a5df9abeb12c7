"""Reservations for operators: find, look, and act through the same services as everybody."""

from __future__ import annotations

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from airbnb.accounts.models import User
from airbnb.admin import ReadOnlyAdmin
from airbnb.errors import DomainError
from reservations import services
from reservations.grace_admin import GracePage
from reservations.models import Alteration, Reservation, Transition, Trip


class ReasonForm(ActionForm):
    """Beside the choice of an action: why, where the action asks for it."""

    reason = forms.CharField(label=_("Reason"), max_length=300, required=False)


class TransitionInline(admin.TabularInline[Transition, Reservation]):
    """The diary under its reservation."""

    model = Transition
    extra = 0
    can_delete = False
    fields = ("version", "from_status", "to_status", "at", "actor", "actor_id", "reason", "correlation_id")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest, obj: Reservation | None = None) -> bool:
        """The database writes the diary."""
        return False


@admin.register(Reservation)
class ReservationAdmin(GracePage):
    """Search by code, people and room; cancel, give something back, decline requests in the host's place."""

    list_display = ("code", "status", "guest", "host", "room_code", "check_in", "check_out", "total_minor", "currency")
    list_filter = ("status", "cancelled_by", "cancellation_policy", "currency", "check_in")
    search_fields = ("code", "guest__email", "guest__name", "host__email", "host__name", "room_code", "room_slug")
    list_select_related = ("guest", "host")
    date_hierarchy = "check_in"
    ordering = ("-created_at",)
    inlines = (TransitionInline,)
    actions = ("cancel_with_everything_back", "decline_requests")
    action_form = ReasonForm

    @admin.action(description=_("Cancel and give everything back"))
    def cancel_with_everything_back(self, request: HttpRequest, queryset: QuerySet[Reservation]) -> None:
        """As the operator: the guest gets all of it, whatever the policy; each on its own."""
        assert isinstance(request.user, User)
        for reservation in queryset:
            try:
                services.cancel_as_operator(reservation.code, request.user, reason=str(_("Cancelled by Binbang")))
            except DomainError as refused:
                self.message_user(request, f"{reservation.code}: {refused}", messages.WARNING)
            else:
                self.message_user(request, _("%s was cancelled.") % reservation.code, messages.SUCCESS)

    @admin.action(description=_("Decline the request (write the reason beside)"))
    def decline_requests(self, request: HttpRequest, queryset: QuerySet[Reservation]) -> None:
        """As the operator, with a reason that the guest reads; each on its own."""
        assert isinstance(request.user, User)
        reason = request.POST.get("reason", "").strip()
        if not reason:
            self.message_user(request, _("Write why: the guest reads it."), messages.ERROR)
            return
        for reservation in queryset:
            try:
                services.decline_as_operator(reservation.code, request.user, reason=reason)
            except DomainError as refused:
                self.message_user(request, f"{reservation.code}: {refused}", messages.WARNING)
            else:
                self.message_user(request, _("%s was declined.") % reservation.code, messages.SUCCESS)


@admin.register(Alteration)
class AlterationAdmin(ReadOnlyAdmin[Alteration]):
    """Proposed changes, whatever became of them."""

    list_display = ("code", "reservation", "status", "proposed_by", "check_in", "check_out", "difference_minor")
    list_filter = ("status", "proposed_by")
    search_fields = ("code", "reservation__code")
    list_select_related = ("reservation",)
    ordering = ("-created_at",)


@admin.register(Trip)
class TripAdmin(ReadOnlyAdmin[Trip]):
    """The read model, to compare with its source."""

    list_display = ("reservation_id", "status", "payment_status", "check_in", "check_out", "revision", "last_event_at")
    list_filter = ("status", "payment_status")
    search_fields = ("reservation_id", "room_code", "room_slug")
    ordering = ("-created_at",)

"""Reviews for operators: look, search, and hide with a reason."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from airbnb.admin import ReadOnlyAdmin
from airbnb.errors import DomainError
from reviews import services
from reviews.models import Answer, Review, ReviewWindow


class ReasonForm(ActionForm):
    """The actions' form with the reason that the author will read."""

    reason = forms.CharField(label=gettext_lazy("Reason"), required=False, max_length=500)


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin[Review]):
    """What was written; withholding it needs a reason."""

    action_form = ReasonForm
    actions = ("hide",)
    list_display = ("id", "window", "direction", "author", "subject", "rating", "state", "created_at")
    list_filter = ("state", "direction", "rating", "created_at")
    list_select_related = ("window", "author", "subject")
    search_fields = ("=window__reservation", "=window__room_code", "author__email", "subject__email", "text")
    date_hierarchy = "created_at"

    @admin.action(description=gettext_lazy("Hide, with a reason"))
    def hide(self, request: HttpRequest, queryset: QuerySet[Review]) -> None:
        """Withhold the chosen reviews; the reason goes to their authors."""
        reason: Any = request.POST.get("reason", "")
        hidden = 0
        for review in queryset:
            try:
                services.hide_review(review_id=review.pk, reason=reason)
                hidden += 1
            except DomainError as error:
                self.message_user(request, f"{review.pk}: {error}", messages.ERROR)
        if hidden:
            self.message_user(request, _("Hidden: %(count)s") % {"count": hidden})


@admin.register(ReviewWindow)
class ReviewWindowAdmin(ReadOnlyAdmin[ReviewWindow]):
    """Stays that can be, or could be, reviewed."""

    list_display = ("reservation", "room_code", "guest", "host", "check_out", "closes_at")
    list_select_related = ("guest", "host")
    search_fields = ("=reservation", "=room_code", "guest__email", "host__email")
    list_filter = ("closes_at",)


@admin.register(Answer)
class AnswerAdmin(ReadOnlyAdmin[Answer]):
    """Public answers to reviews."""

    list_display = ("review", "answered_at", "language")
    list_select_related = ("review",)
    search_fields = ("=review__window__reservation", "text")

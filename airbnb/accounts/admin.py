"""Operators find people, close accounts and see tokens; passwords and digests are never shown."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from airbnb.accounts.access import current_user
from airbnb.accounts.models import ApiToken, User
from airbnb.admin import ReadOnlyAdmin


@admin.register(User)
class UserAdmin(ReadOnlyAdmin[User]):
    """Accounts: looked up, suspended and let back in."""

    list_display = ("email", "name", "is_host", "is_operator", "is_active", "language", "joined_at")
    list_filter = ("is_host", "is_operator", "is_active", "language")
    search_fields = ("email", "name", "=code", "phone")
    ordering = ("-joined_at",)
    fields = (
        "code", "email", "name", "phone", "language", "currency", "is_host", "is_operator", "is_active",
        "joined_at", "last_login",
    )  # fmt: skip
    actions = ("suspend", "let_back_in")

    @admin.action(description=_("Suspend"))
    def suspend(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Stop these accounts from signing in; an operator cannot lock themselves out."""
        queryset.exclude(pk=current_user(request).pk).update(is_active=False)

    @admin.action(description=_("Let back in"))
    def let_back_in(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Undo a suspension."""
        queryset.update(is_active=True)


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin[ApiToken]):
    """Which tokens stand open."""

    list_display = ("prefix", "user", "scopes", "made_at", "last_used_at", "revoked_at")
    list_select_related = ("user",)
    search_fields = ("prefix", "user__email")
    fields = readonly_fields = ("user", "name", "prefix", "scopes", "made_at", "last_used_at", "revoked_at")

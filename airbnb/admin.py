"""What every page of the operators' site shares: read-only by default."""

from __future__ import annotations

from typing import Any, TypeVar

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from airbnb.admin_words import name_fields

M = TypeVar("M", bound=Model)


class ReadOnlyAdmin(admin.ModelAdmin[M]):
    """Operators may look, search and run the listed actions (which call services), but not edit rows."""

    def __init__(self, model: type[M], admin_site: admin.AdminSite) -> None:
        super().__init__(model, admin_site)
        for shown in (model, *(inline.model for inline in self.inlines)):
            name_fields(shown)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Rows are made by services."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows are changed by services. Actions stay offered to whoever may view."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is deleted here."""
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """The listed actions, offered to whoever may view (Django offers them to editors only by default)."""
        return super().get_actions(request) if self.has_view_permission(request) else {}

"""Operators see when everything was checked and what was found; nothing can be changed."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from airbnb.admin import ReadOnlyAdmin
from airbnb.invariants.models import CheckRun, StandingFinding


@admin.register(CheckRun)
class CheckRunAdmin(ReadOnlyAdmin[CheckRun]):
    """The runs, newest first."""

    list_display = ("begun_at", "finished_at", "seconds", "checked", "broken", "unanswered")
    list_filter = ("broken", "begun_at")
    ordering = ("-begun_at",)


class StillStands(admin.SimpleListFilter):
    """What is broken now, or was once."""

    title = _("state")
    parameter_name = "stands"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Two ways to look."""
        return [("yes", _("broken now")), ("no", _("holds again"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[StandingFinding]) -> QuerySet[StandingFinding]:
        """Filter by it."""
        if self.value() is None:
            return queryset
        return queryset.filter(gone_at__isnull=self.value() == "yes")


@admin.register(StandingFinding)
class StandingFindingAdmin(ReadOnlyAdmin[StandingFinding]):
    """Broken invariants with their first rows."""

    list_display = ("name", "says", "count", "first_seen_at", "last_seen_at", "gone_at")
    list_filter = (StillStands, "first_seen_at")
    search_fields = ("name", "says")
    fields = ("name", "says", "count", "first_seen_at", "last_seen_at", "gone_at", "shown_rows")
    readonly_fields = ("shown_rows",)

    @admin.display(description=_("first rows"))
    def shown_rows(self, finding: StandingFinding) -> SafeString:
        """The rows as they were read, one under the other."""
        lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in finding.rows)
        return format_html("<pre>{}</pre>", lines)

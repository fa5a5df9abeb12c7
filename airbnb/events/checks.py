"""``manage.py check --database default``: views that another version built, or that differ from their events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import connection

from airbnb.events import projections
from airbnb.events.models import ViewState


@register(Tags.database)
def views_are_current(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Warnings only: the site works meanwhile, and the timer rebuilds what is outdated by itself."""
    if not databases or ViewState._meta.db_table not in connection.introspection.table_names():
        return []  # migrate asks as well, before there is a table
    old: list[CheckMessage] = [
        Warning(
            f"{name} was built by an older version of its projection",
            hint=f"manage.py rebuild {name}",
            id="events.W001",
        )
        for name in projections.outdated()
    ]
    drifted: list[CheckMessage] = [
        Warning(f"{state.name} differs from its events: {state.drifted_keys}", id="events.W002")
        for state in ViewState.objects.filter(drifted__gt=0)
    ]
    return old + drifted

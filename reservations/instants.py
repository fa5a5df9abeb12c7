"""Instants as events and the HTTP contract carry them."""

from __future__ import annotations

from datetime import UTC, datetime


def iso(at: datetime | None) -> str:
    """ISO 8601 in UTC with a Z; empty for none."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else ""

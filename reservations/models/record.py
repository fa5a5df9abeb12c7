"""The record as events carry it and as views give it back: plain JSON values, by field, at one revision.

What seldom changes and is long (lines, rules, words) travels only with the change that made it; the rest with every
event. So a view knows all that a page shows, from events alone, whatever the order in which they come.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from reservations.models.reservation import Reservation

SELDOM = frozenset(
    {
        "lines",
        "house_rules_i18n",
        "message",
        "contact_name",
        "contact_phone",
        "cancel_reason",
        "refund_lines",
        "graced_lines",
    }
)
# The room's name and picture are shown as they are today; the row's number is nobody's business outside.
LEFT_OUT = frozenset({"id", "room_title_i18n", "room_cover", "room_slug"})


def record_of(reservation: Reservation) -> dict[str, Any]:
    """Its fields as plain JSON; of the long ones those that this object has just set, and all when it is new."""
    new = reservation.version == 1
    return {
        field.attname: _plain(getattr(reservation, field.attname))
        for field in reservation._meta.concrete_fields
        if field.attname not in LEFT_OUT
        and (field.attname not in SELDOM or new or field.attname in reservation.just_set)
    }


def copy_of(record: dict[str, Any]) -> dict[str, Any]:
    """Values for the fields of a reservation from what was told; names that this release does not know are left out."""
    from reservations.models.reservation import Reservation

    fields = {field.attname: field for field in Reservation._meta.concrete_fields}
    return {name: fields[name].to_python(value) for name, value in record.items() if name in fields}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value

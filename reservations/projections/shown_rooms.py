"""The room as it is called and looks today, on trips and for trips that are built later."""

from __future__ import annotations

from typing import Any

from django.db.models import F

from airbnb.events.bus import Envelope, envelope, when
from reservations.models import ShownRoom, Trip
from rooms.events import RoomModified, RoomRegistered


@when(RoomRegistered)
def remember_room(event: RoomRegistered) -> None:
    """Keep the room's title and picture for trips that are built later."""
    _room_seen(event)


@when(RoomModified)
def show_room_modified(event: RoomModified) -> None:
    """Trips show the room as it is called and looks today."""
    _room_seen(event)


def _room_seen(event: Any) -> None:
    about: Envelope = envelope()
    shown = {
        "room_slug": event.slug,
        "room_title_i18n": event.title_i18n,
        "room_cover": event.cover,
    }
    row, made = ShownRoom.objects.select_for_update().get_or_create(
        room_id=event.room_id, defaults={**shown, "as_of": about.occurred_at}
    )
    if not made and row.as_of < about.occurred_at:
        ShownRoom.objects.filter(pk=row.pk).update(**shown, as_of=about.occurred_at)
    elif not made:
        return
    older = Trip.objects.filter(room_id=event.room_id).exclude(room_as_of__gte=about.occurred_at)
    older.update(**shown, room_as_of=about.occurred_at, changes=F("changes") + 1)

"""Register, edit, publish, pause and take down a room."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from airbnb import clock
from airbnb.accounts.models import User
from airbnb.db import write
from airbnb.errors import Conflict, Forbidden
from rooms.events import RoomModified, RoomRegistered
from rooms.models import Night, Photo, Room, SearchIndex
from rooms.services.telling import locked_room, tell, tell_deleted
from rooms.services.terms import columns

_ROLL_AFTER = timedelta(days=3)


class StaysAhead(Conflict):
    """A room cannot go while somebody has booked it; ``reservations`` names them."""

    code = "stays_ahead"
    title = _("Guests have booked this room; it can be taken down after the last stay")


class NotReadyToList(Conflict):
    """Something is missing before guests may book; ``missing`` names it."""

    code = "not_ready_to_list"
    title = _("Something is missing before guests can book this room")


def register_room(*, host: User, language: str | None = None, **fields: Any) -> Room:
    """Register a host's new room, as a draft unless ``status`` says otherwise; publishes RoomRegistered.

    ``fields`` are those of the HTTP contract; sums are Money, texts one language or ``…_i18n`` (rooms.services.terms).
    Raises Invalid, NotReadyToList, or Forbidden for somebody who is no host.
    """
    if not host.is_host:
        raise Forbidden(_("Become a host first"))
    room = Room(host=host, **columns(fields, language or host.language))
    with write():
        if room.status == Room.Status.ARCHIVED:
            room.status = Room.Status.DRAFT
        _require_ready(room)
        room.register()
        tell(room, RoomRegistered)
    return room


def edit_room(*, room_id: int, host_id: int, language: str, version: int | None = None, **fields: Any) -> Room:
    """Change the given fields of the host's room; nothing happens when all are as they were.

    ``version`` refuses an edit of a state the host has not seen (Conflict). Publishes RoomModified, or RoomDeleted
    when ``status`` is archived. Raises Invalid, NotReadyToList, StaysAhead, NotFound.
    """
    with write():
        room = locked_room(room_id, host_id)
        if version is not None and version != room.version:
            raise Conflict(_("Somebody else changed this room meanwhile"), version=room.version)
        wanted = columns(fields, language, room)
        changes = {name: value for name, value in wanted.items() if getattr(room, name) != value}
        if changes.get("status") == Room.Status.ARCHIVED:
            _archive(room)
        elif changes:
            _apply(room, changes)
            tell(room, RoomModified)
    return room


def publish_room(*, room_id: int, host_id: int) -> Room:
    """Take bookings from now on; again does nothing. Raises NotReadyToList, NotFound."""
    return edit_room(room_id=room_id, host_id=host_id, language="ko", status=Room.Status.LISTED)


def pause_room(*, room_id: int, host_id: int) -> Room:
    """Take no new bookings for a while; stays that were booked go on. Again does nothing."""
    return edit_room(room_id=room_id, host_id=host_id, language="ko", status=Room.Status.PAUSED)


def archive_room(*, room_id: int, host_id: int) -> None:
    """Take the room down for good (F1); publishes RoomDeleted. Raises StaysAhead while stays lie ahead, NotFound.

    Locks the room's row against new nights, so no stay can slip in meanwhile.
    """
    with write():
        locked_room(room_id, host_id)
        _archive(Room.objects.get(pk=room_id))


def roll_calendars(batch: int = 500) -> int:
    """Let every search calendar begin today again; returns how many were drawn anew. One transaction per batch."""
    done = 0
    old = SearchIndex.objects.filter(starts_on__lt=clock.now().date() - _ROLL_AFTER).order_by("pk")
    while ids := list(old.values_list("pk", flat=True)[:batch]):
        with write():
            SearchIndex.objects.redraw(ids)
        done += len(ids)
    return done


def _apply(room: Room, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        setattr(room, name, value)
    _require_ready(room)
    room.edit(changes)


def _archive(room: Room) -> None:
    # A full row lock waits for nights being taken now and holds off new ones (their foreign key wants the row).
    locked = Room.objects.select_for_update().get(pk=room.pk)
    ahead = Night.objects.filter(room_id=room.pk).reserved_from(clock.today_in(locked.time_zone))
    codes = sorted(set(ahead.values_list("reservation", flat=True)))
    if codes:
        raise StaysAhead(reservations=codes)
    locked.archive()
    room.status, room.version = locked.status, locked.version
    tell_deleted(locked)


def _require_ready(room: Room) -> None:
    if room.status != Room.Status.LISTED:
        return
    missing = [] if room.base_price_minor else ["base_price"]
    if settings.BINBANG.get("REQUIRE_PHOTOS") and not _has_photo(room):
        missing.append("photos")
    if missing:
        raise NotReadyToList(missing=missing)


def _has_photo(room: Room) -> bool:
    return room.pk is not None and room.photos.filter(state=Photo.State.READY).exists()

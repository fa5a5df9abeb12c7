"""What every change of a room ends with: the search index is brought up to it and the fact is published."""

from __future__ import annotations

from airbnb.errors import NotFound
from airbnb.events.bus import publish
from rooms.events import RoomDeleted, RoomFact, RoomModified
from rooms.models import Room, SearchIndex
from rooms.texts import both


def locked_room(room_id: int, host_id: int) -> Room:
    """The host's own room, locked until the transaction ends; raises NotFound for anyone else's or one taken down.

    The lock lets nights be taken meanwhile: it does not collide with their foreign key.
    """
    found = Room.objects.select_for_update(no_key=True).filter(pk=room_id, host_id=host_id).kept().first()
    if found is None:
        raise NotFound()
    return found


def tell(room: Room, event: type[RoomFact] = RoomModified) -> None:
    """Index the room and publish how it is now."""
    room = Room.objects.prefetch_related("photos").get(pk=room.pk)
    SearchIndex.objects.write(room)
    publish(
        event(
            room_id=room.pk,
            room_code=room.code,
            slug=room.slug,
            host_id=room.host_id,
            title_i18n=both(room.title_i18n),
            kind=room.kind,
            city=room.city,
            status=room.status,
            cover=room.cover,
            capacity=room.capacity,
            base_price_minor=room.base_price_minor,
            currency=room.currency,
            cancellation_policy=room.cancellation_policy,
            time_zone=room.time_zone,
        )
    )


def tell_deleted(room: Room) -> None:
    """Take the room out of the search and publish that it is gone."""
    SearchIndex.objects.write(room)
    publish(
        RoomDeleted(
            room_id=room.pk,
            room_code=room.code,
            slug=room.slug,
            host_id=room.host_id,
            title_i18n=both(room.title_i18n),
        )
    )

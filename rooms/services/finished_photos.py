"""Photographs whose sizes are made already: for the demonstration and for imports, without the worker's part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from airbnb.db import write
from rooms.photos import Rendition
from rooms.services.photos import _append, _stored
from rooms.services.telling import locked_room, tell
from rooms.texts import Texts


@dataclass(frozen=True, slots=True)
class FinishedPhoto:
    """The three sizes by nominal width, as :func:`rooms.photos.render` makes them, and what is to be seen."""

    renditions: Mapping[int, Rendition]
    alt_i18n: Texts


def add_finished_photos(*, room_id: int, host_id: int, photos: Sequence[FinishedPhoto]) -> int:
    """Put these at the end of a room's photographs; returns how many. Each room gets files of its own.

    Publishes RoomModified once. Raises TooManyPhotos, NotFound.
    """
    with write():
        room = locked_room(room_id, host_id)
        for each in photos:
            photo = _append(room, "", each.alt_i18n)
            photo.show({str(width): _stored(photo, width, size) for width, size in each.renditions.items()})
        if photos:
            tell(room)
    return len(photos)

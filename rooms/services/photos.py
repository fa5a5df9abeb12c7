"""Photographs of a room: taken in, worked into sizes by a task, described, ordered, removed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import IO, Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from airbnb import broker, clock
from airbnb.codes import new_code, new_id
from airbnb.db import forbid_transaction, write
from airbnb.errors import Conflict, Invalid, NotFound
from rooms import photos
from rooms.models import Photo, Room
from rooms.photos import NotAPicture, Rendition
from rooms.services.telling import locked_room, tell
from rooms.texts import Texts

MOST_PHOTOS = 30
# So often is a photograph tried that ends its worker or cannot be stored; one a minute when nothing else wakes it.
MOST_ATTEMPTS = 10


class TooManyPhotos(Conflict):
    """A room shows thirty photographs at most."""

    code = "too_many_photos"
    title = _("A room can have 30 photographs at most")


def add_photo(*, room_id: int, host_id: int, file: IO[bytes], size: int, alt_i18n: Texts | None = None) -> Photo:
    """Take in an upload: judged by its header now, worked into sizes by a task after commit.

    The original waits under a name nobody can guess and is deleted afterwards. Raises NotAPicture, TooManyPhotos.
    """
    photos.check(file, size)
    kept = default_storage.save(f"incoming/{new_id().hex}.upload", File(file))
    try:
        with write():
            room = locked_room(room_id, host_id)
            photo = _append(room, kept, alt_i18n or {})
            transaction.on_commit(partial(_enqueue, photo.pk), robust=True)
    except BaseException:
        default_storage.delete(kept)
        raise
    return photo


def process_photo(photo_id: int) -> None:
    """Make the sizes of an uploaded photograph and let the original go; done once, again does nothing.

    Decoding happens outside any transaction. A file that is no picture after all, or that failed in
    any way MOST_ATTEMPTS times, makes the photo ``refused``. Storage that cannot be read raises and does not count.
    """
    forbid_transaction("the work on a photograph")
    photo = Photo.objects.select_related("room").filter(pk=photo_id, state=Photo.State.PROCESSING).first()
    if photo is None:
        return
    try:
        with default_storage.open(photo.original) as original:
            data = original.read()
        if photo.attempt() > MOST_ATTEMPTS:
            raise NotAPicture("unreadable")
        renditions = photos.render(data)
    except (NotAPicture, FileNotFoundError) as error:
        _refuse(photo, getattr(error, "because", "unreadable"))
        return
    _show(photo, {str(width): _stored(photo, width, each) for width, each in renditions.items()})


def edit_photo(
    *, room_id: int, host_id: int, code: str, alt_i18n: Texts | None = None, position: int | None = None
) -> Photo:
    """Describe a photograph, move it to a place (0 is the cover), or both. Raises NotFound, Invalid."""
    with write():
        room = locked_room(room_id, host_id)
        photo = _photo(room, code)
        if alt_i18n is not None:
            photo.describe({**photo.alt_i18n, **alt_i18n})
        if position is not None:
            rest = [each for each in room.photos.all() if each.pk != photo.pk]
            if not 0 <= position <= len(rest):
                raise Invalid({"position": [_("There is no such place")]})
            rest.insert(position, photo)
            _stand(rest)
        tell(room)
    return _photo(room, code)


def order_photos(*, room_id: int, host_id: int, codes: Sequence[str]) -> None:
    """Put all photographs in this order; the first becomes the cover. Raises Invalid unless each is named once."""
    with write():
        room = locked_room(room_id, host_id)
        by_code = {photo.code: photo for photo in room.photos.all()}
        if sorted(codes) != sorted(by_code):
            raise Invalid({"order": [_("Name every photograph once")]})
        _stand([by_code[code] for code in codes])
        tell(room)


def delete_photo(*, room_id: int, host_id: int, code: str) -> None:
    """Remove a photograph and, after commit, its files. Raises NotFound."""
    with write():
        room = locked_room(room_id, host_id)
        photo = _photo(room, code)
        paths = [size["path"] for size in photo.sizes.values()] + [photo.original]
        photo.delete()
        _stand(list(room.photos.all()))
        tell(room)
        transaction.on_commit(partial(_delete_files, paths), robust=True)


def waiting_photos(older_than_s: int = 60) -> int:
    """Enqueue again the photographs whose task a lost broker swallowed, oldest first; returns how many."""
    since = clock.now() - timedelta(seconds=older_than_s)
    waiting = Photo.objects.filter(state=Photo.State.PROCESSING, added_at__lt=since).order_by("added_at", "pk")
    ids = list(waiting.values_list("pk", flat=True)[:100])
    for photo_id in ids:
        _enqueue(photo_id)
    return len(ids)


def _append(room: Room, kept: str, alt_i18n: Texts) -> Photo:
    taken = list(room.photos.values_list("position", flat=True))
    if len(taken) >= MOST_PHOTOS:
        raise TooManyPhotos()
    place = max(taken, default=-1) + 1
    photo = Photo(code=new_code("P", 9), room=room, position=place, alt_i18n=alt_i18n, original=kept)
    photo.save(force_insert=True)
    return photo


def _enqueue(photo_id: int) -> None:
    from rooms.tasks import process_photo as task

    broker.send(task, [photo_id], queue="media")


def _photo(room: Room, code: str) -> Photo:
    found = room.photos.filter(code=code).first()
    if found is None:
        raise NotFound()
    return found


def _stand(ordered: list[Photo]) -> None:
    # The constraint on (room, position) is checked at commit, so places may meet on the way.
    for position, photo in enumerate(ordered):
        if photo.position != position:
            photo.move(position)


def _stored(photo: Photo, width: int, rendition: Rendition) -> dict[str, Any]:
    path = f"rooms/{photo.room.code}/{photo.code}-{width}-{new_code(length=6)}.webp"
    kept = default_storage.save(path, ContentFile(rendition.data))
    return {"path": kept, "width": rendition.width, "height": rendition.height}


def _show(photo: Photo, sizes: dict[str, Any]) -> None:
    original = photo.original
    with write():
        room = Room.objects.select_for_update(no_key=True).get(pk=photo.room_id)
        current = Photo.objects.select_for_update().filter(pk=photo.pk, state=Photo.State.PROCESSING).first()
        if current is not None:
            current.show(sizes)
            tell(room)
    # Deleted meanwhile, or another worker was first: these files belong to nobody.
    _delete_files([original] if current else [size["path"] for size in sizes.values()])


def _refuse(photo: Photo, because: str) -> None:
    original = photo.original
    with write():
        current = Photo.objects.select_for_update().filter(pk=photo.pk, state=Photo.State.PROCESSING).first()
        if current is not None:
            current.refuse(because)
    _delete_files([original])


def _delete_files(paths: Sequence[str]) -> None:
    for path in paths:
        if path:
            default_storage.delete(path)

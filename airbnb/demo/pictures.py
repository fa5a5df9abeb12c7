"""Drawn photographs for the rooms: each scene is drawn and cut to its sizes once, by processes of their own."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor

from airbnb.demo.drawing import sizes_of
from airbnb.demo.places import Place, words
from rooms.models import Room
from rooms.photos import Rendition
from rooms.services.finished_photos import FinishedPhoto, add_finished_photos

Sizes = Mapping[int, Rendition]
PROCESSES = 2


class Studio:
    """Draws scenes beside the work of the caller: ``begin`` early, ``hang`` when the pictures are needed."""

    def __init__(self) -> None:
        # A fresh interpreter each: forked ones would share the caller's database connection.
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(PROCESSES, mp_context=context)
        self._drawn: dict[str, Future[Sizes]] = {}

    def begin(self, names: Iterable[str]) -> None:
        """Start to draw these scenes, each once."""
        for name in names:
            if name not in self._drawn:
                self._drawn[name] = self._pool.submit(sizes_of, name)

    def hang(self, room: Room, place: Place) -> int:
        """Give the room its photographs, waiting for those that are not drawn yet; returns how many."""
        finished = [FinishedPhoto(self._drawn[name].result(), _alt(name)) for name in place.pictures]
        return add_finished_photos(room_id=room.pk, host_id=room.host_id, photos=finished)

    def close(self) -> None:
        """Let the processes go."""
        self._pool.shutdown(cancel_futures=True)


def without_photos(rooms: Sequence[tuple[Room, Place]]) -> list[tuple[Room, Place]]:
    """The rooms that have no photograph yet."""
    return [(room, place) for room, place in rooms if not room.photos.exists()]


def _alt(name: str) -> dict[str, str]:
    ko, en = words()["alt"][name]
    return {"ko": ko, "en": en}

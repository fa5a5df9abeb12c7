"""The parts of this context's views, room by room: made anew from events (or the room itself) for comparing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db.models import Model
from django.db.models.functions import Random

from airbnb.events.models import StoredEvent
from airbnb.events.projections import Parts, replay
from rooms.models import RoomAnswer, RoomReview, RoomStay, RoomView, SearchIndex

Listeners = Sequence[Callable[[Any], None]]


def of_rooms(listeners: Listeners) -> Parts:
    """RoomView with the stays, reviews and answers of the room."""

    def redo(room_id: int) -> None:
        view = RoomView.locked(room_id)
        stays = list(RoomStay.objects.filter(room_id=room_id).values_list("pk", flat=True))
        about = [each for each in (view.room_code, *stays) if each]
        RoomAnswer.objects.filter(review_id__in=_reviews(room_id)).delete()
        for model in (RoomStay, RoomReview):
            model.objects.filter(room_id=room_id).delete()
        RoomView.objects.filter(pk=room_id).delete()
        replay(StoredEvent.objects.filter(subject__in=about).order_by("occurred_at", "id"), listeners)

    def rows(room_id: int) -> list[dict[str, Any]]:
        found = [*_plain(RoomView, pk=room_id), *_plain(RoomStay, room_id=room_id)]
        return [*found, *_plain(RoomReview, room_id=room_id), *_plain(RoomAnswer, review_id__in=_reviews(room_id))]

    return Parts(all=lambda: _ids(RoomView), redo=redo, rows=rows, sample=lambda share: _some(RoomView, share))


def of_index(write: Callable[[Iterable[int]], None]) -> Parts:
    """SearchIndex, which comes from the room, its nights and its reviews; ``write`` writes entries of rooms.

    A calendar is drawn from the day on which it begins: that it was last drawn some days ago is no difference, only
    rolling or a change of nights lets it begin today.
    """

    def redo(room_id: int) -> None:
        write([room_id])
        SearchIndex.objects.redraw([room_id], from_today=False)

    return Parts(
        all=lambda: _ids(SearchIndex),
        redo=redo,
        rows=lambda room_id: _plain(SearchIndex, pk=room_id),
        sample=lambda share: _some(SearchIndex, share),
    )


def _reviews(room_id: int) -> list[str]:
    return list(RoomReview.objects.filter(room_id=room_id).values_list("pk", flat=True))


def _plain(model: type[Model], **wanted: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in model._default_manager.filter(**wanted).order_by("pk").values()]


def _ids(model: type[Model]) -> list[Any]:
    return list(model._default_manager.order_by("pk").values_list("pk", flat=True))


def _some(model: type[Model], share: float) -> list[Any]:
    chosen = model._default_manager.alias(chance=Random()).filter(chance__lt=share)
    return list(chosen.values_list("pk", flat=True))

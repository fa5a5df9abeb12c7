"""How a new quote and other stays are told to a guest whose request was refused; plain JSON values."""

from __future__ import annotations

from typing import Any, TypeVar

from django.utils import translation

from airbnb.errors import NotFound
from reservations.instants import iso
from rooms.queries import Alternative, Quote, RoomFacts, RoomKey


def in_language(text: dict[str, str]) -> str:
    """The text in the reader's language, else in any."""
    return text.get(translation.get_language() or "ko") or next(iter(text.values()), "")


def quote_json(quote: Quote) -> dict[str, Any]:
    """The quote as the HTTP contract has it, with labels in both languages and in the reader's."""
    return {
        "room": quote.room_code,
        "check_in": quote.check_in.isoformat(),
        "check_out": quote.check_out.isoformat(),
        "guests": quote.guests,
        "lines": [{**line.as_json(), "label": in_language(line.label_i18n)} for line in quote.lines],
        "total": quote.total.as_json(),
        "token": quote.token,
        "expires_at": iso(quote.expires_at),
        "cancellation": quote.cancellation_policy,
        "instant_book": quote.instant_book,
    }


Seen = TypeVar("Seen", RoomFacts, RoomKey)


def require_shown(room: Seen, reader_id: int | None) -> Seen:
    """The room if this reader may look at it: it is let or rests, or it is their own. Raises NotFound."""
    if room.status not in ("listed", "paused") and room.host_id != reader_id:
        raise NotFound()
    return room


def alternative_json(other: Alternative) -> dict[str, Any]:
    """Another stay that can be booked now: the same room on near dates, or a room nearby."""
    return {
        "room": other.room_code,
        "slug": other.slug,
        "title_i18n": other.title_i18n,
        "cover": other.cover,
        "check_in": other.check_in.isoformat(),
        "check_out": other.check_out.isoformat(),
        "total": other.total.as_json(),
    }

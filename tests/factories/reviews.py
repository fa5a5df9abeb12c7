"""Completed stays to review, made by the event that ends a stay, and reviews, made by the services people use."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from airbnb import clock
from airbnb.db import write
from airbnb.events.bus import publish
from reservations.events import StayCompleted
from reviews import reactions, services
from reviews.models import Review, ReviewWindow

_numbers = count(1)
TEXT = "조용하고 깨끗했어요"


def stay_completed(guest: Any, host: Any, *, check_out_at: datetime | None = None, **changes: Any) -> StayCompleted:
    """The fact that a stay of this guest in this host's room is over (just now, unless said otherwise)."""
    number = next(_numbers)
    out = check_out_at or clock.now()
    facts: dict[str, Any] = {
        "reservation": f"BBREVIEW{number:03}",
        "revision": 5,
        "room_id": 1000 + number,
        "room_code": f"RREVIEW{number:03}",
        "room_title_i18n": {"ko": "느티채", "en": "Zelkova House"},
        "room_slug": f"zelkova-house-{number}",
        "cover": {},
        "host_id": host.pk,
        "guest_id": guest.pk,
        "check_in": (out - timedelta(days=2)).date().isoformat(),
        "check_out": out.date().isoformat(),
        "guests": 2,
        "total_minor": 300_000,
        "currency": "KRW",
        "time_zone": "Asia/Seoul",
        "completed_at": out.isoformat(),
        "check_out_at": out.isoformat(),
    }
    return StayCompleted(**{**facts, **changes})


def review_window(guest: Any, host: Any, **changes: Any) -> ReviewWindow:
    """A window opened the way the bus opens it."""
    event = stay_completed(guest, host, **changes)
    with write():
        publish(event)
        reactions.open_review_window(event)
    return ReviewWindow.objects.get(reservation=event.reservation)


def review_by(author: Any, window: ReviewWindow, **changes: Any) -> Review:
    """What one side writes."""
    given: dict[str, Any] = {"rating": 5, "text": TEXT, "private_note": "전등이 깜박여요", **changes}
    return services.write_review(author_id=author.pk, reservation=window.reservation, **given)

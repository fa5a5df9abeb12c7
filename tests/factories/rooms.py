"""Valid rooms, made through the services that hosts use."""

from __future__ import annotations

import io
from itertools import count
from typing import Any

from PIL import Image

from airbnb.money import Money
from rooms import services
from rooms.models import Room

_numbers = count(1)


def room_fields(**changes: Any) -> dict[str, Any]:
    """What a host gives for a complete room; each has its own name."""
    number = next(_numbers)
    return {
        "title_i18n": {"ko": f"느티나무 집 {number}", "en": f"Zelkova House {number}"},
        "description_i18n": {"ko": "마당이 있는 조용한 집이에요.", "en": "A quiet house with a courtyard."},
        "kind": "hanok",
        "city": "gyeongju",
        "area": "hwangnam",
        "address": "경주시 황남동 1",
        "capacity": 4,
        "bedrooms": 2,
        "beds": 2,
        "base_price": Money(128_000),
        "cleaning_fee": Money(30_000),
        "amenities": ["wifi", "kitchen"],
        "cancellation_policy": "flexible",
        "status": "listed",
        **changes,
    }


def listed_room(host: Any, **fields: Any) -> Room:
    """A room that can be booked at once."""
    return services.register_room(host=host, **room_fields(**fields))


def draft_room(host: Any, **fields: Any) -> Room:
    """A room that nobody but its host sees."""
    return services.register_room(host=host, **room_fields(status="draft", **fields))


def picture(width: int = 1200, height: int = 900, form: str = "JPEG", **saving: Any) -> io.BytesIO:
    """A real picture file with a gradient, named for uploads."""
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    out = io.BytesIO()
    image.save(out, form, **saving)
    out.seek(0)
    out.name = f"picture.{form.lower()}"
    return out


def ready_photo(room: Room, **given: Any) -> Any:
    """A photograph of the room that has been worked into its sizes."""
    file = picture()
    photo = services.add_photo(room_id=room.pk, host_id=room.host_id, file=file, size=len(file.getvalue()), **given)
    services.process_photo(photo.pk)
    photo.refresh_from_db()
    return photo

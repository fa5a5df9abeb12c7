"""Every write of the rooms context: one call, one transaction, lock, change, publish."""

from __future__ import annotations

from rooms.services.days import (
    DayChange,
    block_nights,
    clear_season,
    set_days,
    set_discounts,
    set_season,
    unblock_nights,
)
from rooms.services.photos import (
    TooManyPhotos,
    add_photo,
    delete_photo,
    edit_photo,
    order_photos,
    process_photo,
    waiting_photos,
)
from rooms.services.rooms import (
    NotReadyToList,
    StaysAhead,
    archive_room,
    edit_room,
    pause_room,
    publish_room,
    register_room,
    roll_calendars,
)

__all__ = [
    "DayChange",
    "NotReadyToList",
    "StaysAhead",
    "TooManyPhotos",
    "add_photo",
    "archive_room",
    "block_nights",
    "clear_season",
    "delete_photo",
    "edit_photo",
    "edit_room",
    "order_photos",
    "pause_room",
    "process_photo",
    "publish_room",
    "register_room",
    "roll_calendars",
    "set_days",
    "set_discounts",
    "set_season",
    "unblock_nights",
    "waiting_photos",
]

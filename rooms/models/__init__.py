"""Tables of the rooms context: the room and its terms, its taken nights, and the read models made from them."""

from __future__ import annotations

from rooms.models.index import SearchIndex
from rooms.models.night import Night
from rooms.models.rates import DayRule, DiscountRule
from rooms.models.room import Photo, Room
from rooms.models.views import RoomAnswer, RoomReview, RoomStay, RoomView

__all__ = [
    "DayRule",
    "DiscountRule",
    "Night",
    "Photo",
    "Room",
    "RoomAnswer",
    "RoomReview",
    "RoomStay",
    "RoomView",
    "SearchIndex",
]

"""Facts about rooms and their nights, told to every other context. Names and fields are a contract."""

from __future__ import annotations

from dataclasses import dataclass

from airbnb.events.bus import Event


@dataclass(frozen=True, kw_only=True)
class RoomFact(Event):
    """What is said of a room whenever it appears or changes; money in minor units of ``currency``."""

    room_id: int
    room_code: str
    slug: str
    host_id: int
    title_i18n: dict[str, str]
    kind: str
    city: str
    status: str
    cover: dict[str, str]
    capacity: int
    base_price_minor: int
    currency: str
    cancellation_policy: str
    time_zone: str


@dataclass(frozen=True, kw_only=True)
class RoomRegistered(RoomFact):
    """A host registered a room (it may still be a draft)."""


@dataclass(frozen=True, kw_only=True)
class RoomModified(RoomFact):
    """A room's facts, photos, prices or status changed; the fields tell how it is now."""


@dataclass(frozen=True, kw_only=True)
class RoomDeleted(Event):
    """A room was taken down for good; past stays keep their copy of its facts."""

    room_id: int
    room_code: str
    slug: str
    host_id: int
    title_i18n: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class RoomReserved(Event):
    """Nights were taken for good by a confirmed reservation; dates are half-open."""

    room_id: int
    room_code: str
    reservation: str
    check_in: str
    check_out: str


@dataclass(frozen=True, kw_only=True)
class RoomCancelled(Event):
    """Nights that had been taken for good are free again, or kept closed by the host (``kept_blocked``)."""

    room_id: int
    room_code: str
    reservation: str
    check_in: str
    check_out: str
    kept_blocked: bool

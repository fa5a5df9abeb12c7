"""The facts of a room that everyone may rely on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from airbnb.errors import NotFound
from airbnb.money import Money
from rooms import cities
from rooms.models import Room
from rooms.texts import Texts, both


@dataclass(frozen=True, slots=True)
class RoomFacts:
    """A room as other contexts and pages know it; texts are in both languages, times "HH:MM" in its own zone.

    ``address`` is for confirmed guests and the host only: whoever shows it has to check that.
    """

    id: int
    code: str
    slug: str
    host_id: int
    host_name: str
    title_i18n: Texts
    kind: str
    city: str
    city_i18n: Texts
    area: str
    area_i18n: Texts
    address: str
    lat: float | None
    lng: float | None
    capacity: int
    bedrooms: int
    beds: int
    bathrooms: int
    cover: dict[str, str]
    time_zone: str
    check_in_from: str
    check_out_until: str
    cancellation_policy: str
    house_rules_i18n: Texts
    arrival_guide_i18n: Texts
    instant_book: bool
    status: str
    currency: str
    base_price: Money
    min_nights: int
    max_nights: int
    version: int


def room_facts(room_id: int) -> RoomFacts:
    """By id; raises NotFound."""
    return _one(pk=room_id)


@dataclass(frozen=True, slots=True)
class RoomKey:
    """Which room it is and who may see it: enough to hold it, in one narrow row."""

    id: int
    host_id: int
    status: str


def room_key(code: str) -> RoomKey:
    """By public code, whatever the room's status; raises NotFound."""
    found = Room.objects.filter(code=code).values_list("pk", "host_id", "status").first()
    if found is None:
        raise NotFound()
    return RoomKey(*found)


def room_by_slug(slug: str) -> RoomFacts:
    """By the address of its page, whatever the room's status; raises NotFound."""
    return _one(slug=slug)


def rooms_facts(room_ids: Iterable[int]) -> dict[int, RoomFacts]:
    """Many at once by id; unknown ids are left out."""
    return {room.pk: facts_of(room) for room in with_facts(pk__in=list(room_ids))}


def rooms_of_host(host_id: int) -> list[RoomFacts]:
    """A host's rooms that were not taken down, newest first."""
    return [facts_of(room) for room in with_facts().of_host(host_id)]


def with_facts(**wanted: Any) -> Any:
    """Rooms with all that :func:`facts_of` reads, in two queries."""
    return Room.objects.filter(**wanted).select_related("host").prefetch_related("photos")


def _one(**wanted: Any) -> RoomFacts:
    room = with_facts(**wanted).first()
    if room is None:
        raise NotFound()
    return facts_of(room)


_SAME = (
    "code",
    "slug",
    "host_id",
    "kind",
    "city",
    "area",
    "address",
    "lat",
    "lng",
    "capacity",
    "bedrooms",
    "beds",
    "bathrooms",
    "cover",
    "time_zone",
    "cancellation_policy",
    "instant_book",
    "status",
    "currency",
    "min_nights",
    "max_nights",
    "version",
)


def facts_of(room: Room) -> RoomFacts:
    """The facts of a row that was read with its host and photographs."""
    return RoomFacts(
        id=room.pk,
        host_name=room.host.shown_name,
        title_i18n=both(room.title_i18n),
        city_i18n=cities.city_name(room.city, room.city_given),
        area_i18n=cities.area_name(room.city, room.area),
        check_in_from=room.check_in_from.strftime("%H:%M"),
        check_out_until=room.check_out_until.strftime("%H:%M"),
        house_rules_i18n=both(room.house_rules_i18n),
        arrival_guide_i18n=both(room.arrival_guide_i18n),
        base_price=Money(room.base_price_minor, room.currency),
        **{name: getattr(room, name) for name in _SAME},
    )

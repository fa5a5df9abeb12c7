"""Registers the demonstration's rooms with their prices, discounts, seasons and closed nights, through the services."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

from django.db import transaction

from airbnb.accounts.models import User
from airbnb.clock import today_in
from airbnb.demo.places import Place, places, words
from airbnb.money import Money
from airbnb.stays import Stay
from rooms import services
from rooms.cities import CITIES
from rooms.models import Room
from rooms.policies import POLICIES
from rooms.pricing import Discount
from rooms.services import DayChange

ZONE = "Asia/Seoul"
USUAL = ("wifi", "linen", "heating", "air_conditioning", "smoke_alarm", "fire_extinguisher", "hair_dryer", "fridge")
OFTEN = ("tv", "coffee", "microwave", "first_aid", "self_check_in", "luggage", "washer", "parking", "step_free")
SHARED = frozenset({"private_room", "guesthouse"})
# Rooms whose hosts want to be asked; the first is of the first host.
ON_REQUEST = frozenset({1, 9, 17})
NOT_LISTED = {40: "paused", 57: "draft"}


def register(hosts: Sequence[User], count: int) -> list[tuple[Room, Place]]:
    """The first ``count`` rooms, those that are there already as they are; the first host has Hwangnam's."""
    made = []
    for index, place in enumerate(places()[:count]):
        host = hosts[0] if place.area == "hwangnam" else hosts[1 + index % (len(hosts) - 1)]
        room = Room.objects.filter(host=host, title_i18n__en=place.en).first()
        made.append((room or _register(host, place, index), place))
    return made


def _register(host: User, place: Place, index: int) -> Room:
    chance = Random(f"room {place.en}")  # noqa: S311  (the same rooms every time, nothing secret)
    with transaction.atomic():
        room = services.register_room(host=host, **_fields(place, index, chance))
        if index % 2 == 0:
            services.set_discounts(room_id=room.pk, host_id=host.pk, discounts=_discounts(index, chance))
        services.set_days(room_id=room.pk, host_id=host.pk, changes=_days(room, chance))
        if index % 3 == 0:
            _season(room)
    return room


def _fields(place: Place, index: int, chance: Random) -> dict[str, Any]:
    price = place.price * 1000
    lat, lng = place.at
    return {
        "title_i18n": {"ko": place.ko, "en": place.en},
        **_texts(place, index, chance),
        "kind": place.kind,
        "city": CITIES[place.city].name_i18n["ko"],
        "area": place.area,
        "address": f"{place.ko} 길 {chance.randint(1, 98)}-0",
        "lat": round(lat + chance.uniform(-0.004, 0.004), 5),
        "lng": round(lng + chance.uniform(-0.004, 0.004), 5),
        "capacity": place.guests,
        "bedrooms": place.bedrooms,
        "beds": max(1, place.guests // 2),
        "bathrooms": 1 + place.guests // 5,
        "amenities": _amenities(place, chance),
        "base_price": Money(price),
        "weekend_price": _rounded(price, 116) if index % 3 else None,
        "cleaning_fee": Money(0 if place.kind in SHARED else chance.choice([15_000, 20_000, 30_000])),
        "extra_guest_fee": Money(15_000 if place.guests > 3 else 0),
        "included_guests": 3 if place.guests > 3 else 0,
        "min_nights": 2 if place.price > 200 else 1,
        "max_nights": chance.choice([14, 28, 31]),
        "notice_days": chance.choice([0, 1, 1, 2]),
        "check_in_from": chance.choice(["15:00", "15:00", "16:00"]),
        "check_out_until": chance.choice(["11:00", "11:00", "12:00"]),
        "time_zone": ZONE,
        "cancellation_policy": list(POLICIES)[index % len(POLICIES)],
        "instant_book": index not in ON_REQUEST,
        "status": NOT_LISTED.get(index, "listed"),
    }


def _texts(place: Place, index: int, chance: Random) -> dict[str, dict[str, str]]:
    kind, turns = words()["kind"][place.kind], chance.sample(words()["turns"], 2)
    parts = [(place.about_ko, place.about_en), kind, *turns]
    about = {"ko": "\n\n".join(part[0] for part in parts), "en": "\n\n".join(part[1] for part in parts)}
    rules, guide = (words()[name][index % 3] for name in ("rules", "guides"))
    return {
        "description_i18n": about,
        "house_rules_i18n": {"ko": rules[0], "en": rules[1]},
        "arrival_guide_i18n": {"ko": guide[0], "en": guide[1]},
    }


def _amenities(place: Place, chance: Random) -> list[str]:
    kitchen = () if place.kind == "private_room" else ("kitchen",)
    return sorted({*USUAL, *kitchen, *place.extras, *chance.sample(OFTEN, 4)})


def _discounts(index: int, chance: Random) -> list[Discount]:
    given = [Discount("length_of_stay", 7, chance.choice([500, 800, 1000])), Discount("length_of_stay", 28, 2000)]
    if index % 4 == 0:
        given.append(Discount("early_bird", 60, 500))
    if index % 6 == 0:
        given.append(Discount("last_minute", 2, 700))
    return given


def _days(room: Room, chance: Random) -> list[DayChange]:
    """Some nights the host keeps, and one weekend that costs more, both beyond the stays of the demonstration."""
    closed = today_in(ZONE) + timedelta(days=chance.randint(52, 66))
    dear = today_in(ZONE) + timedelta(days=chance.randint(70, 84))
    more = _rounded(room.base_price_minor, 130)
    return [
        DayChange(Stay(closed, closed + timedelta(days=chance.randint(2, 4))), blocked=True, note="집 손보기"),
        DayChange(Stay(dear, dear + timedelta(days=2)), price=more, min_nights=2),
    ]


def _season(room: Room) -> None:
    """The turn of the year that comes next."""
    today = today_in(ZONE)
    first = date(today.year, 12, 30)
    services.set_season(
        room_id=room.pk,
        host_id=room.host_id,
        name_i18n={"ko": "연말연시", "en": "New Year"},
        nights=Stay(first, first + timedelta(days=3)),
        price=_rounded(room.base_price_minor, 125),
    )


def _rounded(minor: int, percent: int) -> Money:
    """This many hundredths of a sum, to the nearest thousand won, as prices are set."""
    return Money((minor * percent // 100 + 500) // 1000 * 1000)

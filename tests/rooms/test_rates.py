"""Prices and least stays of days and seasons, and discounts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from airbnb.clock import today_in
from airbnb.db import write
from airbnb.errors import Invalid
from airbnb.money import Money
from airbnb.stays import Stay
from rooms import calendar, queries, services
from rooms.calendar import NightsReserved
from rooms.models import DayRule, Night, Room, SearchIndex
from rooms.pricing import Discount
from rooms.services.days import DayChange
from tests.factories.rooms import listed_room

pytestmark = pytest.mark.django_db


def stay(ahead: int = 10, nights: int = 3) -> Stay:
    first = today_in("Asia/Seoul") + timedelta(days=ahead)
    return Stay(first, first + timedelta(days=nights))


def mine(room: Room) -> dict[str, int]:
    return {"room_id": room.pk, "host_id": room.host_id}


def change(room: Room, *changes: DayChange) -> None:
    services.set_days(**mine(room), changes=changes)


def night_lines(room: Room, wanted: Stay) -> list[tuple[int, str]]:
    lines = queries.quote(room.pk, wanted, 1).lines
    return [(line.amount.amount_minor, line.reason) for line in lines if line.kind == "night"]


def test_prices_of_dates_and_seasons(host: Any) -> None:
    room, week = listed_room(host, weekend_price=None), stay(10, 4)
    services.set_season(**mine(room), name_i18n={"ko": "단풍철"}, nights=stay(10, 3), price=Money(170_000))
    change(room, DayChange(stay(11, 1), price=Money(200_000)))
    assert night_lines(room, week) == [
        (170_000, "season"),
        (200_000, "date"),
        (170_000, "season"),
        (128_000, "base"),
    ]
    change(room, DayChange(stay(11, 1), price=None))
    services.clear_season(**mine(room), nights=stay(10, 2))
    assert night_lines(room, week) == [(128_000, "base")] * 2 + [(170_000, "season"), (128_000, "base")]


def test_a_days_price_and_least_stay_do_not_wipe_each_other(host: Any) -> None:
    room = listed_room(host)
    change(room, DayChange(stay(10, 2), price=Money(150_000)))
    change(room, DayChange(stay(10, 2), min_nights=2))
    rules = list(DayRule.objects.values_list("price_minor", "min_nights"))
    assert rules == [(150_000, 2)] * 2
    change(room, DayChange(stay(10, 2), price=None))
    change(room, DayChange(stay(10, 2), min_nights=None))
    assert not DayRule.objects.exists()
    assert not SearchIndex.objects.get(pk=room.pk).has_day_rules


def test_a_calendar_is_changed_whole_or_not_at_all(host: Any) -> None:
    room = listed_room(host)
    with write():
        calendar.take_nights(room.pk, stay(20, 1), reservation="BB1")
    with pytest.raises(NightsReserved):
        change(room, DayChange(stay(10, 2), price=Money(1)), DayChange(stay(19, 3), blocked=True))
    assert not DayRule.objects.exists()
    assert Night.objects.count() == 1
    change(room, DayChange(stay(19, 3), price=Money(150_000)))
    assert DayRule.objects.count() == 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"price": Money(100, "USD")},
        {"price": Money(0)},
        {"price": Money(-5)},
        {"price": Money(10**13)},
        {"min_nights": 0},
        {"min_nights": 32},
    ],
)
def test_wrong_days_are_refused(host: Any, wrong: dict[str, Any]) -> None:
    room = listed_room(host)
    with pytest.raises(Invalid):
        change(room, DayChange(stay(), **wrong))


def test_the_database_has_no_free_nights(host: Any) -> None:
    room = listed_room(host)
    change(room, DayChange(stay(), price=Money(90_000)))
    with pytest.raises(IntegrityError), transaction.atomic():
        DayRule.objects.update(price_minor=0)


def test_discounts_are_replaced_and_off_by_default(host: Any) -> None:
    room = listed_room(host)
    plain = queries.quote(room.pk, stay(nights=7), 1)
    assert all(line.kind != "discount" for line in plain.lines)
    rules = [Discount("length_of_stay", 7, 1000)]
    for _ in range(2):
        services.set_discounts(**mine(room), discounts=rules)
    room.refresh_from_db()
    assert room.version == 2
    cheaper = queries.quote(room.pk, stay(nights=7), 1)
    assert [line.amount for line in cheaper.lines if line.kind == "discount"] == [Money(-89_600)]
    with pytest.raises(Invalid):
        services.set_discounts(**mine(room), discounts=[Discount("length_of_stay", 7, 9500)])

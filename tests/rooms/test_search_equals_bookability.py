"""Search finds exactly what a quote accepts, at exactly the quote's total; over random rooms, dates and guests."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest

from airbnb.clock import today_in
from airbnb.db import write
from airbnb.money import Money
from airbnb.stays import Stay
from rooms import calendar, queries, services
from rooms.pricing import Discount
from rooms.queries import SearchFilters
from rooms.services.days import DayChange
from tests.factories.rooms import listed_room

pytestmark = pytest.mark.django_db


def random_room(host: Any, dice: random.Random) -> Any:
    least = dice.randint(1, 4)
    return listed_room(
        host,
        kind=dice.choice(["hanok", "house", "cabin"]),
        capacity=dice.randint(1, 6),
        base_price=Money(dice.randint(30_001, 300_000)),
        weekend_price=dice.choice([None, Money(dice.randint(30_001, 400_000))]),
        cleaning_fee=Money(dice.choice([0, 17_777])),
        extra_guest_fee=Money(dice.choice([0, 11_111])),
        included_guests=dice.choice([0, 1]),
        min_nights=least,
        max_nights=least + dice.randint(0, 30),
        notice_days=dice.choice([0, 1, 3]),
        instant_book=dice.random() < 0.6,
        check_in_from=dice.choice(["00:00", "15:00", "23:30"]),
        window_days=dice.choice([30, 90, 365]),
        time_zone=dice.choice(["Asia/Seoul", "Pacific/Auckland", "America/Los_Angeles"]),
        status=dice.choice(["listed", "listed", "listed", "paused"]),
    )


def disturb(room: Any, host: Any, dice: random.Random, today: date) -> None:
    """Day prices, seasons, least stays, discounts and taken nights, some of each."""
    for _ in range(dice.randint(0, 4)):
        first = today + timedelta(days=dice.randint(0, 60))
        run = Stay(first, first + timedelta(days=dice.randint(1, 6)))
        what = dice.randrange(4)
        if what == 0:
            change = DayChange(run, price=Money(dice.randint(10_000, 99_999)), min_nights=None)
            services.set_days(room_id=room.pk, host_id=host.pk, changes=[change])
        elif what == 1:
            services.set_season(
                room_id=room.pk,
                host_id=host.pk,
                name_i18n={"ko": "여름"},
                nights=run,
                price=Money(77_777),
                min_nights=1,
            )
        elif what == 2:
            services.block_nights(room_id=room.pk, host_id=host.pk, nights=run)
        elif queries.free(room.pk, run):
            with write():
                calendar.take_nights(room.pk, run, reservation=f"BB{dice.randrange(10**6)}")
    if dice.random() < 0.5:
        rules = [
            Discount("length_of_stay", 3, dice.randint(1, 1500)),
            Discount("early_bird", 30, 1000),
            Discount("last_minute", 5, 700),
        ]
        services.set_discounts(room_id=room.pk, host_id=host.pk, discounts=rules[: dice.randint(1, 3)])


def asked_quote(room: Any, stay: Stay, guests: int) -> Money | None:
    try:
        return queries.quote(room.pk, stay, guests).total
    except queries.StayRefused:
        return None


@pytest.mark.parametrize("seed", range(4))
def test_search_and_quote_agree(host: Any, seed: int) -> None:
    dice = random.Random(seed)
    today = today_in("Asia/Seoul")
    rooms = [random_room(host, dice) for _ in range(12)]
    for room in rooms:
        disturb(room, host, dice, today)
    compared = bookable = 0
    for _ in range(40):
        check_in = today + timedelta(
            days=dice.choice([dice.randint(-1, 6), dice.randint(0, 70), dice.randint(80, 370)])
        )
        stay = Stay(check_in, check_in + timedelta(days=dice.choice([1, 2, 3, 5, 8, 30])))
        guests = dice.randint(1, 5)
        found = queries.search(
            SearchFilters(check_in=stay.check_in, check_out=stay.check_out, guests=guests), page_size=50
        )
        totals = {card.id: card.total for card in found.cards}
        assert found.count == len(found.cards)
        for room in rooms:
            expected = asked_quote(room, stay, guests)
            assert totals.get(room.pk) == expected, (room.pk, stay, guests)
            compared += 1
            bookable += expected is not None
    assert compared == 480
    assert 20 < bookable < 460


def test_price_bounds_and_price_order_speak_of_the_total(host: Any) -> None:
    rooms = [listed_room(host, base_price=Money(50_000 + 10_000 * n), cleaning_fee=Money(0)) for n in range(5)]
    first = today_in("Asia/Seoul") + timedelta(days=7)
    stay = Stay(first, first + timedelta(days=2))
    total = queries.quote(rooms[2].pk, stay, 1).total
    asked = SearchFilters(check_in=stay.check_in, check_out=stay.check_out, price_max=total.amount_minor, sort="price")
    assert [card.id for card in queries.search(asked).cards] == [room.pk for room in rooms[:3]]

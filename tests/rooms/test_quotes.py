"""Quotes: signed, good for a quarter of an hour, refused with every reason, with other stays to take instead."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from airbnb.clock import today_in
from airbnb.db import write
from airbnb.errors import NotFound
from airbnb.money import Money, total
from airbnb.stays import Stay
from rooms import calendar, queries, services
from rooms.pricing import Discount
from rooms.queries import QuoteExpired, QuoteInvalid, StayRefused
from tests.factories.rooms import listed_room

pytestmark = pytest.mark.django_db


def stay(ahead: int = 10, nights: int = 3) -> Stay:
    first = today_in("Asia/Seoul") + timedelta(days=ahead)
    return Stay(first, first + timedelta(days=nights))


def rich_room(host: Any) -> Any:
    room = listed_room(host, weekend_price=Money(148_000), extra_guest_fee=Money(10_000), included_guests=2, capacity=4)
    rules = [Discount("length_of_stay", 3, 500)]
    services.set_discounts(room_id=room.pk, host_id=host.pk, discounts=rules)
    return room


def test_the_token_carries_the_whole_quote(host: Any) -> None:
    made = queries.quote(rich_room(host).pk, stay(nights=5), 3)
    assert {line.kind for line in made.lines} == {"night", "discount", "cleaning", "extra_guest", "service"}
    assert queries.quote_from_token(made.token) == made
    assert made.total == total([line.amount for line in made.lines])


def test_it_is_good_for_fifteen_minutes_by_the_databases_clock(host: Any, time: Any) -> None:
    made = queries.quote(listed_room(host).pk, stay(), 2)
    time.forward(minutes=14, seconds=50)
    queries.quote_from_token(made.token)
    time.forward(seconds=11)
    with pytest.raises(QuoteExpired):
        queries.quote_from_token(made.token)


@pytest.mark.parametrize("spoil", [lambda t: t[:-1] + ("A" if t[-1] != "A" else "B"), lambda t: "", lambda t: "x" + t])
def test_a_token_that_was_touched_is_worth_nothing(host: Any, spoil: Any) -> None:
    made = queries.quote(listed_room(host).pk, stay(), 2)
    with pytest.raises(QuoteInvalid):
        queries.quote_from_token(spoil(made.token))


def test_the_old_price_stands_in_the_token_after_a_change(host: Any) -> None:
    room = listed_room(host)
    made = queries.quote(room.pk, stay(), 2)
    services.edit_room(room_id=room.pk, host_id=host.pk, language="en", base_price=Money(200_000))
    assert queries.quote_from_token(made.token).total == made.total
    assert queries.quote(room.pk, stay(), 2).total > made.total


def test_refusal_tells_all_reasons_in_the_readers_language(host: Any) -> None:
    room = listed_room(host, min_nights=2)
    with write():
        calendar.take_nights(room.pk, stay(10, 1), reservation="BB1")
    with pytest.raises(StayRefused) as refused:
        queries.quote(room.pk, stay(10, 1), 9)
    codes = [each["code"] for each in refused.value.facts["reasons"]]
    assert codes == ["min_nights", "too_many_guests", "taken"]
    assert "Sleeps at most 4" in str(refused.value)


def test_nobody_quotes_a_room_that_is_not_there() -> None:
    with pytest.raises(NotFound):
        queries.quote(4711, stay(), 2)


def test_the_price_depends_on_the_day_it_is_asked_for(host: Any) -> None:
    room = listed_room(host)
    rules = [Discount("last_minute", 5, 1000)]
    services.set_discounts(room_id=room.pk, host_id=host.pk, discounts=rules)
    wanted = stay(10)
    assert (
        queries.quote(room.pk, wanted, 1).total
        > queries.quote(room.pk, wanted, 1, today=wanted.check_in - timedelta(days=5)).total
    )


def test_few_statements_for_a_quote(host: Any, django_assert_max_num_queries: Any) -> None:
    plain, rich = listed_room(host), rich_room(host)
    with django_assert_max_num_queries(4):
        queries.quote(plain.pk, stay(), 2)
    with django_assert_max_num_queries(6):
        queries.quote(rich.pk, stay(), 2)


def test_alternatives_can_be_booked_as_they_are_offered(host: Any) -> None:
    room, other = listed_room(host), listed_room(host)
    listed_room(host, city="seoul")
    with write():
        calendar.take_nights(room.pk, stay(10, 3), reservation="BB1")
    offered = queries.alternatives(room.pk, stay(10, 3), 2)
    assert len(offered) == 3
    assert {each.room_id for each in offered} == {room.pk, other.pk}
    for each in offered:
        again = queries.quote(each.room_id, Stay(each.check_in, each.check_out), 2)
        assert again.total == each.total
    same_room = [each.check_in for each in offered if each.room_id == room.pk]
    assert same_room == sorted(same_room, key=lambda day: abs((day - stay(10).check_in).days))


@pytest.mark.parametrize(
    ("first", "last"),
    [(date(9999, 12, 30), date(9999, 12, 31)), (date(1, 1, 1), date(1, 1, 2)), (date(1, 1, 1), date(9999, 12, 31))],
)
def test_dates_at_the_ends_of_time_are_refused_quietly(host: Any, first: date, last: date) -> None:
    room = listed_room(host)
    with pytest.raises(StayRefused):
        queries.quote(room.pk, Stay(first, last), 2)
    assert queries.alternatives(room.pk, Stay(first, last), 2) == []
    assert queries.search(queries.SearchFilters(check_in=first, check_out=last)).cards == []

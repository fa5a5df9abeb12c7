"""The calendar that people see: states, reasons, prices; months and the search page's facts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from airbnb.clock import today_in
from airbnb.db import write
from airbnb.money import Money
from airbnb.stays import Stay
from rooms import calendar, queries, services
from rooms.models import SearchIndex
from rooms.queries import SearchFilters
from rooms.services.days import DayChange
from tests.factories.rooms import listed_room, ready_photo

pytestmark = pytest.mark.django_db


def day(ahead: int) -> date:
    return today_in("Asia/Seoul") + timedelta(days=ahead)


def shown(room: Any, first: int, last: int) -> list[tuple[str, str | None]]:
    found = queries.cells(room.pk, day(first), day(last))
    return [(cell.state, cell.reason.code if cell.reason else None) for cell in found]


def test_every_closed_day_says_why(host: Any) -> None:
    room = listed_room(host, window_days=30)
    with write():
        calendar.take_nights(room.pk, Stay(day(5), day(7)), reservation="BB1")
    services.block_nights(room_id=room.pk, host_id=host.pk, nights=Stay(day(7), day(9)))
    assert shown(room, -1, 10) == [
        ("past", "in_the_past"),
        ("closed", "needs_notice"),
        ("free", None),
        ("free", None),
        ("free", None),
        ("free", None),
        ("out_only", "taken"),
        ("booked", "taken"),
        ("blocked", "blocked"),
        ("blocked", "blocked"),
        ("free", None),
    ]
    assert shown(room, 29, 31) == [("free", None), ("closed", "beyond_window")]


def test_a_paused_room_has_no_free_day(host: Any) -> None:
    room = listed_room(host)
    services.pause_room(room_id=room.pk, host_id=host.pk)
    assert shown(room, 1, 3) == [("closed", "not_listed")] * 2


def test_prices_and_least_stays_of_days(host: Any) -> None:
    room = listed_room(host)
    change = DayChange(Stay(day(5), day(6)), price=Money(200_000), min_nights=3)
    services.set_days(room_id=room.pk, host_id=host.pk, changes=[change])
    [special, usual] = queries.cells(room.pk, day(5), day(7))
    assert (special.price, special.price_reason, special.min_nights) == (Money(200_000), "date", 3)
    assert special.short_stay
    assert (usual.min_nights, usual.short_stay) == (1, False)


def test_what_the_calendar_calls_free_can_be_booked_for_a_night(host: Any) -> None:
    room = listed_room(host, window_days=40)
    with write():
        calendar.take_nights(room.pk, Stay(day(5), day(7)), reservation="BB1")
    for cell in queries.cells(room.pk, day(-2), day(45)):
        night = Stay(cell.date, cell.date + timedelta(days=1))
        try:
            queries.quote(room.pk, night, 1)
            bookable = True
        except queries.StayRefused:
            bookable = False
        assert cell.available is bookable, cell


def test_months_are_whole_and_begin_on_sunday(host: Any) -> None:
    months = queries.months(listed_room(host).pk, date(2026, 12, 15), 3)
    assert [(month.first, len(month.cells), month.blanks) for month in months] == [
        (date(2026, 12, 1), 31, 2),
        (date(2027, 1, 1), 31, 5),
        (date(2027, 2, 1), 28, 1),
    ]


def test_months_cost_few_statements(host: Any, django_assert_max_num_queries: Any) -> None:
    room = listed_room(host)
    with django_assert_max_num_queries(4):
        queries.months(room.pk, day(0), 12)


# --------------------------------------------------------------------------------------------------- search
def test_filters_narrow_and_facets_count(host: Any) -> None:
    one = listed_room(host, kind="hanok", amenities=["wifi", "parking"])
    two = listed_room(host, kind="cabin", amenities=["wifi"], capacity=8)
    SearchIndex.objects.filter(pk=two.pk).update(instant_book=False)
    listed_room(host, city="busan")

    def ids(**filters: Any) -> set[int]:
        return {card.id for card in queries.search(SearchFilters(city="gyeongju", **filters)).cards}

    assert ids() == {one.pk, two.pk}
    assert ids(kind=("cabin",)) == {two.pk}
    assert ids(amenities=("wifi", "parking")) == {one.pk}
    assert ids(instant=True) == {one.pk}
    assert ids(guests=5) == {two.pk}
    assert ids(bbox=(129.0, 35.0, 130.0, 36.0)) == {one.pk, two.pk}
    assert ids(bbox=(126.0, 37.0, 127.0, 38.0)) == set()
    assert ids(bbox=(179.0, -90.0, 130.0, 90.0)) == {one.pk, two.pk}
    facets = queries.search(SearchFilters(city="gyeongju")).facets
    assert (facets.kinds["hanok"], facets.kinds["cabin"], facets.kinds["house"]) == (1, 1, 0)
    assert facets.amenities == {"wifi": 2, "parking": 1}
    assert facets.instant == 1


def test_pages_of_results(host: Any) -> None:
    rooms = {listed_room(host).pk for _ in range(5)}
    first = queries.search(SearchFilters(), page=1, page_size=2)
    last = queries.search(SearchFilters(), page=3, page_size=2)
    assert (first.count, first.count_text, first.pages, first.has_next) == (5, "5", 3, True)
    assert (len(last.cards), last.has_next) == (1, False)
    every = [card.id for page in (1, 2, 3) for card in queries.search(SearchFilters(), page=page, page_size=2).cards]
    assert set(every) == rooms
    assert len(every) == 5


def test_counts_stop_at_two_hundred(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib

    module = importlib.import_module("rooms.queries.search")
    monkeypatch.setattr(module, "COUNT_CAP", 3)
    for _ in range(5):
        listed_room(host)
    page = queries.search(SearchFilters(), page_size=2)
    assert (page.count, page.count_text) == (3, "3+")


def test_a_search_page_is_few_statements_whatever_is_on_it(host: Any, django_assert_num_queries: Any) -> None:
    for _ in range(6):
        ready_photo(listed_room(host))
    asked = SearchFilters(city="gyeongju", check_in=day(5), check_out=day(7))
    with django_assert_num_queries(6):
        page = queries.search(asked, page_size=5)
    assert len(page.cards) == 5
    assert set(page.cards[0].cover) == {"480", "960", "1600"}


def test_an_empty_search_offers_single_changes_that_really_find(host: Any) -> None:
    room = listed_room(host, base_price=Money(300_000), capacity=2)
    with write():
        calendar.take_nights(room.pk, Stay(day(10), day(11)), reservation="BB1")
    asked = SearchFilters(city="gyeongju", check_in=day(10), check_out=day(11), guests=2)
    assert queries.search(asked).count == 0
    offered = queries.relaxations(asked)
    assert [each.change for each in offered] == ["a_day_later", "a_day_earlier", "a_week_later", "any_dates"]
    for each in offered:
        again = queries.search(SearchFilters(**{**each.filters.__dict__, "sort": "price"}))
        assert again.count == each.count > 0
        assert again.cards[0].from_total == each.cheapest
    cheap = SearchFilters(city="gyeongju", check_in=day(20), check_out=day(21), price_max=100_000)
    assert [each.change for each in queries.relaxations(cheap)] == ["any_price"]


def test_similar_rooms_are_of_the_same_city_and_free(host: Any) -> None:
    room, like, taken = listed_room(host), listed_room(host), listed_room(host)
    listed_room(host, city="busan")
    with write():
        calendar.take_nights(taken.pk, Stay(day(10), day(11)), reservation="BB1")
    dates = SearchFilters(check_in=day(10), check_out=day(11), guests=2)
    assert [card.id for card in queries.similar(room.pk, dates)] == [like.pk]


def test_the_first_page(host: Any, django_assert_max_num_queries: Any) -> None:
    room = listed_room(host)
    ready_photo(room)
    listed_room(host, city="busan")
    listed_room(host, city="Mokpo")
    with django_assert_max_num_queries(8):
        home = queries.home_page()
    assert [(city.code, city.rooms) for city in home.cities] == [("busan", 1), ("gyeongju", 1)]
    assert set(home.cities[1].cover) == {"480", "960", "1600"}
    assert len(home.cards) == 3
    assert home.check_in is not None
    assert home.check_in.isoweekday() == 5
    assert home.cards[0].total is not None


def test_a_page_of_a_room_is_few_statements(host: Any, django_assert_max_num_queries: Any) -> None:
    room = listed_room(host)
    for _ in range(3):
        ready_photo(room)
    with django_assert_max_num_queries(6):
        page = queries.room_page(room.slug)
    assert len(page.photos) == 3
    assert [each.code for each in page.amenities] == ["wifi", "kitchen"]
    assert page.summary.count == 0
    assert page.summary.rating is None

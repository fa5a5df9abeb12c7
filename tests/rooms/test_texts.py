"""Two languages, cities by any name, and words found inside words."""

from __future__ import annotations

from typing import Any

import pytest

from rooms import cities
from rooms.amenities import AMENITIES, in_order, unknown
from rooms.bigrams import search_query
from rooms.queries import SearchFilters, search
from rooms.texts import both, in_language, written_in
from tests.factories.rooms import listed_room


def test_a_missing_language_shows_the_other() -> None:
    assert both({"ko": "집"}) == {"ko": "집", "en": "집"}
    assert both({"ko": "", "en": "House"}) == {"ko": "House", "en": "House"}
    assert in_language({"en": "House", "ko": "집"}, "ko") == "집"
    assert both(None) == {"ko": "", "en": ""}


def test_writing_one_language_keeps_the_other() -> None:
    assert written_in("House", "en", {"ko": "집"}) == {"ko": "집", "en": "House"}
    assert written_in("", "en", {"ko": "집", "en": "House"}) == {"ko": "집"}


@pytest.mark.parametrize("name", ["서울", "서울특별시", "Seoul", " seoul ", "SEOUL city"])
def test_a_city_by_any_of_its_names(name: str) -> None:
    assert cities.city_key(name) == "seoul"


def test_an_unknown_city_is_called_as_written() -> None:
    assert cities.city_key("Mokpo") == "mokpo"
    assert cities.city_name("mokpo", "Mokpo") == {"ko": "Mokpo", "en": "Mokpo"}


def test_eight_cities_and_more_are_known_with_areas() -> None:
    assert len(cities.CITIES) >= 8
    assert all(city.areas and set(city.near) <= set(cities.CITIES) for city in cities.CITIES.values())


def test_amenities_are_codes_of_one_catalogue() -> None:
    assert in_order(["parking", "wifi", "wifi"]) == ["wifi", "parking"]
    assert unknown(["wifi", "moat"]) == ["moat"]
    assert all(set(each.name_i18n) == {"ko", "en"} for each in AMENITIES.values())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("느티나무", True),
        ("티나", True),
        ("느티나무집", True),
        ("경주", True),
        ("황남동에서", False),
        ("황남", True),
        ("한옥", True),
        ("ZELKOVA", True),
        ("zelk", True),
        ("elkova", False),
        ("바다", False),
        ("마당 느티나무", True),
        ("마당 바다", False),
        ("집", True),
        ("황남동 1", False),
    ],
)
def test_words_are_found_in_korean_and_english(host: Any, asked: str, found: bool) -> None:
    listed_room(
        host,
        title_i18n={"ko": "오래된 느티나무집", "en": "Old zelkova house"},
        description_i18n={"ko": "마당이 넓어요"},
        address="경주시 황남동 1",
    )
    assert bool(search(SearchFilters(q=asked)).cards) is found


@pytest.mark.django_db
@pytest.mark.parametrize("asked", ["'", "\\", "a' | 'b", "!&|()", ":*", "<->", "''''", "한'옥", "\x01"])
def test_no_text_breaks_the_search(host: Any, asked: str) -> None:
    listed_room(host)
    search(SearchFilters(q=asked))


def test_a_query_without_words_asks_nothing() -> None:
    assert search_query("!!! ---") == ""

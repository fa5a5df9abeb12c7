"""The drawn map beside the search: everything inside the box, a pin for each card, no exact places."""

from __future__ import annotations

import random
import re
from itertools import combinations
from typing import Any

import pytest
from django.test import Client

from rooms.maps import HEIGHT, LEAST_SPAN, PIN_HEIGHT, PIN_WIDTH, WIDTH, Map, Place, frame_of, map_of
from rooms.texts import texts
from tests.factories.rooms import listed_room

AREA = texts("황남동", "Hwangnam-dong")


def drawn(*spots: tuple[float, float]) -> Map:
    """The map of rooms at these places in one area."""
    found = map_of([Place(lat, lng, "gyeongju", AREA) for lat, lng in spots])
    assert found is not None
    return found


def assert_readable(found: Map, count: int) -> None:
    """Every pin and spot lies in the box, in order, and no pin covers another."""
    assert [pin.index for pin in found.pins] == list(range(count))
    for pin in found.pins:
        assert 0 <= pin.left <= WIDTH - PIN_WIDTH
        assert 0 <= pin.top <= HEIGHT - PIN_HEIGHT
        assert 0 <= pin.spot_x <= WIDTH
        assert 0 <= pin.spot_y <= HEIGHT
    for one, other in combinations(found.pins, 2):
        assert abs(one.x - other.x) >= PIN_WIDTH or abs(one.y - other.y) >= PIN_HEIGHT


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("degrees", [0.001, 0.05, 4.0, 80.0])
def test_any_twenty_places_are_readable(seed: int, degrees: float) -> None:
    dice = random.Random(seed)
    spots = [(dice.uniform(-degrees, degrees), 127 + dice.uniform(-degrees, degrees)) for _ in range(20)]
    assert_readable(drawn(*spots), 20)


def test_one_place_stands_in_the_middle_of_a_neighbourhood() -> None:
    (pin,) = drawn((35.8, 129.2)).pins
    assert (pin.x, pin.y, pin.moved) == (WIDTH / 2, HEIGHT / 2, False)
    assert frame_of([(35.8, 129.2)]).span == pytest.approx(LEAST_SPAN)


def test_places_in_one_spot_make_way_for_each_other() -> None:
    found = drawn(*[(35.8, 129.2)] * 20)
    assert_readable(found, 20)
    assert {(pin.spot_x, pin.spot_y) for pin in found.pins} == {(WIDTH / 2, HEIGHT / 2)}


@pytest.mark.parametrize("spot", [(90.0, 0.0), (-90.0, 180.0), (0.0, -180.0)])
def test_the_ends_of_the_world_are_no_trouble(spot: tuple[float, float]) -> None:
    assert_readable(drawn(spot, (0.0, 0.0)), 2)


def test_the_same_rooms_give_the_same_map() -> None:
    spots = [(35.8, 129.2), (35.801, 129.2), (35.9, 129.3)]
    assert drawn(*spots) == drawn(*spots)


def test_places_closer_than_strangers_may_know_are_one_spot() -> None:
    assert drawn((35.83441, 129.21961)) == drawn((35.83399, 129.22039))


def test_cities_are_named_on_a_wide_map_and_areas_on_a_close_one() -> None:
    wide = {label.name_i18n["en"] for label in drawn((37.5, 127.0), (35.1, 129.0)).labels}
    assert "Jeonju" in wide
    assert [label.name_i18n for label in drawn((35.834, 129.22)).labels] == [AREA]


def test_sea_is_drawn_where_the_coast_is_known() -> None:
    assert drawn((37.5, 127.0), (33.4, 126.5)).land.count("M") > 5
    assert drawn((48.85, 2.35)).water == ""


def test_no_place_no_map() -> None:
    assert map_of([]) is None
    assert map_of([Place(None, None, "gyeongju", AREA)]) is None


@pytest.mark.django_db
class TestPage:
    """``/rooms/``."""

    @pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
    def test_pins_are_the_cards_in_their_order(self, host: Any, headers: dict[str, str]) -> None:
        for number in range(3):
            listed_room(host, lat=35.83 + number / 100, lng=129.22)
        page = Client().get("/rooms/", headers=headers).content.decode()
        cards = re.findall(r'<article class="card" data-pair="(\w+)"', page)
        pins = re.findall(r'<a class="pin" href="[^"]+" data-pair="(\w+)"', page)
        assert len(cards) == 3
        assert pins == cards

    def test_exact_places_stay_hidden(self, host: Any) -> None:
        listed_room(host, lat=35.834412, lng=129.219613)
        page = Client().get("/rooms/").content.decode()
        assert 'class="pin"' in page
        assert "35.8344" not in page
        assert "129.2196" not in page

    def test_nothing_found_shows_no_map(self) -> None:
        page = Client().get("/rooms/").content.decode()
        assert 'class="map"' not in page
        assert "data-swap-view" not in page

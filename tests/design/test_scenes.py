"""The drawn photographs: the same from the same name, of the size asked for."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from airbnb.demo import scenes
from airbnb.demo.scenekit.art import MOODS


def test_a_picture_is_webp_of_the_width_asked_for_and_always_the_same() -> None:
    first = scenes.draw("tea_field", 480)
    image = Image.open(BytesIO(first))
    assert (image.format, image.size) == ("WEBP", (480, 360))
    assert scenes.draw("tea_field", 480) == first


def test_the_names_offer_rooms_and_views_in_every_mood_asked_for() -> None:
    assert len(scenes.NAMES) >= 22
    assert {mood for _, mood, _, _ in scenes.SAMPLES.values()} <= set(MOODS)
    assert len({scene for scene, *_ in scenes.SAMPLES.values()}) == 16


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(KeyError):
        scenes.draw("castle")

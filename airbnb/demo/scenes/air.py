"""What several scenes share: how a mood tints colours inside, and the pines in a window."""

from __future__ import annotations

from collections.abc import Callable

from airbnb.demo.scenekit.art import MOODS, Art
from airbnb.demo.scenekit.nature import clouds, orb, red_pine, ridge, sky
from airbnb.demo.scenekit.shapes import DARK, WHITE, Colour, Rgb, mix

DIMNESS = {"night": 0.36, "dusk": 0.26, "rain": 0.12, "snow": 0.06}


def dim(mood: str) -> Callable[[Colour], Rgb]:
    """Makes a colour as dark as the mood makes a room."""
    towards = "#33203c" if mood in DARK else MOODS[mood].sky[0]
    return lambda c: mix(c, towards, DIMNESS.get(mood, 0))


def pine_view(a: Art, mood: str) -> None:
    """Pines before a ridge, as a window shows them."""
    air = MOODS[mood]
    sky(a, mood, 700)
    orb(a, 540, 300, 40, "#fff6e0", air.glow, 0.6)
    clouds(a, 4, 200, 400, WHITE, 0.5)
    ridge(a, 560, 60, [air.far, air.haze], [(420, 120, 160)])
    a.haze(440, 640, air.haze, 0.5)
    ridge(a, 660, 40, [air.near, mix(air.near, "#203020", 0.3)], trees=44)
    red_pine(a, 290, 830, 560, mix(air.near, "#153a2c", 0.5), mix(air.near, "#8aa860", 0.5))

"""Drawn photographs of invented rooms: ``draw("hanok_autumn", 960)``, the same picture every time."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

from PIL import Image

from airbnb.demo.scenekit.art import Art
from airbnb.demo.scenekit.shapes import W
from airbnb.demo.scenes.coast import beach, harbour, tea, terrace
from airbnb.demo.scenes.country import cabin, hanok_yard, jeju, pavilion
from airbnb.demo.scenes.home import bath, kitchen, nook
from airbnb.demo.scenes.living import bedroom, loft, ondol
from airbnb.demo.scenes.town import rooftop, townhouse

Scene = Callable[..., None]
# name: (scene, mood, seed, what else the scene is told)
SAMPLES: dict[str, tuple[Scene, str, int, dict[str, Any]]] = {
    "hanok_autumn": (hanok_yard, "gold", 7, {}),
    "hanok_night": (hanok_yard, "dusk", 11, {"leaf": ("#5a2f4a", "#d98a6a")}),
    "hanok_snow": (hanok_yard, "snow", 5, {}),
    "hanok_spring": (hanok_yard, "noon", 21, {"leaf": ("#d98aa4", "#fde6ea")}),
    "ondol_room": (ondol, "gold", 3, {}),
    "jeju_stone": (jeju, "noon", 7, {}),
    "jeju_dusk": (jeju, "gold", 15, {}),
    "seoul_loft": (loft, "night", 4, {}),
    "pine_cabin": (cabin, "dusk", 9, {}),
    "cabin_snow": (cabin, "snow", 12, {}),
    "busan_harbour": (harbour, "gold", 8, {}),
    "busan_night": (harbour, "dusk", 14, {}),
    "bedroom_sage": (bedroom, "noon", 2, {}),
    "bedroom_clay": (bedroom, "dusk", 6, {"wall": "#d08a68", "throw": "#6a3050", "cover": "#fbf3e6"}),
    "bedroom_blue": (bedroom, "snow", 17, {"wall": "#9fb0c4", "throw": "#8a4a3a", "cover": "#f6f2ea"}),
    "kitchen": (kitchen, "noon", 5, {}),
    "kitchen_blue": (kitchen, "gold", 13, {"cab": "#4f6a8a"}),
    "bath": (bath, "mist", 6, {}),
    "pavilion": (pavilion, "dawn", 4, {}),
    "terrace": (terrace, "dawn", 10, {}),
    "rooftop": (rooftop, "dusk", 3, {}),
    "tea_field": (tea, "mist", 2, {}),
    "beach": (beach, "dawn", 5, {}),
    "nook_rain": (nook, "rain", 8, {}),
    "nook_snow": (nook, "snow", 18, {}),
    "townhouse": (townhouse, "dusk", 6, {}),
}
NAMES = tuple(SAMPLES)


def picture(name: str, width: int = W) -> Image.Image:
    """The sample ``name`` at ``width`` pixels, four to three; KeyError for an unknown name."""
    scene, mood, seed, told = SAMPLES[name]
    canvas = Art(seed)
    scene(canvas, mood, **told)
    return canvas.finish(width)


def draw(name: str, width: int = W, quality: int = 80) -> bytes:
    """The sample ``name`` as WebP: ``width`` in pixels, ``quality`` from 0 to 100; KeyError for an unknown name."""
    out = BytesIO()
    picture(name, width).save(out, "WEBP", quality=quality, method=6)
    return out.getvalue()

"""A drawn map of found rooms: land from a coast of our own, names, and pins that do not lie on each other.

Everything is worked out from places as strangers see them (``rooms.nearness``), in units of the view box, and the
same rooms always give the same map. Nothing is fetched: there are no tiles.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import cos, hypot, radians
from pathlib import Path
from typing import Any

from rooms.cities import CITIES
from rooms.nearness import near
from rooms.texts import Texts

WIDTH, HEIGHT = 400, 500
PIN_WIDTH, PIN_HEIGHT = 70, 30
# A single room still shows a neighbourhood: at least so many degrees from top to bottom, about four kilometres.
LEAST_SPAN = 0.04
# Above so many degrees cities are named, below it areas.
WIDE_SPAN = 0.5
# The drawing goes on around the view box, for windows of another shape.
AROUND = 400
# Pins keep their whole shape inside, with room for the note at the bottom.
_MARGIN_X, _MARGIN_Y = 50, 60
_GAP = 4
_LABEL_HEIGHT, _LETTER = 18, 12

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a room is, exactly; the map rounds it. ``area_i18n`` names the neighbourhood."""

    lat: float | None
    lng: float | None
    city: str
    area_i18n: Texts


@dataclass(frozen=True, slots=True)
class Frame:
    """A piece of the world in the view box: its middle in degrees, and units per degree of latitude."""

    lat: float
    lng: float
    scale: float

    @property
    def span(self) -> float:
        """Degrees of latitude from top to bottom."""
        return HEIGHT / self.scale

    def project(self, lat: float, lng: float) -> Point:
        """A place in units of the view box: equirectangular, with longitudes as wide as they are in the middle."""
        east = (lng - self.lng) * cos(radians(self.lat))
        return round(WIDTH / 2 + east * self.scale, 1), round(HEIGHT / 2 - (lat - self.lat) * self.scale, 1)


@dataclass(frozen=True, slots=True)
class Pin:
    """A pin's middle, and the spot it stands for: another one where pins had to make way. ``index`` is the room's."""

    index: int
    x: float
    y: float
    spot_x: float
    spot_y: float

    @property
    def left(self) -> float:
        """The left edge."""
        return round(self.x - PIN_WIDTH / 2, 1)

    @property
    def top(self) -> float:
        """The upper edge."""
        return round(self.y - PIN_HEIGHT / 2, 1)

    @property
    def baseline(self) -> float:
        """Where the writing stands."""
        return round(self.y + 5, 1)

    @property
    def moved(self) -> bool:
        """Whether it stands away from its spot."""
        return (self.x, self.y) != (self.spot_x, self.spot_y)


@dataclass(frozen=True, slots=True)
class Label:
    """A name and the middle of its line."""

    name_i18n: Texts
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Map:
    """What is drawn: water as far as we know the coast, land in it, names, and pins in the order of the rooms."""

    water: str
    land: str
    labels: list[Label]
    pins: list[Pin]


def map_of(places: Sequence[Place]) -> Map | None:
    """The map of these places; nothing where none of them has a position."""
    spots = {n: spot for n, place in enumerate(places) if (spot := _seen(place))}
    if not spots:
        return None
    frame = frame_of(list(spots.values()))
    pins = spread({n: frame.project(*spot) for n, spot in spots.items()})
    water, land = _coast_in(frame)
    return Map(water, land, labels_of(frame, places, pins), pins)


def frame_of(spots: Sequence[Point]) -> Frame:
    """The closest frame that shows all of these ``(lat, lng)`` with margins, and never less than a neighbourhood."""
    lats, lngs = [lat for lat, _lng in spots], [lng for _lat, lng in spots]
    lat, lng = (min(lats) + max(lats)) / 2, (min(lngs) + max(lngs)) / 2
    high, wide = max(lats) - min(lats), (max(lngs) - min(lngs)) * cos(radians(lat))
    scale = HEIGHT / LEAST_SPAN
    if high:
        scale = min(scale, (HEIGHT - 2 * _MARGIN_Y) / high)
    if wide > 0:
        scale = min(scale, (WIDTH - 2 * _MARGIN_X) / wide)
    return Frame(lat, lng, scale)


def spread(spots: dict[int, Point]) -> list[Pin]:
    """Pins at their spots, or at the nearest place inside the box where they cover no earlier one."""
    pins: list[Pin] = []
    for index, (x, y) in spots.items():
        taken = [(pin.x, pin.y) for pin in pins]
        free = (at for at in _from_near(x, y) if not _covers(at, taken))
        at = next(free, _inside(x, y))
        pins.append(Pin(index, *at, x, y))
    return pins


def labels_of(frame: Frame, places: Sequence[Place], pins: Sequence[Pin]) -> list[Label]:
    """Names inside the box that no pin and no other name covers: cities on a wide frame, areas on a close one."""
    named = _cities_in(frame) if frame.span > WIDE_SPAN else _areas_in(frame, places)
    labels: list[Label] = []
    for name, (x, y) in named:
        half = max(len(text) for text in name.values()) * _LETTER / 2
        for down in (0, 28, -28, 46, -46):
            at = Label(name, x, round(y + down, 1))
            if _in_box(at, half) and not _hidden(at, half, pins, labels):
                labels.append(at)
                break
    return labels


def _seen(place: Place) -> Point | None:
    lat, lng = near(place.lat), near(place.lng)
    return (lat, lng) if lat is not None and lng is not None else None


def _cities_in(frame: Frame) -> Iterator[tuple[Texts, Point]]:
    for city in CITIES.values():
        yield city.name_i18n, frame.project(city.lat, city.lng)


def _areas_in(frame: Frame, places: Sequence[Place]) -> Iterator[tuple[Texts, Point]]:
    """Areas in the middle of the rooms found in them, as they have no point of their own."""
    spots: dict[tuple[str, str], list[Point]] = {}
    names: dict[tuple[str, str], Texts] = {}
    for place in places:
        spot, name = _seen(place), place.area_i18n
        if spot and any(name.values()):
            key = (place.city, "|".join(name.values()))
            spots.setdefault(key, []).append(spot)
            names[key] = name
    for key, found in spots.items():
        lat, lng = (sum(each) / len(found) for each in zip(*found, strict=True))
        yield names[key], frame.project(lat, lng)


def _in_box(label: Label, half: float) -> bool:
    return half <= label.x <= WIDTH - half and _LABEL_HEIGHT <= label.y <= HEIGHT - _LABEL_HEIGHT


def _hidden(label: Label, half: float, pins: Sequence[Pin], others: Sequence[Label]) -> bool:
    wide, high = half + PIN_WIDTH / 2, (PIN_HEIGHT + _LABEL_HEIGHT) / 2
    if any(abs(pin.x - label.x) < wide and abs(pin.y - label.y) < high for pin in pins):
        return True
    return any(abs(each.x - label.x) < 2 * half and abs(each.y - label.y) < _LABEL_HEIGHT for each in others)


def _inside(x: float, y: float) -> Point:
    """The nearest middle of a pin that lies wholly in the box."""
    half_x, half_y = PIN_WIDTH / 2, PIN_HEIGHT / 2
    return min(max(x, half_x), WIDTH - half_x), min(max(y, half_y), HEIGHT - half_y)


@lru_cache(maxsize=1)
def _steps() -> list[Point]:
    """Steps away from a spot over the whole box, shortest first."""
    wide, high = PIN_WIDTH + _GAP, PIN_HEIGHT + _GAP
    across = range(-(2 * WIDTH) // wide, 2 * WIDTH // wide + 1)
    down = range(-(2 * HEIGHT) // high, 2 * HEIGHT // high + 1)
    # Half steps let pins that overlap only a little stay near.
    steps = [(i * wide / 2, j * high / 2) for i in across for j in down]
    return sorted(steps, key=lambda step: (hypot(*step), step))


def _from_near(x: float, y: float) -> Iterator[Point]:
    for right, down in _steps():
        at = (round(x + right, 1), round(y + down, 1))
        if at == _inside(*at):
            yield at


def _covers(at: Point, taken: Sequence[Point]) -> bool:
    return any(abs(at[0] - x) < PIN_WIDTH and abs(at[1] - y) < PIN_HEIGHT for x, y in taken)


@lru_cache(maxsize=1)
def _coast() -> dict[str, Any]:
    """The coast's ``box`` (west, south, east, north) and its ``rings``."""
    read: dict[str, Any] = json.loads(Path(__file__).with_name("coast.json").read_text("utf-8"))
    return read


@lru_cache(maxsize=64)
def _coast_in(frame: Frame) -> tuple[str, str]:
    """Water and land as paths. Outside the box of our coast nothing is known to be water."""
    coast = _coast()
    west, south, east, north = coast["box"]
    water = [(south, west), (south, east), (north, east), (north, west)]
    rings = [list(zip(ring[1::2], ring[::2], strict=True)) for ring in coast["rings"]]
    return _path(frame, water), "".join(_path(frame, ring) for ring in rings)


def _path(frame: Frame, ring: Sequence[Point]) -> str:
    """A ring as a path, cut to what can be seen; nothing where it lies outside or is too small."""
    points = _cut([frame.project(lat, lng) for lat, lng in ring])
    kept: list[Point] = []
    for point in points:
        if not kept or hypot(point[0] - kept[-1][0], point[1] - kept[-1][1]) >= 1:
            kept.append(point)
    return "M" + " ".join(f"{x:g},{y:g}" for x, y in kept) + "Z" if len(kept) > 2 else ""


def _cut(ring: list[Point]) -> list[Point]:
    """The ring inside the box and what is drawn around it (Sutherland-Hodgman: one edge after the other)."""
    for axis, limit in ((0, WIDTH + AROUND), (1, HEIGHT + AROUND)):
        ring = _cut_at(ring, axis, -AROUND, 1)
        ring = _cut_at(ring, axis, limit, -1)
    return ring


def _cut_at(ring: list[Point], axis: int, limit: float, side: int) -> list[Point]:
    kept: list[Point] = []
    for before, point in zip([*ring[-1:], *ring[:-1]], ring, strict=True):
        was_in, is_in = (before[axis] - limit) * side >= 0, (point[axis] - limit) * side >= 0
        if was_in != is_in:
            part = (limit - before[axis]) / (point[axis] - before[axis])
            x, y = (round(a + part * (b - a), 1) for a, b in zip(before, point, strict=True))
            kept.append((x, y))
        if is_in:
            kept.append(point)
    return kept

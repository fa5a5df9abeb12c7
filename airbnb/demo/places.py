"""The rooms of the demonstration, read from ``places.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A room to let. ``price`` is a night in thousands of won; ``pictures`` name drawn scenes, the cover first."""

    city: str
    area: str
    kind: str
    ko: str
    en: str
    about_ko: str
    about_en: str
    guests: int
    bedrooms: int
    price: int
    pictures: tuple[str, ...]
    extras: tuple[str, ...]
    at: tuple[float, float]


@cache
def places() -> tuple[Place, ...]:
    """All rooms; the three of the demonstration's host come first, then one of each city in turn."""
    return tuple(_place(row) for row in read("places.toml")["room"])


@cache
def words() -> dict[str, Any]:
    """The texts of ``texts.toml``."""
    return read("texts.toml")


def read(name: str) -> dict[str, Any]:
    """A data file of this folder."""
    return tomllib.loads((Path(__file__).parent / name).read_text(encoding="utf-8"))


def _place(row: dict[str, Any]) -> Place:
    lists = {name: tuple(row[name]) for name in ("pictures", "extras", "at")}
    return Place(**{**row, **lists})

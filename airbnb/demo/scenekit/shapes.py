"""Colours and outlines: what every drawing is made from."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any

W, H = 1600, 1200
WHITE, BLACK = "#ffffff", "#000000"
DARK = ("dusk", "night")
Rgb = tuple[int, int, int]
Colour = str | Rgb
# A paint is a colour, a list of colours (top to bottom), or ("h", colours) from left to right.
Paint = Any
Point = tuple[float, float]
Points = Sequence[Point]
Box = tuple[float, float, float, float]
Peaks = Sequence[tuple[float, float, float]]


def rgb(c: Colour) -> Rgb:
    """A colour as three numbers from 0 to 255."""
    return (int(c[1:3], 16), int(c[3:5], 16), int(c[5:7], 16)) if isinstance(c, str) else c


def mix(a: Colour, b: Colour, t: float) -> Rgb:
    """A colour on the way from ``a`` (t = 0) to ``b`` (t = 1)."""
    (r0, g0, b0), (r1, g1, b1) = rgb(a), rgb(b)
    return (round(r0 + (r1 - r0) * t), round(g0 + (g1 - g0) * t), round(b0 + (b1 - b0) * t))


def curve(pts: Points, n: int = 14) -> list[Point]:
    """A smooth line (Catmull-Rom) through the points."""
    p = [pts[0], *pts, pts[-1]]
    out: list[Any] = []
    for i in range(1, len(p) - 2):
        for t in (s / n for s in range(n)):
            out.append(
                tuple(
                    (
                        0.5
                        * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3)
                        for a, b, c, d in zip(*p[i - 1 : i + 3], strict=False)
                    )
                )
            )
    return [*out, pts[-1]]


def rect(x0: float, y0: float, x1: float, y1: float) -> list[Point]:
    """The corners of a box."""
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


def oval(
    x: float,
    y: float,
    rx: float,
    ry: float | None = None,
    wob: float = 0,
    rnd: random.Random | None = None,
    n: int = 36,
) -> list[Point]:
    """An oval, uneven by ``wob`` when a source of chance is given."""
    ry = rx if ry is None else ry
    k = [1 + (rnd.uniform(-wob, wob) if wob and rnd else 0) for _ in range(n)]
    return [(x + rx * k[i] * math.cos(math.tau * i / n), y + ry * k[i] * math.sin(math.tau * i / n)) for i in range(n)]


def rrect(x0: float, y0: float, x1: float, y1: float, r: float) -> list[Point]:
    """A box with round corners."""
    r = min(r, abs(x1 - x0) / 2, abs(y1 - y0) / 2)
    return [
        (cx + r * math.cos(math.radians(a + d)), cy + r * math.sin(math.radians(a + d)))
        for cx, cy, a in ((x1 - r, y0 + r, -90), (x1 - r, y1 - r, 0), (x0 + r, y1 - r, 90), (x0 + r, y0 + r, 180))
        for d in range(0, 91, 10)
    ]

"""Rooms, windows, lamps, plants and what stands in a room."""

from __future__ import annotations

import math
from collections.abc import Callable

from airbnb.demo.scenekit.art import Art
from airbnb.demo.scenekit.shapes import (
    WHITE,
    Colour,
    H,
    Paint,
    Point,
    Points,
    W,
    curve,
    mix,
    rect,
)


def room(a: Art, wall: Paint, floor: Paint, y: float = 860, plank: bool = True) -> None:
    """The walls and the floor of a room."""
    a.shape(rect(0, 0, W, y), list(wall))
    a.shape(rect(0, y, W, H), list(floor))
    for i in range(-14, 31) if plank else ():
        a.stroke(
            [(W / 2 + (i - 8) * 92, y), (W / 2 + (i - 8) * 210, H)], mix(floor[0], "#2a1a18", 0.35), 1.2, 2.6, 0.35
        )
    a.shape(rect(0, y - 24, W, y), mix(wall[-1], WHITE, 0.3))
    a.shade(rect(0, y, W, y + 30), "#5b4a52", 0.35, 14)


def window(
    a: Art,
    x0: float,
    y0: float,
    x1: float,
    y1: float,
    view: Callable[[], None],
    frame: Colour = "#3b2c28",
    cols: int = 2,
    rows: int = 1,
    sill: bool = True,
    t: float = 11,
) -> None:
    """view() paints what is seen through the panes."""
    a.shape(rect(x0 - t - 6, y0 - t - 6, x1 + t + 6, y1 + t + 6), mix(frame, WHITE, 0.12))
    with a.inside(rect(x0, y0, x1, y1)):
        view()
        a.light(
            [
                (x0 + (x1 - x0) * 0.55, y0),
                (x0 + (x1 - x0) * 0.8, y0),
                (x0 + (x1 - x0) * 0.35, y1),
                (x0 + (x1 - x0) * 0.1, y1),
            ],
            WHITE,
            0.07,
            2,
        )
    for x in (x0 + (x1 - x0) * i / cols for i in range(cols + 1)):
        a.shape(rect(x - t / 2, y0 - t, x + t / 2, y1 + t), ("h", [mix(frame, WHITE, 0.18), frame]))
    for y in (y0 + (y1 - y0) * i / rows for i in range(rows + 1)):
        a.shape(rect(x0 - t, y - t / 2, x1 + t, y + t / 2), [mix(frame, WHITE, 0.18), frame])
    if sill:
        a.shape(rect(x0 - 34, y1 + t, x1 + 34, y1 + t + 22), [mix(frame, WHITE, 0.35), frame])
        a.shade(rect(x0 - 20, y1 + t + 22, x1 + 20, y1 + t + 44), "#6b5a60", 0.4, 10)


def curtain(a: Art, x0: float, x1: float, y0: float, y1: float, c: Colour, gather: float = 0) -> None:
    """A curtain."""
    n = max(4, int((x1 - x0) / 22))
    for i in range(n):
        xa, xb, k = (x0 + (x1 - x0) * i / n, x0 + (x1 - x0) * (i + 1) / n, gather * (i / n - 0.5) * 40)
        a.shape(
            [(xa, y0), (xb, y0), (xb - k, y1), (xa - k, y1)],
            ("h", [mix(c, WHITE, 0.28), c, mix(c, "#4a3c50", 0.25)]),
            0.94,
        )


def lamp(
    a: Art,
    x: float,
    y: float,
    s: float = 1.0,
    c: Colour = "#ffd89a",
    drop: float | None = None,
    shade_c: Colour = "#f4e6c8",
) -> None:
    """A hanging or standing lamp that is on."""
    if drop is not None:
        a.stroke([(x, drop), (x, y - 46 * s)], "#2b2528", 3)
    a.glow(x, y, 330 * s, c, 0.55)
    a.shape(
        [(x - 30 * s, y - 50 * s), (x + 30 * s, y - 50 * s), (x + 74 * s, y + 34 * s), (x - 74 * s, y + 34 * s)],
        [shade_c, mix(shade_c, c, 0.6), "#fff6dd"],
    )


def plant(
    a: Art, x: float, y: float, h: float, dark: Colour, lite: Colour, pot: Colour = "#b9694a", leaves: int = 15
) -> None:
    """A plant in a pot."""
    for i in range(leaves):
        ang = math.pi * (0.12 + 0.76 * i / (leaves - 1)) + a.r.uniform(-0.08, 0.08)
        ln = h * a.r.uniform(0.6, 1) * (0.75 + 0.25 * math.sin(ang))
        p = curve(
            [
                (x, y - h * 0.15),
                (x + math.cos(ang) * ln * 0.3, y - h * 0.2 - math.sin(ang) * ln * 0.62),
                (x + math.cos(ang) * ln * 0.8, y - h * 0.2 - math.sin(ang) * ln),
            ],
            8,
        )
        wide = [h * 0.085 * math.sin(math.pi * j / len(p)) for j in range(len(p))]
        a.shape(
            _leaf(p, wide),
            mix(dark, lite, a.r.uniform(0.1, 0.9)),
        )
        a.stroke(p, mix(lite, WHITE, 0.2), 2, 0.6, 0.5)
    a.shape(
        [(x - h * 0.17, y - h * 0.26), (x + h * 0.17, y - h * 0.26), (x + h * 0.12, y), (x - h * 0.12, y)],
        ("h", [mix(pot, WHITE, 0.25), pot, mix(pot, "#2a1520", 0.4)]),
    )
    a.shape(
        rect(x - h * 0.185, y - h * 0.29, x + h * 0.185, y - h * 0.24),
        ("h", [mix(pot, WHITE, 0.35), mix(pot, "#2a1520", 0.2)]),
    )


def pillow(a: Art, x: float, y: float, w: float, h: float, c: Colour) -> None:
    """A pillow."""
    a.shape(
        curve(
            [
                (x, y),
                (x + w * 0.06, y - h * 0.92),
                (x + w * 0.5, y - h),
                (x + w * 0.94, y - h * 0.92),
                (x + w, y),
                (x + w * 0.5, y + h * 0.08),
                (x, y),
            ]
        ),
        [mix(c, WHITE, 0.4), c, mix(c, "#6a5a70", 0.25)],
    )


def pane_light(
    a: Art, x0: float, y0: float, w: float, h: float, dx: float, c: Colour, al: float, cols: int = 3
) -> None:
    """Sunlight through panes, thrown on a wall or a floor."""
    for i in range(cols):
        p, q = (x0 + w * i / cols + 8, x0 + w * (i + 1) / cols - 8)
        a.light([(p, y0), (q, y0), (q + dx, y0 + h), (p + dx, y0 + h)], c, al, 4)


def _leaf(line: Points, wide: list[float]) -> list[Point]:
    """A leaf around its line: out on one side, back on the other."""
    left = [(x - k, y) for (x, y), k in zip(line, wide, strict=True)]
    right = [(x + k, y) for (x, y), k in zip(line, wide, strict=True)]
    return left + right[::-1]

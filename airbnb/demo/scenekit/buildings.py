"""City houses, towers and strings of lamps."""

from __future__ import annotations

from airbnb.demo.scenekit.art import Art
from airbnb.demo.scenekit.shapes import (
    WHITE,
    Colour,
    Paint,
    Points,
    W,
    curve,
    mix,
    oval,
    rect,
    rrect,
)


def block(
    a: Art,
    x: float,
    y: float,
    w: float,
    h: float,
    wall: Paint,
    roof: Paint | None = None,
    lit: Colour | None = None,
    rows: int = 2,
    cols: int = 3,
) -> None:
    """A plain small house; its right side is in shadow."""
    a.shape(rect(x, y - h, x + w, y), [mix(wall, WHITE, 0.12), wall])
    a.shade(rect(x + w * 0.72, y - h, x + w, y), "#8a86a8", 0.45, 0)
    if roof:
        a.shape(
            [(x - w * 0.06, y - h), (x + w * 1.06, y - h), (x + w * 0.94, y - h * 1.14), (x + w * 0.06, y - h * 1.14)],
            roof,
        )
    for r in range(rows):
        for c in range(cols):
            wx, wy = (x + w * (c + 0.27) / cols, y - h * (rows - r - 0.18) / rows)
            a.shape(
                rect(wx, wy, wx + w * 0.46 / cols, wy + h * 0.5 / rows),
                lit if lit and a.r.random() < 0.55 else mix(wall, "#27304a", 0.7),
            )


def skyline(
    a: Art,
    y: float,
    cols: Paint,
    lit: Colour | None,
    h: tuple[float, float] = (90, 300),
    n: int = 34,
    haze: Colour | None = None,
) -> None:
    """A row of city blocks."""
    for i in range(n):
        w, hh, c, x = (
            a.r.uniform(36, 92),
            a.r.uniform(*h),
            a.r.choice(cols),
            -40 + i * (W + 80) / n + a.r.uniform(-14, 14),
        )
        a.shape(rect(x, y - hh, x + w, y + 40), ("h", [mix(c, WHITE, 0.06), c]))
        for r in range(int(hh / 13)):
            for q in range(int(w / 12)):
                if a.r.random() < 0.3:
                    a.shape(
                        rect(x + 5 + q * 12, y - hh + 8 + r * 13, x + 9.5 + q * 12, y - hh + 14 + r * 13),
                        lit,
                        a.r.uniform(0.25, 0.95),
                    )
    if haze:
        a.haze(y - h[1], y + 20, haze, 0.55)


def tower(a: Art, x: float, y: float, s: float = 1.0) -> None:
    """The broadcasting tower on Namsan, above Seoul."""
    a.shape([(x - 7 * s, y), (x - 5 * s, y - 150 * s), (x + 5 * s, y - 150 * s), (x + 7 * s, y)], "#d8d4e6")
    a.shape(rrect(x - 21 * s, y - 126 * s, x + 21 * s, y - 98 * s, 6), "#ffe9c4")
    a.stroke([(x, y - 150 * s), (x, y - 220 * s)], "#d8d4e6", 4 * s, 1)
    a.glow(x, y - 110 * s, 130 * s, "#ffb46a", 0.7)


def bulbs(a: Art, pts: Points, n: int = 12) -> None:
    """A string of bulbs along points."""
    line = curve(pts, 20)
    a.stroke(line, "#2a2430", 2)
    for i in range(1, n):
        x, y = line[int(i / n * (len(line) - 1))]
        a.glow(x, y + 9, 60, "#ffd98a", 0.6)
        a.shape(oval(x, y + 9, 6), "#fff4d0")

"""Sky, hills, trees, water and stones."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from airbnb.demo.scenekit.art import MOODS, Art
from airbnb.demo.scenekit.shapes import (
    BLACK,
    WHITE,
    Box,
    Colour,
    H,
    Paint,
    Peaks,
    Point,
    W,
    curve,
    mix,
    oval,
    rect,
)


def sky(a: Art, mood: str, y1: float = H) -> None:
    """The sky of a mood down to ``y1``, with stars at dusk and at night."""
    st = MOODS[mood][0]
    a.shape(rect(0, 0, W, y1), list(st))
    if mood in ("dusk", "night"):
        for _ in range(150 if mood == "night" else 60):
            y = 520 * a.r.random() ** 1.4
            a.shape(
                oval(a.r.uniform(0, W), y, a.r.choice((0.8, 1, 1, 1.5, 2.2)), n=8),
                "#fff6de",
                a.r.uniform(0.25, 0.95) * (1 - y / 760),
            )


def orb(
    a: Art, x: float, y: float, r: float, c: Colour, g: Colour | None = None, ga: float = 0.6, gr: float = 7
) -> None:
    """The sun or the moon, with its glow."""
    a.glow(x, y, r * gr, g or c, ga)
    a.shape(oval(x, y, r, n=72), c)


def clouds(a: Art, n: int, y0: float, y1: float, c: Colour, al: float = 0.55) -> None:
    """Some clouds between two heights."""
    for _ in range(n):
        x, y, w = (a.r.uniform(-80, W), a.r.uniform(y0, y1), a.r.uniform(120, 300))
        for _ in range(a.r.randint(3, 6)):
            a.shape(
                oval(
                    x + a.r.uniform(-0.7, 0.7) * w,
                    y + a.r.uniform(-16, 16),
                    w * a.r.uniform(0.3, 1),
                    a.r.uniform(4, 12),
                ),
                c,
                al * a.r.uniform(0.3, 0.8),
                4,
            )


def ridge_line(a: Art, y: float, amp: float, peaks: Peaks = (), rough: float = 0.5, step: int = 8) -> list[Point]:
    """The uneven line of a mountain, with peaks where asked."""
    ph = [a.r.uniform(0, 6.3) for _ in range(7)]

    def wave(x: Any) -> Any:
        return sum(
            (
                math.sin(x / W * math.pi * f + ph[i]) / f ** (1.25 - rough * 0.4)
                for i, f in enumerate((1.3, 2.7, 4.9, 8.3, 15, 29, 53))
            )
        )

    return [
        (x, y - amp * wave(x) * 0.55 - sum((h * math.exp(-(((x - px) / w) ** 2)) for px, h, w in peaks)))
        for x in range(-20, W + 21, step)
    ]


def ridge(a: Art, y: float, amp: float, paint: Paint, peaks: Peaks = (), rough: float = 0.5, trees: float = 0) -> None:
    """A mountain filled down to the ground."""
    line = ridge_line(a, y, amp, peaks, rough)
    if trees:
        line = [q for x, yy in line for q in ((x - 4, yy + 2), (x, yy - a.r.uniform(0.3, 1) * trees), (x + 3, yy + 1))]
    a.shape([*line, (W + 20, H), (-20, H)], paint)


def hills(a: Art, mood: str, y: float = 560, trees: int = 26) -> None:
    """Two ranges, the far one paler."""
    _, far, near, hz, _ = MOODS[mood]
    ridge(a, y, 110, [far, mix(far, hz, 0.6)], [(420, 150, 210), (1180, 90, 260)])
    a.haze(y - 130, y + 140, hz, 0.55)
    ridge(a, y + 80, 70, [near, mix(near, hz, 0.4)], [(1000, 80, 300)], trees=trees)
    a.haze(y, y + 240, hz, 0.45)


def foliage(
    a: Art,
    cx: float,
    cy: float,
    rx: float,
    ry: float,
    dark: Colour,
    lite: Colour,
    n: int = 160,
    size: float = 12,
    spark: Colour | None = None,
) -> None:
    """Clumps, dark below and light above, over a dark mass."""

    def spot() -> Any:
        return (max(-1, min(1, a.r.gauss(0, 0.42))), max(-1, min(1, a.r.gauss(0, 0.42))), a.r.random())

    for u, v, k in (spot() for _ in range(n // 7)):
        a.shape(
            oval(cx + u * rx * 0.8, cy + v * ry * 0.8, size * 2.2, size * 1.6, 0.12, a.r, 12),
            mix(dark, lite, 0.12 + 0.2 * k),
        )
    for u, v, k in sorted((spot() for _ in range(n)), key=lambda p: p[2] * 0.6 - p[1]):
        s = size * (0.5 + 0.8 * k)
        a.shape(
            oval(cx + u * rx, cy + v * ry, s, s * 0.7, 0.2, a.r, 9),
            mix(dark, lite, min(1, max(0, 0.45 - v * 0.55 - u * 0.2 + (k - 0.5) * 0.5))),
            0.95,
        )
    for _ in range(n // 14 if spark else 0):
        a.shape(oval(cx + a.r.gauss(0, 0.4) * rx, cy + a.r.gauss(0, 0.4) * ry, size * 0.55, n=14), spark)


def tree(
    a: Art,
    x: float,
    y: float,
    h: float,
    dark: Colour,
    lite: Colour,
    trunk: Colour = "#4a3428",
    n: int = 900,
    size: float = 11,
    spark: Colour | None = None,
) -> None:
    """A tree with limbs and leaves; (x, y) is its foot."""

    def limb(px: float, py: float, ang: float, ln: float, w: float, d: int) -> None:
        ex, ey = (px + math.cos(ang) * ln, py - math.sin(ang) * ln)
        a.stroke(
            curve([(px, py), ((px + ex) / 2 + a.r.uniform(-6, 6), (py + ey) / 2), (ex, ey)], 6), trunk, w, w * 0.62
        )
        for side in (-1, 1) if d else ():
            limb(ex, ey, ang + side * a.r.uniform(0.25, 0.55), ln * 0.68, w * 0.6, d - 1)

    limb(x, y, math.pi / 2 + a.r.uniform(-0.08, 0.08), h * 0.36, h * 0.05, 3)
    for dx, dy, s in ((-0.24, -0.58, 0.85), (0.26, -0.6, 0.85), (0, -0.72, 1), (-0.1, -0.5, 0.7), (0.14, -0.84, 0.75)):
        foliage(a, x + dx * h * 0.92, y + dy * h, h * 0.27 * s, h * 0.2 * s, dark, lite, int(n * s / 5), size, spark)


def conifer(a: Art, x: float, y: float, h: float, dark: Colour, lite: Colour, snow: Colour | None = None) -> None:
    """A fir in tiers, lit from the left."""
    a.shape(rect(x - h * 0.02, y - h * 0.2, x + h * 0.02, y), mix(dark, "#1a1410", 0.6))
    for i in range(8):
        t = i / 8
        top, bot, w = (y - h + h * 0.8 * t, y - h + h * (0.28 + 0.72 * t), h * (0.06 + 0.21 * t))
        jag = [
            (x - w + 2 * w * j / 12, bot + (h * 0.02 if j % 2 else -h * 0.012) - abs(j - 6) * h * 0.004)
            for j in range(13)
        ]
        a.shape([(x, top), *jag[::-1]], mix(dark, lite, 0.22 - 0.12 * t))
        a.shape([(x, top), (x + w * 0.05, bot), *jag[:6][::-1]], lite, 0.4)
        if snow:
            a.shape(
                [(x, top - 2), (x - w * 0.2, top + (bot - top) * 0.5)]
                + [(px, py - h * 0.025) for px, py in jag[:7]]
                + [(x + w * 0.1, top + (bot - top) * 0.55)],
                snow,
                0.85,
            )


def red_pine(
    a: Art, x: float, y: float, h: float, dark: Colour, lite: Colour, lean: float = 0.15, trunk: Colour = "#5a3324"
) -> None:
    """Korean red pine: a leaning trunk under flat clouds of needles."""
    body = curve(
        [(x, y), (x + h * 0.05, y - h * 0.3), (x - h * 0.02 + h * lean * 0.3, y - h * 0.6), (x + h * lean, y - h)]
    )
    a.stroke(body, trunk, h * 0.06, h * 0.02)
    a.stroke([(p[0] - h * 0.012, p[1]) for p in body], mix(trunk, "#ffb080", 0.35), h * 0.016, h * 0.006, 0.7)
    for t, dx, s in ((0.62, -0.3, 0.8), (0.72, 0.27, 0.85), (0.84, -0.2, 0.95), (0.92, 0.22, 0.8), (1.03, 0.02, 1.05)):
        cx, cy = (x + h * lean * t + dx * h, y - h * t)
        bx, by = body[int(min(0.96, t - 0.1) * (len(body) - 1))]
        a.stroke(curve([(bx, by), ((bx + cx) / 2, by - h * 0.03), (cx, cy + h * 0.02)]), trunk, h * 0.02, h * 0.008)
        foliage(a, cx, cy, h * 0.2 * s, h * 0.058 * s, dark, lite, 130, h * 0.022)


def grass(
    a: Art, x0: float, x1: float, y: float, h: float, cols: Sequence[Colour], n: int = 120, plume: Colour | None = None
) -> None:
    """Blades of grass along a line."""
    for _ in range(n):
        x, hh = (a.r.uniform(x0, x1), h * a.r.uniform(0.45, 1))
        b = a.r.uniform(-0.25, 0.45) * hh
        p = curve([(x, y), (x + b * 0.3, y - hh * 0.6), (x + b, y - hh)], 5)
        a.stroke(p, a.r.choice(cols), 5, 1, 0.9)
        if plume:
            a.stroke([p[-5], p[-1], (p[-1][0] + b * 0.25, p[-1][1] - hh * 0.08)], plume, 10, 2, 0.75, 0.8)


def blooms(
    a: Art, x0: float, x1: float, y0: float, y1: float, cols: Sequence[Colour], n: int = 500, stem: Colour | None = None
) -> None:
    """Flowers strewn over a box."""
    for _ in range(n):
        t = a.r.random() ** 0.7
        x, y, s = (a.r.uniform(x0, x1), y0 + (y1 - y0) * t, 2 + 6 * t)
        if stem:
            a.stroke([(x, y), (x + a.r.uniform(-3, 3), y + s * 4)], stem, s * 0.35, a=0.7)
        a.shape(oval(x, y, s, s * 0.8, 0.2, a.r, 9), a.r.choice(cols), 0.95)


def flakes(a: Art, n: int = 400) -> None:
    """Falling snow."""
    for _ in range(n):
        a.shape(
            oval(a.r.uniform(0, W), a.r.uniform(0, H), a.r.choice((1.5, 2.2, 3.4, 5)), n=10),
            WHITE,
            a.r.uniform(0.4, 0.95),
            a.r.choice((0, 0, 2)),
        )


def sea(
    a: Art,
    y0: float,
    y1: float,
    stops: Sequence[Colour],
    glint: Colour = WHITE,
    n: int = 160,
    gx: float | None = None,
    gw: float = 260,
) -> None:
    """Water with glints between two heights."""
    a.shape(rect(0, y0, W, y1), list(stops))
    for _ in range(n):
        t = a.r.random() ** 1.6
        y, w = (y0 + 3 + (y1 - y0 - 6) * t, (10 + 70 * t) * a.r.uniform(0.4, 1))
        x = a.r.gauss(gx, gw * (0.35 + t)) if gx is not None else a.r.uniform(0, W)
        a.shape(oval(x, y, w, 1 + 2 * t, n=16), glint, a.r.uniform(0.12, 0.55))


def stones(a: Art, box: Box, cols: Sequence[Colour], size: float = 34, mortar: Colour = "#3a3638") -> None:
    """A dry-stone wall: uneven rows, lit from above."""
    x0, y, x1, y1 = box
    a.shape(rect(*box), mortar)
    with a.inside(rect(x0, y - size * 0.2, x1, y1)):
        while y < y1:
            hh, x = (size * a.r.uniform(0.7, 1.05), x0 - a.r.uniform(0, size))
            while x < x1:
                ww, c = (size * a.r.uniform(0.8, 1.9), a.r.choice(cols))
                a.shape(
                    oval(x + ww / 2, y + hh / 2, ww / 2 * 1.06, hh / 2 * 1.1, 0.09, a.r, 13),
                    [mix(c, WHITE, 0.13), mix(c, BLACK, 0.16)],
                )
                x += ww
            y += hh


def steps(a: Art, pts: Iterable[tuple[float, float, float]], c: Sequence[Colour] = ("#c4bdb0", "#8a837c")) -> None:
    """Stepping stones, each (x, y, width)."""
    for x, y, s in pts:
        a.shade(oval(x, y + s * 0.1, s, s * 0.25), "#4a3f4a", 0.45, 5)
        a.shape(oval(x, y, s, s * 0.23, 0.05, a.r), list(c))

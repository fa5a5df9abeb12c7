"""A hanok from the front: stone base, papered doors, timber, and the tiled roof with its curved eaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from airbnb.demo.scenekit.art import Art
from airbnb.demo.scenekit.nature import stones
from airbnb.demo.scenekit.shapes import BLACK, WHITE, Colour, Point, curve, mix, oval, rect


@dataclass(frozen=True)
class Hanok:
    """One house: (x, y) is the middle of the ground line, ``w`` the width of its body."""

    x: float
    y: float
    w: float
    tile: Sequence[Colour]
    wood: Colour
    wall: Colour
    lit: Colour | None
    bays: int
    snow: Colour | None
    base: Colour
    stilts: bool

    @property
    def h(self) -> float:
        """The unit of height."""
        return self.w * 0.3

    @property
    def left(self) -> float:
        """Where the body begins."""
        return self.x - self.w / 2

    @property
    def right(self) -> float:
        """Where the body ends."""
        return self.x + self.w / 2

    @property
    def stone(self) -> float:
        """The upper edge of the stone base."""
        return self.y - self.h * 0.16

    @property
    def floor(self) -> float:
        """The level of the floor."""
        return self.y - self.h * 0.34

    @property
    def top(self) -> float:
        """The upper edge of the walls."""
        return self.y - self.h * 1.05


def hanok(
    a: Art,
    x: float,
    y: float,
    w: float,
    tile: Sequence[Colour] = ("#39404c", "#7e8896"),
    wood: Colour = "#74472c",
    wall: Colour = "#efe4cf",
    lit: Colour | None = None,
    bays: int = 5,
    snow: Colour | None = None,
    base: Colour = "#b9b0a1",
    stilts: bool = False,
) -> None:
    """Front view; (x, y) is the middle of the ground line, ``w`` the width of the body."""
    house = Hanok(x, y, w, tile, wood, wall, lit, bays, snow, base, stilts)
    _base(a, house)
    for number in range(bays):
        _bay(a, house, number)
    _timber(a, house)
    _roof(a, house)


def _base(a: Art, o: Hanok) -> None:
    if not o.stilts:
        under = rect(o.left - o.w * 0.1, o.y - 6, o.right + o.w * 0.1, o.y + o.h * 0.16)
        a.shade(under, "#2c2838", 0.5, 16)
        box = (o.left - o.w * 0.05, o.stone, o.right + o.w * 0.05, o.y)
        colours = [o.base, mix(o.base, "#8a8078", 0.3), mix(o.base, WHITE, 0.2)]
        stones(a, box, colours, o.h * 0.15, mix(o.base, BLACK, 0.5))
    a.shape(rect(o.left, o.top, o.right, o.floor), [mix(o.wall, "#6a5a58", 0.45), o.wall, o.wall])


def _bay(a: Art, o: Hanok, number: int) -> None:
    bw, paper = o.w / o.bays, o.lit or "#f3ead8"
    bx, door = o.left + number * bw, number not in (0, o.bays - 1) or o.bays < 4
    l, r = bx + bw * 0.1, bx + bw * 0.9  # noqa: E741
    d0, d1 = o.top + o.h * (0.1 if door else 0.16), o.floor - (0 if door else o.h * 0.22)
    bright = [mix(paper, "#7a4a20", 0.22), paper, mix(paper, WHITE, 0.25)]
    a.shape(rect(l, d0, r, d1), bright if o.lit else [mix(paper, "#7b7488", 0.5), paper])
    for k in range(1, 10):
        at = l + (r - l) * k / 10
        a.shape(rect(at - o.w * 0.0009, d0, at + o.w * 0.0009, d1), o.wood, 0.75)
    for part in (0.0, 0.12, 0.24, 0.5, 0.62, 0.9, 1):
        at = d0 + (d1 - d0) * part
        a.shape(rect(l, at - o.w * 0.001, r, at + o.w * 0.001), o.wood, 0.75)
    a.shape(rect(bx + bw * 0.49, d0, bx + bw * 0.51, d1), o.wood)


def _timber(a: Art, o: Hanok) -> None:
    h, w = o.h, o.w
    post = [mix(o.wood, "#ffb27a", 0.25), o.wood, mix(o.wood, BLACK, 0.35)]
    for number in range(o.bays + 1):
        px = o.left + number * w / o.bays
        a.shape(rect(px - w * 0.011, o.top, px + w * 0.011, o.y + h * 0.3 if o.stilts else o.stone), ("h", post))
    beam = [mix(o.wood, "#ffb27a", 0.2), mix(o.wood, BLACK, 0.25)]
    for yy, t in ((o.top + h * 0.05, 0.035), (o.floor - h * 0.01, 0.03)):
        a.shape(rect(o.left - w * 0.01, yy - h * t, o.right + w * 0.01, yy + h * t), beam)
    porch = rect(o.left - w * 0.03, o.floor, o.right + w * 0.03, o.floor + h * 0.09)
    a.shape(porch, [mix(o.wood, "#ffd2a0", 0.5), o.wood])
    if not o.stilts:
        a.shape(rect(o.left, o.floor + h * 0.09, o.right, o.stone), mix(o.wood, "#120d12", 0.8))
    if o.lit:
        a.glow(o.x, o.floor - h * 0.3, w * 0.62, o.lit, 0.38, h * 0.9)


def _eave(o: Hanok) -> list[Point]:
    x, w, h, ey = o.x, o.w, o.h, o.top + o.h * 0.06
    e0, e1 = o.left - w * 0.13, o.right + w * 0.13
    points = [(e0, ey - h * 0.26), (e0 + w * 0.13, ey - h * 0.06), (x - w * 0.22, ey + h * 0.04), (x, ey + h * 0.055)]
    points += [(x + w * 0.22, ey + h * 0.04), (e1 - w * 0.13, ey - h * 0.06), (e1, ey - h * 0.26)]
    return curve(points)


def _cap(o: Hanok) -> list[Point]:
    x, w, h, ry = o.x, o.w, o.h, o.top - o.h * 0.78
    points = [(x - w * 0.4, ry - h * 0.1), (x - w * 0.2, ry - h * 0.01), (x, ry + h * 0.02)]
    return curve([*points, (x + w * 0.2, ry - h * 0.01), (x + w * 0.4, ry - h * 0.1)])


def _at(line: Sequence[Point], t: float) -> Point:
    return line[int(t * (len(line) - 1))]


def _roof(a: Art, o: Hanok) -> None:
    x, w, h = o.x, o.w, o.h
    eave, cap, ry = _eave(o), _cap(o), o.top - o.h * 0.78
    a.shade(
        [(p[0], p[1] + h * 0.02) for p in eave] + rect(o.left, o.top, o.right, o.top + h * 0.26)[2:], "#231c2c", 0.75, 7
    )
    for i in range(int(w / 17)):
        px, py = _at(eave, (i + 0.5) / int(w / 17))
        a.shape(oval(px * 0.985 + x * 0.015, py + h * 0.05, w * 0.0065, n=12), mix(o.wood, "#ffcf9a", 0.3))
    left = curve([cap[0], (cap[0][0] - w * 0.06, ry + h * 0.33), eave[0]])
    right = curve([cap[-1], (cap[-1][0] + w * 0.06, ry + h * 0.33), eave[-1]])
    body = left + eave + right[::-1] + cap[::-1]
    a.shape(body, [mix(o.tile[1], o.tile[0], 0.25), o.tile[0], mix(o.tile[0], BLACK, 0.2)])
    n = int(w / 13)
    with a.inside(body):
        for i in range(n + 1):
            _tiles(a, o, _at(cap, i / n), _at(eave, i / n), i / n, bool(i))
    for i in range(n + 1):
        a.shape(oval(*_at(eave, i / n), w * 0.0062, n=12), mix(o.tile[1], WHITE, 0.12))
    a.stroke([(p[0], p[1] - h * 0.03) for p in cap], [mix(o.tile[1], WHITE, 0.15), o.tile[0]], h * 0.14)
    ridge = o.snow or mix(o.tile[1], WHITE, 0.35)
    a.stroke([(p[0], p[1] - h * 0.085) for p in cap], ridge, h * (0.06 if o.snow else 0.022))


def _tiles(a: Art, o: Hanok, top: Point, foot: Point, part: float, snowy: bool) -> None:
    (tx, ty), (bx, by), s, w = top, foot, (part - 0.5) * 2, o.w
    middle = (tx + (bx - tx) * (0.45 - 0.12 * abs(s)), ty + (by - ty) * 0.52 + o.h * 0.02)
    line = curve([(tx, ty), middle, (bx, by)], 6)
    a.stroke(line, mix(o.tile[0], BLACK, 0.45), w * 0.004, w * 0.0075, 0.55)
    a.stroke([(p[0] - w * 0.0035, p[1]) for p in line], o.tile[1], w * 0.003, w * 0.0055, 0.8)
    if o.snow and snowy:
        covered = line[: int(len(line) * a.r.uniform(0.72, 1))]
        a.stroke([(p[0] + w * 0.005, p[1]) for p in covered], o.snow, w * 0.009, w * 0.013, 0.95)

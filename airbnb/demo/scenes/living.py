"""Scenes of rooms to sleep and to live in. A scene paints from back to front."""

from __future__ import annotations

import math

from airbnb.demo.scenekit.art import MOODS, Art
from airbnb.demo.scenekit.buildings import skyline, tower
from airbnb.demo.scenekit.interior import curtain, lamp, pane_light, pillow, plant, room, window
from airbnb.demo.scenekit.nature import (
    foliage,
    orb,
    ridge,
    sky,
    steps,
    stones,
    tree,
)
from airbnb.demo.scenekit.shapes import BLACK, WHITE, Colour, H, W, curve, mix, oval, rect, rrect
from airbnb.demo.scenes.air import dim, pine_view


def _bedroom_back(a: Art, mood: str, wall: Colour, throw: Colour, floor: Colour) -> None:
    air = MOODS[mood]
    d, lit = (dim(mood), mood in ("night", "dusk", "rain"))
    room(
        a,
        [d(mix(wall, BLACK, 0.08)), d(wall), d(mix(wall, WHITE, 0.12))],
        [d(floor), d(mix(floor, "#3a2020", 0.45))],
        850,
    )
    window(a, 120, 130, 640, 690, lambda: pine_view(a, mood), d("#7a4e32"), 2, 1)
    curtain(a, 30, 140, 80, 860, d("#f4ead8"), 1)
    curtain(a, 622, 716, 80, 860, d("#f4ead8"), -1)
    a.shape(rrect(14, 74, 730, 88, 5), d("#4a3024"))
    if not lit:
        pane_light(a, 900, 170, 420, 420, 200, air.glow, 0.3, 2)
        pane_light(a, 160, 880, 460, 300, 330, air.glow, 0.4, 2)
    x0, x1 = (800, 1500)
    a.shape(rrect(x0 - 40, 470, x1 + 40, 900, 26), [d("#a8744a"), d("#7a4c30")])
    for k in range(1, 10):
        a.shape(rect(x0 - 40 + k * 78, 490, x0 - 37 + k * 78, 900), d("#7a4c30"), 0.5)
    for k, (w, y) in enumerate(((330, 690), (330, 690), (270, 730), (270, 730))):
        pillow(
            a,
            x0 + 20 + k % 2 * 340 + (30 if k > 1 else 0),
            y,
            w,
            170 if k < 2 else 140,
            d("#fbf5ea" if k < 2 else mix(throw, WHITE, 0.35)),
        )
    pillow(a, 1040, 760, 220, 100, d("#e0b05a"))
    a.shade(rect(x0 - 80, 1120, x1 + 80, 1190), "#30202a", 0.6, 22)


def _bedroom_middle(a: Art, mood: str, cover: Colour) -> None:
    d = dim(mood)
    x0, x1 = (800, 1500)
    top = curve([(x0 - 20, 742), (x0 + 200, 716), (x0 + 420, 730), (x1 + 20, 742)])
    a.shape(
        top
        + curve(
            [
                (x1 + 86, 1000),
                (x1 + 110, 1172),
                (x1 - 60, 1160),
                (x0 + 300, 1178),
                (x0 - 110, 1172),
                (x0 - 86, 1000),
                (x0 - 20, 742),
            ],
            8,
        ),
        [d(mix(cover, WHITE, 0.6)), d(cover), d(mix(cover, "#6b5a78", 0.28))],
    )
    a.shape([(x0 - 18, 742), (x1 + 18, 742), (x1 + 32, 806), (x0 - 32, 806)], [d(WHITE), d(mix(cover, WHITE, 0.5))])


def _bedroom_front(a: Art, mood: str, cover: Colour, throw: Colour) -> None:
    d = dim(mood)
    x0, x1 = (800, 1500)
    for i in range(11):
        fx = x0 - 60 + i * 82
        a.stroke(
            curve([(fx + 20, 830 + 20 * (i % 3)), (fx + 8 * (i % 4) - 10, 980), (fx + (i - 5) * 9, 1160)]),
            d(mix(cover, "#5a4a6a", 0.34)),
            2,
            12,
            0.3,
            4,
        )
    a.shape(
        curve(
            [
                (x0 - 74, 940),
                (x0 + 340, 966),
                (x1 + 72, 930),
                (x1 + 104, 1100),
                (x0 + 330, 1136),
                (x0 - 104, 1104),
                (x0 - 74, 940),
            ],
            8,
        ),
        [d(mix(throw, WHITE, 0.2)), d(throw), d(mix(throw, "#120a20", 0.3))],
    )


def _bedroom_foremost(a: Art, mood: str, throw: Colour) -> None:
    d, lit = (dim(mood), mood in ("night", "dusk", "rain"))
    x0 = 800
    for i in range(24):
        a.stroke(
            [
                (x0 - 70 + i * 35, 946 + 18 * math.sin(i / 23 * math.pi)),
                (x0 - 96 + i * 37.2, 1104 + 30 * math.sin(i / 23 * math.pi)),
            ],
            d(mix(throw, WHITE, 0.3)),
            2.5,
            2.5,
            0.35,
        )
    for lx in (742, 1572):
        a.shape(rrect(lx - 70, 800, lx + 56, 940, 8), [d("#a8744a"), d("#6d452c")])
        a.shape(rect(lx - 8, 760, lx, 800), d("#4a3428"))
        lamp(a, lx - 4, 726, 0.8, "#ffc878" if lit else "#fff0cc")
    if lit:
        a.glow(1150, 640, 900, "#ffa850", 0.55)
    plant(a, 150, 1130, 380, d("#2c5440"), d("#8fb86a"), d("#d8cbb6"), 13)


def bedroom(
    a: Art,
    mood: str,
    wall: Colour = "#b9c4b4",
    cover: Colour = "#f3ece0",
    throw: Colour = "#2f4a8a",
    floor: Colour = "#b98a5c",
) -> None:
    """A bedroom with a window on pines."""
    _bedroom_back(a, mood, wall, throw, floor)
    _bedroom_middle(a, mood, cover)
    _bedroom_front(a, mood, cover, throw)
    _bedroom_foremost(a, mood, throw)


def _ondol_back(a: Art, mood: str) -> None:
    air = MOODS[mood]
    room(a, ["#eadfc8", "#f6eedd"], ["#dcb87c", "#bd8f50"], 850, False)
    for i in range(1, 7):
        a.stroke([(W / 2 + (i - 3.5) * 250, 850), (W / 2 + (i - 3.5) * 420, H)], "#b88a4a", 1.6, 2.4, 0.6)

    def view() -> None:
        sky(a, mood, 640)
        ridge(a, 520, 60, [air.far, air.haze], [(900, 150, 200)])
        a.haze(380, 640, air.haze, 0.6)
        ridge(a, 600, 24, [air.near, mix(air.near, "#20382c", 0.3)], trees=40)
        a.shape(rect(300, 738, 1300, 870), ["#d9cfae", "#c6b78e"])
        stones(a, (300, 640, 1300, 742), ["#a79c8c", "#bfb3a0", "#938a80"], 30, "#6b6058")
        a.shape(rect(300, 618, 1300, 648), ["#7e8896", "#39404c"])
        tree(a, 980, 806, 560, "#8a2f22", "#f08a3c", n=1000, size=10)
        foliage(a, 480, 770, 150, 62, "#2f5a3c", "#9abf6a", 300, 12)
        steps(a, ((740, 804, 58), (680, 842, 74)))

    window(a, 420, 160, 1180, 850, view, "#6d4229", 1, 1, False, 16)
    for x0, x1 in ((90.0, 402.0), (1198.0, 1510.0)):
        a.shape(rect(x0 - 14, 146, x1 + 14, 866), ["#8a5836", "#5f3822"])
        a.shape(rect(x0, 162, x1, 850), ["#fffaf0", "#f4e8cf", "#e6d3b0"])
        for k in range(1, 8):
            a.shape(rect(x0 + (x1 - x0) * k / 8 - 2, 162, x0 + (x1 - x0) * k / 8 + 2, 850), "#7a4c2e")
        for part in (0.05, 0.1, 0.15, 0.45, 0.5, 0.55, 0.85, 0.9, 0.95):
            a.shape(rect(x0, 162 + 688 * part - 2, x1, 162 + 688 * part + 2), "#7a4c2e")
    a.shape(rect(0, 50, W, 98), ["#8a5836", "#5f3822"])
    for i in range(9):
        a.shape(rect(i * 200 - 20, 0, i * 200 + 22, 56), ("h", ["#9a6540", "#5f3822"]))
    a.light([(440, 856), (1160, 856), (900, 1190), (60, 1190)], air.glow, 0.5, 14)
    a.shade(rrect(560, 980, 1330, 1150, 30), "#6a4a2a", 0.55, 14)
    a.shape(rrect(560, 940, 1320, 1116, 44), [WHITE, "#e3d6bf"])
    a.shape(rrect(800, 926, 1344, 1126, 48), ["#4a68b0", "#26397a"])
    a.shape(rrect(788, 926, 872, 1126, 30), [WHITE, "#e3d6bf"])
    a.shape(rrect(592, 956, 744, 1076, 40), [WHITE, "#d3c5ac"])
    for i in range(6):
        a.stroke(
            curve([(900 + i * 74, 944), (886 + i * 76 + 10 * (i % 2), 1030), (906 + i * 74, 1110)]),
            "#1c2b62",
            3,
            8,
            0.3,
            3,
        )
    a.shade(oval(320, 1096, 210, 22), "#5a3a20", 0.5, 10)


def _ondol_front(a: Art) -> None:
    a.shape(rrect(150, 1006, 490, 1030, 6), ["#8a5634", "#4a2c1c"])
    for x in (180, 446):
        a.shape(rect(x, 1030, x + 16, 1090), "#4a2c1c")
    a.shape(rrect(280, 946, 366, 1006, 24), ["#e6eee4", "#93a898"])
    a.shape(oval(323, 948, 22, 6), "#7f9184")
    a.shape(rrect(200, 974, 242, 1006, 8), "#f8f3e8")
    a.shape(rrect(400, 974, 442, 1006, 8), "#f8f3e8")


def ondol(a: Art, mood: str) -> None:
    """A papered room with a heated floor, open to the yard."""
    _ondol_back(a, mood)
    _ondol_front(a)


def loft(a: Art, mood: str = "night") -> None:
    """A city loft with the skyline in its windows."""
    room(a, ["#2c2a3c", "#3b3448", "#54424c"], ["#6a4a3e", "#3c2a30"])
    st = MOODS[mood][0]

    def view() -> None:
        sky(a, mood, 900)
        orb(a, 420, 250, 30, "#fff2d0", "#cfd8ff", 0.35)
        ridge(a, 610, 30, ["#1b2450", "#0f1636"], [(1010, 200, 230)])
        tower(a, 1008, 452, 1.05)
        skyline(a, 700, ["#26305c", "#2f3a68"], "#ffd9a0", (60, 200), 36, mix(st[-1], "#3f4a7c", 0.6))
        skyline(a, 790, ["#161d3e", "#1e264a"], "#ffcf80", (90, 330), 24)

    window(a, 150, 110, 1450, 740, view, "#17151c", 5, 2, False, 9)
    curtain(a, 30, 150, 80, 880, "#9a8a98")
    curtain(a, 1455, 1580, 80, 880, "#9a8a98")
    a.shape(oval(800, 1090, 640, 96), ["#9a6458", "#6a4448"])
    lamp(a, 1330, 420, 1.1)
    a.stroke([(1330, 455), (1330, 990)], "#17131a", 7)
    a.shape(oval(1330, 994, 62, 12), "#17131a")
    a.glow(1180, 760, 620, "#ffb060", 0.35)
    a.shade(oval(700, 1030, 520, 34), "#120c16", 0.7, 14)
    for x0, y0, x1, y1, r, c in (
        (260, 730, 1120, 960, 46, "#c98a5a"),
        (218, 820, 360, 1010, 44, "#d89a66"),
        (1030, 820, 1164, 1010, 44, "#c08250"),
        (352, 872, 692, 962, 26, "#e0a878"),
        (692, 872, 1032, 962, 26, "#e0a878"),
    ):
        a.shape(rrect(x0, y0, x1, y1, r), [mix(c, WHITE, 0.12), mix(c, "#6a3038", 0.35)])
    a.shape(rect(300, 960, 1090, 1004), "#7a4638")
    for x, c in ((380, "#e9dcc4"), (500, "#3f5a9a"), (900, "#e0b84e")):
        pillow(a, x, 884, 124, 112, c)
    a.stroke([(960, 742), (985, 860), (1010, 990)], "#e9dcc4", 90, 100, 0.95)
    a.shape(oval(760, 1066, 200, 38), "#241a1e")
    a.shape(oval(760, 1056, 200, 36), ["#a87450", "#6b4430"])
    a.shape(rrect(700, 1010, 742, 1054, 6), "#f4ead6")
    a.shape(rect(790, 1040, 890, 1056), "#3f5a9a")
    a.shape(rect(798, 1026, 880, 1040), "#e0b84e")
    plant(a, 130, 1020, 440, "#1f3a34", "#5f9a6a", "#d8cdbd")

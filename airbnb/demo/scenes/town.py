"""Scenes of the town. A scene paints from back to front."""

from __future__ import annotations

from airbnb.demo.scenekit.art import MOODS, Art
from airbnb.demo.scenekit.buildings import bulbs, skyline, tower
from airbnb.demo.scenekit.interior import curtain, lamp, plant
from airbnb.demo.scenekit.nature import (
    clouds,
    foliage,
    orb,
    ridge,
    sky,
    tree,
)
from airbnb.demo.scenekit.shapes import BLACK, DARK, WHITE, H, W, mix, oval, rect, rrect
from airbnb.demo.scenes.air import dim


def _rooftop_back(a: Art, mood: str) -> None:
    air = MOODS[mood]
    sky(a, mood, 800)
    orb(a, 320, 470, 50, "#ffe9c8", air.glow, 0.7, 9)
    clouds(a, 8, 150, 430, mix(air.haze, WHITE, 0.2))
    ridge(a, 640, 30, [mix(air.far, air.haze, 0.2), mix(air.far, air.haze, 0.4)], [(1060, 190, 240), (200, 60, 200)])
    tower(a, 1064, 506, 1.1)
    skyline(a, 720, [mix(air.far, air.near, 0.3), mix(air.far, air.near, 0.55)], "#ffe0a0", (50, 210), 34, air.haze)
    skyline(a, 830, [air.near, mix(air.near, BLACK, 0.2)], "#ffcf80", (90, 270), 22)
    a.shape(rect(0, 900, W, H), [mix("#6a7f6a", air.near, 0.35), mix("#3f5a4c", air.near, 0.35)])
    for j in range(6):
        for i in range(28):
            a.shape(
                rect(i * 60 - (30 if j % 2 else 0), 790 + j * 22, i * 60 + 57 - (30 if j % 2 else 0), 809 + j * 22),
                mix(mix("#b8624a", "#8a4438", a.r.random()), air.near, 0.25),
            )
    a.shape(rect(0, 770, W, 792), [mix("#d8c4b0", air.near, 0.2), mix("#8f7f78", air.near, 0.3)])
    for x in (120, 1500):
        a.shape(rect(x - 6, 330, x + 6, 900), "#2a2430")
    bulbs(a, [(120, 340), (480, 452), (840, 420), (1180, 460), (1500, 340)], 22)
    bulbs(a, [(-40, 250), (400, 352), (900, 300), (1300, 372), (1660, 240)], 24)
    a.shade(rect(420, 1090, 1250, 1150), "#141020", 0.7, 20)
    a.shape(
        [(470, 960), (1190, 960), (1270, 1060), (390, 1060)],
        [mix("#e0b07a", air.near, 0.12), mix("#b57f4c", air.near, 0.15)],
    )
    for k in range(1, 9):
        a.stroke([(470 + k * 80, 960), (390 + k * 97.7, 1060)], "#6a4630", 2, 3, 0.7)
    a.shape(rect(390, 1060, 1270, 1086), "#7a5034")


def _rooftop_front(a: Art) -> None:
    for x in (410, 700, 960, 1230):
        a.shape(rect(x, 1086, x + 22, 1140), "#4a3024")
    for x, c in ((500, "#3f5a9a"), (1060, "#e0a84e")):
        a.shape(rrect(x, 984, x + 130, 1022, 18), [mix(c, WHITE, 0.2), mix(c, BLACK, 0.2)])
    a.shape(oval(830, 1004, 118, 22), "#5f3a26")
    a.shape(oval(830, 994, 118, 22), ["#a87450", "#7a4e34"])
    for x, h, c in ((770, 54, "#e9f0d8"), (800, 30, "#f4ead8"), (862, 30, "#f4ead8"), (900, 44, "#9ac4a0")):
        a.shape(rrect(x, 992 - h, x + 24, 994, 6), c)
    a.glow(830, 960, 260, "#ffc870", 0.5)
    a.shape(rrect(826, 950, 846, 990, 5), "#ffe9b8")
    for x, h in ((90, 250), (230, 180), (1390, 200), (1520, 270)):
        plant(a, x, 1130, h, "#1f4a3a", "#7fb06a", a.r.choice(("#c4694a", "#3f5a7a", "#d8cbb6")), 13)


def rooftop(a: Art, mood: str) -> None:
    """A rooftop bench under bulbs, the city behind."""
    _rooftop_back(a, mood)
    _rooftop_front(a)


def _townhouse_back(a: Art, mood: str) -> None:
    air = MOODS[mood]
    d, night = (dim(mood), mood in DARK or mood == "rain")
    sky(a, mood, 900)
    clouds(a, 5, 60, 260, mix(air.haze, WHITE, 0.3))
    skyline(a, 640, [mix(air.far, air.haze, 0.2), air.far], "#ffe0a0", (120, 330), 22, air.haze)
    a.shape(rect(0, 960, W, H), [d("#b0a598"), d("#71675f")])
    for k in range(9):
        a.stroke([(800 + (k - 4) * 200, 960), (800 + (k - 4) * 420, H)], d("#5f564f"), 2, 4, 0.4)
    for x0, x1, y, c in ((-20, 290, 330, "#d9cbb4"), (1290, 1640, 250, "#b9c0b4")):
        a.shape(rect(x0, y, x1, 970), [d(mix(c, WHITE, 0.1)), d(mix(c, "#4a3a48", 0.3))])
        for j in range(3):
            a.shape(
                rect(x0 + 70, y + 80 + j * 190, x0 + 200, y + 200 + j * 190),
                "#ffd890" if night and j == 1 else d("#4a5a6a"),
            )
    a.shape(rect(280, 170, 1300, 970), d("#6a3428"))
    with a.inside(rect(280, 170, 1300, 970)):
        for j in range(34):
            for i in range(20):
                x = 280 + i * 54 - (27 if j % 2 else 0)
                a.shape(rect(x, 170 + j * 24, x + 51, 191 + j * 24), d(mix("#b8624a", "#94483a", a.r.random())))
    a.shape(rect(262, 146, 1318, 178), [d("#efe4d0"), d("#b9a890")])


def _townhouse_middle(a: Art, mood: str) -> None:
    d, night = (dim(mood), mood in DARK or mood == "rain")
    glow = ["#fff0c0", "#ffc878", "#f0a050"] if night else ["#8fb0bc", "#5f8494"]
    for x0, y0, x1, y1, n in (
        (350, 260, 620, 500, 2),
        (690, 260, 890, 500, 1),
        (960, 260, 1230, 500, 2),
        (350, 610, 800, 900, 3),
    ):
        a.shape(rect(x0 - 16, y0 - 16, x1 + 16, y1 + 16), d("#f0e6d4"))
        a.shape(rect(x0, y0, x1, y1), glow)
        for k in range(n + 1):
            a.shape(rect(x0 + (x1 - x0) * k / n - 6, y0, x0 + (x1 - x0) * k / n + 6, y1), d("#3a2a28"))
        a.shape(rect(x0 - 26, y1 + 12, x1 + 26, y1 + 30), [d("#f6eedd"), d("#b9a890")])
        if y0 < 500:
            curtain(a, x0 + 6, x0 + 56, y0, y1, d("#f4e6cc"))
            curtain(a, x1 - 56, x1 - 6, y0, y1, d("#f4e6cc"))
            foliage(a, (x0 + x1) / 2, y1 + 2, (x1 - x0) * 0.5, 26, d("#2c5a3c"), d("#9ac06a"), 130, 9, d("#f08a8a"))
    for i, c in enumerate(("#8a5638", "#3f5a9a", "#c4694a", "#5f8a7a")):
        x = 420 + i * 92
        a.shape(rrect(x, 850, x + 50, 898, 6), c)
        a.shape(rect(x - 14, 836, x + 62, 850), d("#5a3a28"))
    lamp(a, 470, 700, 0.6, drop=610)
    lamp(a, 680, 700, 0.6, drop=610)
    a.shape(rect(940, 590, 1160, 970), d("#f0e6d4"))
    a.shape(rect(958, 608, 1142, 970), [d("#3f5a8f"), d("#2a3f6d")])
    a.shape(rect(984, 640, 1116, 780), glow)
    a.shape(oval(1122, 810, 9), "#e8c878")


def _townhouse_front(a: Art, mood: str) -> None:
    d, night = (dim(mood), mood in DARK or mood == "rain")
    a.shape([(320, 588), (836, 588), (880, 650), (280, 650)], [d("#f6efe0"), d("#e0d2b8")])
    for k in range(7):
        a.shape([(320 + k * 74, 588), (357 + k * 74, 588), (323 + k * 86, 650), (280 + k * 86, 650)], d("#3f5a9a"), 0.9)
    a.shape(rect(900, 952, 1200, 984), [d("#d8cfc0"), d("#9a9084")])
    if night:
        a.glow(570, 800, 480, "#ffb860", 0.5)
        a.glow(600, 1040, 520, "#ffb860", 0.45, 130)
        a.glow(1050, 720, 260, "#ffc878", 0.4)
    for x, h in ((1240, 250), (900, 150), (320, 220)):
        plant(a, x, 1000, h, d("#24503c"), d("#8fb86a"), d("#d8cbb6"), 13)
    tree(a, 130, 1060, 800, d("#2f5a3c"), d("#a8c86a"), n=1100, size=12)
    for x in (1400, 1520):
        a.stroke(oval(x, 1030, 58), d("#2a2a30"), 6)
    a.stroke([(1400, 1030), (1440, 950), (1500, 950), (1460, 1030), (1400, 1030)], d("#3f6f8f"), 7)
    a.stroke([(1460, 1030), (1440, 940)], d("#3f6f8f"), 7)
    a.stroke([(1520, 1030), (1496, 920), (1520, 910)], d("#2a2a30"), 7)
    a.shape(rrect(1416, 930, 1464, 942, 6), d("#5a3a28"))


def townhouse(a: Art, mood: str) -> None:
    """A brick house in an alley, its lights on."""
    _townhouse_back(a, mood)
    _townhouse_middle(a, mood)
    _townhouse_front(a, mood)

"""Scenes of the coast and of wide views. A scene paints from back to front."""

from __future__ import annotations

import math

from airbnb.demo.scenekit.art import MOODS, Art
from airbnb.demo.scenekit.buildings import block, skyline
from airbnb.demo.scenekit.hanok import hanok
from airbnb.demo.scenekit.interior import plant
from airbnb.demo.scenekit.nature import (
    clouds,
    conifer,
    foliage,
    grass,
    orb,
    red_pine,
    ridge,
    sea,
    sky,
)
from airbnb.demo.scenekit.shapes import DARK, WHITE, Colour, H, W, curve, mix, oval, rect, rrect


def _harbour_back(a: Art, mood: str) -> None:
    air = MOODS[mood]
    night = mood in DARK
    sky(a, mood, 620)
    orb(a, 1150, 440 if mood != "noon" else 240, 54, "#fff0d4", air.glow, 0.7, 8)
    clouds(a, 8, 140, 420, mix(air.haze, WHITE, 0.3), 0.5)
    ridge(a, 560, 40, [mix(air.far, air.haze, 0.3), air.far], [(140, 150, 260), (1560, 120, 240)])
    skyline(a, 590, [mix(air.far, air.near, 0.4), air.far], "#ffe0a8" if night else "#f4efe4", (30, 190), 30, air.haze)
    sea(
        a,
        584,
        1140,
        (mix(air.haze, air.sky[1], 0.4), mix(air.sky[0], air.haze, 0.3), mix(air.sky[0], "#1c5a76", 0.45)),
        air.glow,
        360,
        1150,
        300,
    )
    a.mirror(586, 150, air.sky[1], 0.25, 5)
    steel = "#cfd2ea" if night else "#f4efe6"
    for tx in (560, 1040):
        a.shape([(tx - 9, 650), (tx - 5, 372), (tx + 5, 372), (tx + 9, 650)], steel)

    def drop(x: float) -> float:
        """How far a cable of the bridge hangs at x."""
        if 560 <= x <= 1040:
            return 376 + 186 * (1 - ((x - 800) / 240) ** 2)
        return float(376 + min(1, (abs(x - 800) - 240) / 380) ** 0.8 * 196)

    for x0, x1 in ((180, 560), (560, 1040), (1040, 1420)):
        pts = [(x, drop(x)) for x in range(x0, x1 + 1, 10)]
        a.stroke(pts, steel, 5)
        for x, y in pts[::2]:
            a.stroke([(x, y), (x, 574)], steel, 1.6, a=0.8)
            if night:
                a.shape(oval(x, y, 3.4), "#ffe9b8")
                a.glow(x, y, 24, "#ffc870", 0.6)
    a.shape(rect(0, 570, W, 584), ["#d9cfe0" if night else "#f6f0e4", mix(air.near, air.far, 0.4)])


def _harbour_middle(a: Art) -> None:
    for bx, by, s in ((840, 748, 1), (970, 690, 0.6), (710, 704, 0.5)):
        a.shape(
            curve(
                [
                    (bx - 66 * s, by - 12 * s),
                    (bx - 50 * s, by + 16 * s),
                    (bx + 46 * s, by + 16 * s),
                    (bx + 70 * s, by - 16 * s),
                ],
                6,
            ),
            ["#f7f0e2", "#c4553c"],
        )
        a.shape(rect(bx - 22 * s, by - 42 * s, bx + 20 * s, by - 12 * s), "#f4e6cc")
        a.stroke([(bx, by - 40 * s), (bx, by - 86 * s)], "#3a3448", 3 * s)


def _harbour_front(a: Art, mood: str) -> None:
    air = MOODS[mood]
    night = mood in DARK

    def tone(c: Colour) -> Colour:
        """A colour as the night makes it."""
        return mix(mix(c, air.sky[1], 0.42), "#2a2448", 0.2) if night else c

    walls, roofs = (
        ["#e98a6a", "#f2c46a", "#6fb0b8", "#f3ead8", "#8aa8d8", "#e7a6a8", "#b8d09a", "#f7dfb0"],
        ["#c4553c", "#3f6f8f", "#e3dccd", "#6d7f86"],
    )
    for row in range(6):
        x, gap = (-50 + a.r.uniform(-30, 0), (440 + row * 90, 1330 - row * 100))
        while x < W:
            w, h = (a.r.uniform(92, 160), a.r.uniform(230, 300))
            dip = 150 * math.exp(-(((x - 860) / 330) ** 2))
            if not gap[0] < x < gap[1] - 60:
                block(
                    a,
                    x,
                    900 + row * 88 + dip,
                    w,
                    h,
                    tone(a.r.choice(walls)),
                    tone(a.r.choice(roofs)),
                    "#ffd58a" if night else None,
                    3,
                    a.r.choice((2, 3)),
                )
            x += w - 5
    a.shape(rect(-10, 1130, W, H), [tone("#e8dcc4"), tone("#b9a58c")])
    a.shape(rect(0, 1112, W, 1134), tone("#f6ecd8"))
    for i in range(27):
        a.shape(rect(i * 62, 1036, i * 62 + 6, 1120), "#2d3448")
    a.shape(rrect(-10, 1026, W + 10, 1040, 4), "#2d3448")
    plant(a, 1490, 1190, 260, "#2c5440", "#8fb86a", "#c4553c", 11)


def harbour(a: Art, mood: str) -> None:
    """Coloured houses on a hill above a harbour."""
    _harbour_back(a, mood)
    _harbour_middle(a)
    _harbour_front(a, mood)


def _beach_back(a: Art, mood: str) -> None:
    air = MOODS[mood]
    sky(a, mood, 620)
    orb(a, 900, 500, 62, "#fff2d8", air.glow, 0.8, 9)
    clouds(a, 10, 130, 430, mix(air.haze, WHITE, 0.25))
    sea(
        a,
        560,
        900,
        (mix(air.haze, air.sky[0], 0.25), mix(air.sky[0], "#2f86a0", 0.6), "#7fc0c0"),
        mix(air.glow, WHITE, 0.3),
        380,
        900,
        190,
    )
    a.shape([(1180, 610), (1230, 584), (1640, 580), (1640, 640), (1200, 632)], ["#8a8488", "#5a5660"])
    a.shape([(1316, 590), (1326, 392), (1374, 392), (1384, 590)], ("h", ["#e8604a", "#c43f34", "#8a2a30"]))
    a.shape(rect(1312, 380, 1388, 394), "#f4ead8")
    a.shape(rect(1332, 342, 1368, 380), ["#fff2c0", "#ffd070"])
    a.shape([(1322, 344), (1350, 312), (1378, 344)], "#8a2a30")
    a.glow(1350, 360, 190, "#ffd890", 0.6)
    sand = mix("#f0dcb4", air.haze, 0.25)
    a.shape(
        [*curve([(-20, 800), (420, 850), (900, 800), (1620, 900)]), (W, H), (0, H)],
        [mix(sand, WHITE, 0.15), sand, mix(sand, "#8a6a58", 0.35)],
    )


def _beach_middle(a: Art) -> None:
    for k, al in ((0, 0.9), (26, 0.6), (54, 0.4)):
        a.stroke(
            curve(
                [
                    (-20, 800 - k),
                    (240, 838 - k * 1.1),
                    (420, 848 - k),
                    (640, 822 - k * 0.9),
                    (900, 798 - k),
                    (1250, 838 - k),
                    (1620, 898 - k),
                ]
            ),
            WHITE,
            13 - k * 0.12,
            8,
            al,
            1.5,
        )
    a.shade(
        curve([(-20, 812), (420, 862), (900, 812), (1620, 912), (1620, 960), (900, 850), (420, 900), (-20, 850)], 8),
        "#b0906c",
        0.4,
        10,
    )


def _beach_front(a: Art, mood: str) -> None:
    air = MOODS[mood]

    def d(c: Colour) -> Colour:
        """A colour in the morning's shade."""
        return mix(c, air.near, 0.14)

    a.shade(rect(80, 1020, 720, 1070), "#4a3a40", 0.5, 16)
    a.shape(rect(110, 720, 660, 1040), [d("#fffaf0"), d("#e9dcc8")])
    a.shape([(60, 730), (150, 560), (620, 560), (712, 730)], [d("#4a6a94"), d("#2f4a70")])
    for k in range(14):
        a.stroke([(160 + k * 33, 560), (86 + k * 44, 730)], d("#24395a"), 3, 3, 0.5)
    a.shape(rect(150, 790, 360, 950), d("#5a3a2c"))
    a.shape(rect(160, 800, 350, 940), ["#ffe6ac", "#f2a860"])
    a.shape(rect(252, 800, 258, 940), d("#5a3a2c"))
    a.shape(rect(420, 790, 540, 1040), d("#3f6f8f"))
    a.shape(rect(440, 812, 520, 920), ["#ffe6ac", "#f6bc78"])
    a.shape(rect(60, 1034, 760, 1060), [d("#c4946a"), d("#7a5440")])
    for x, c in ((590, "#e8604a"), (640, "#f2c46a")):
        a.shape(oval(x, 900, 24, 150), [d(mix(c, WHITE, 0.3)), d(c)])
        a.shape(oval(x, 900, 3, 146), d("#fffaf0"))
    a.glow(255, 880, 260, "#ffc070", 0.35)
    dk, lt = (mix(air.near, "#12362c", 0.6), mix(air.near, "#86a860", 0.5))
    red_pine(a, 40, 1120, 960, dk, lt, 0.12)
    red_pine(a, 1500, 1180, 820, dk, lt, -0.2)
    red_pine(a, 1380, 1090, 560, dk, lt, 0.1)
    grass(a, 780, 1640, H + 20, 130, [mix("#a8a05c", air.near, 0.3), mix("#7a8a4a", air.near, 0.3)], 150, "#f0e0b8")


def beach(a: Art, mood: str) -> None:
    """A cottage at the beach."""
    _beach_back(a, mood)
    _beach_middle(a)
    _beach_front(a, mood)


def _terrace_back(a: Art, mood: str) -> None:
    air = MOODS[mood]
    sky(a, mood, 900)
    orb(a, 980, 410, 52, "#fff4dc", air.glow, 0.75, 9)
    clouds(a, 8, 120, 380, mix(air.haze, WHITE, 0.3))
    for i in range(6):
        t = i / 5
        ridge(
            a,
            480 + i * 74,
            120 - i * 8,
            [mix(mix(air.far, air.haze, 0.55 - 0.4 * t), air.near, t * 0.8), mix(air.haze, air.near, t * 0.5)],
            [(200 + i * 310 % 1500, 130 - i * 12, 220), (1300 - i * 170, 90, 180)],
            0.6,
            0 if i < 4 else 30,
        )
        a.haze(470 + i * 74, 640 + i * 74, air.haze, 0.5 - t * 0.25)
    a.shape([(0, 930), (W, 930), (W, H), (0, H)], ["#c4946a", "#8a5c40"])
    for i in range(-8, 26):
        a.stroke([(800 + (i - 8) * 84, 930), (800 + (i - 8) * 190, H)], "#5a3826", 2, 5, 0.6)
    a.light([(700, 930), (1240, 930), (1400, H), (420, H)], air.glow, 0.35, 30)
    for i in range(12):
        a.shape(rect(i * 146 - 6, 770, i * 146 + 8, 940), ("h", ["#6a4630", "#3a2620"]))
    for y in (776, 826, 876):
        a.shape(rect(0, y, W, y + (16 if y < 800 else 5)), ["#8a5c40", "#3a2620"] if y < 800 else "#3a2a28")


def _terrace_middle(a: Art) -> None:
    for x, _s in ((430, 1), (820, 1)):
        a.shade(oval(x + 40, 1128, 200, 20), "#2a1a20", 0.6, 12)
        for lx in (-90, 130):
            a.stroke([(x + lx, 1000), (x + lx - 14, 1130)], "#4a3024", 16, 12)
        a.shape([(x - 120, 770), (x - 60, 762), (x + 20, 1020), (x - 70, 1030)], ("h", ["#e8c898", "#c4945c"]))
        a.shape([(x - 80, 1016), (x + 160, 994), (x + 176, 1024), (x - 60, 1052)], ["#e0b884", "#a8743f"])
        a.shape([(x - 108, 786), (x - 62, 780), (x + 10, 1000), (x - 60, 1012)], "#f4ead8")
        a.shape([(x - 60, 1004), (x + 140, 984), (x + 152, 1004), (x - 50, 1030)], "#f7f0e2")
        a.stroke([(x - 40, 930), (x + 130, 920)], "#8a5c3a", 14)
    a.stroke(curve([(410, 1012), (470, 1004), (540, 1000), (560, 1090)]), "#2f4a8a", 90, 70)
    a.shape(oval(655, 1060, 76, 16), "#5f3a26")
    a.shape(rect(646, 1060, 664, 1150), "#4a2c1c")
    a.shape(rrect(622, 1014, 658, 1056, 6), "#f4ead8")
    a.stroke(curve([(640, 1006), (650, 976), (634, 950)]), WHITE, 8, 2, 0.4, 4)
    a.shape(curve([(1090, 1040), (1120, 1120), (1330, 1120), (1360, 1040)], 8), ["#4a4448", "#1f1a20"])
    a.shape(oval(1225, 1040, 136, 24), "#2a2024")
    a.glow(1225, 1000, 340, "#ff9a3c", 0.6)


def _terrace_front(a: Art, mood: str) -> None:
    air = MOODS[mood]
    for k in range(9):
        x, h = (1140 + k * 21, a.r.uniform(50, 130))
        a.shape(
            curve(
                [
                    (x - 18, 1044),
                    (x - 12, 1044 - h * 0.5),
                    (x + a.r.uniform(-10, 10), 1044 - h),
                    (x + 14, 1044 - h * 0.45),
                    (x + 18, 1044),
                ],
                6,
            ),
            ["#fff0a8", "#ffb03c", "#e8552a"],
            0.85,
        )
    red_pine(a, 1640, 1010, 1000, mix(air.near, "#153a2c", 0.6), mix(air.near, "#8aa860", 0.45), -0.22)
    foliage(a, 40, 60, 330, 90, mix(air.near, "#153a2c", 0.6), mix(air.near, "#8aa860", 0.45), 420, 13)


def terrace(a: Art, mood: str) -> None:
    """A terrace above the mountains."""
    _terrace_back(a, mood)
    _terrace_middle(a)
    _terrace_front(a, mood)


def _tea_back(a: Art, mood: str) -> None:
    air = MOODS[mood]
    sky(a, mood, 700)
    orb(a, 1180, 260, 48, "#fffbe8", air.glow, 0.6, 9)
    ridge(a, 420, 110, [mix(air.far, air.haze, 0.3), air.haze], [(500, 140, 240), (1300, 90, 260)])
    a.haze(300, 600, air.haze, 0.6)
    ridge(a, 500, 60, [mix(air.near, air.haze, 0.45), mix(air.near, air.haze, 0.7)], [(300, 90, 260)], trees=30)
    a.haze(430, 640, air.haze, 0.5)
    for i in range(34):
        conifer(
            a,
            640 + i * 30 + a.r.uniform(-9, 9),
            640 + a.r.uniform(-10, 10) - abs(i - 17) * 1.6,
            a.r.uniform(110, 190),
            mix(air.near, air.haze, 0.2),
            mix(air.near, "#9ac07a", 0.4),
        )
    hanok(a, 460, 660, 300, bays=3, lit="#ffe0a8" if mood in DARK else None)


def _tea_front(a: Art, mood: str) -> None:
    air = MOODS[mood]
    for i in range(17):
        t = i / 14
        y, amp = (640 + 560 * t**1.45, 20 + 70 * t)
        line = [
            (x, y + amp * math.sin(x / W * 3.3 + 1.1 + t * 0.9) + 30 * t * math.sin(x / W * 7))
            for x in range(-20, W + 30, 18)
        ]
        th = 20 + 66 * t
        c = mix(mix("#8fb86a", air.haze, 0.45), "#4f8a3c", t)
        a.shape(line + [(x, y2 + th * 2.4) for x, y2 in line[::-1]], mix(c, "#12301f", min(0.7, 0.15 + t)))
        for x, y2 in line:
            for k in range(3):
                a.shape(
                    oval(
                        x + a.r.uniform(-8, 8), y2 + th * (0.05 + 0.2 * k), th * 0.34 + 5, th * 0.25 + 3, 0.12, a.r, 12
                    ),
                    mix(mix(c, "#dff0a0", 0.5 - 0.2 * k), "#24492a", a.r.random() * 0.22),
                )
    a.light([(1600, 620), (1600, 1000), (300, 1250), (0, 1100)], air.glow, 0.18, 80)
    a.haze(760, 620, air.haze, 0.35)


def tea(a: Art, mood: str) -> None:
    """A small house beyond a tea field."""
    _tea_back(a, mood)
    _tea_front(a, mood)

"""Scenes of houses in the country. A scene paints from back to front."""

from __future__ import annotations

from airbnb.demo.scenekit.art import MOODS, Art
from airbnb.demo.scenekit.hanok import hanok
from airbnb.demo.scenekit.interior import lamp, pillow
from airbnb.demo.scenekit.nature import (
    blooms,
    clouds,
    conifer,
    flakes,
    foliage,
    grass,
    hills,
    orb,
    red_pine,
    ridge,
    ridge_line,
    sea,
    sky,
    steps,
    stones,
    tree,
)
from airbnb.demo.scenekit.shapes import DARK, WHITE, Colour, H, W, curve, mix, oval, rect, rrect


def _hanok_yard_back(a: Art, mood: str) -> None:
    air = MOODS[mood]
    snow, lit = ("#f6f8fb" if mood == "snow" else None, "#ffc978" if mood in ("night", "dusk", "snow") else None)
    g = snow or mix("#d9c7a6", air.sky[1], 0.4 if mood in DARK else 0.08)
    sky(a, mood, 760)
    orb(a, 1330, 190, 46, "#fff6df", air.glow, 0.5)
    clouds(a, 5, 90, 300, mix(air.haze, WHITE, 0.4), 0.5)
    hills(a, mood, 520)
    tile = ("#252b40", "#56617f") if mood in DARK else ("#39404c", "#7e8896")
    a.shape(rect(0, 790, W, H), [mix(g, air.haze, 0.3), g, mix(g, "#5a4a48", 0.4)])
    for x0, x1 in ((-40, 420), (1160, 1640)):
        stones(a, (x0, 712, x1, 826), ["#a79c8c", "#bfb3a0", "#938a80"], 30, "#6b6058")
        a.shape(rect(x0 - 20, 694, x1 + 20, 720), [snow or tile[1], tile[0]])
    hanok(a, 820, 892, 1010, tile, lit=lit, snow=snow, wood="#5b3524" if lit else "#74472c")
    steps(
        a,
        ((812, 944, 92), (860, 1004, 108), (800, 1080, 130), (872, 1168, 160)),
        (mix("#c4bdb0", snow or air.haze, 0.4), "#8a837c"),
    )
    if lit:
        a.glow(820, 960, 620, "#ffb860", 0.4, 190)
    else:
        a.light([(1600, 860), (1600, 1010), (0, 1190), (0, 1010)], air.glow, 0.3, 50)


def _hanok_yard_front(a: Art, mood: str, leaf: tuple[Colour, Colour]) -> None:
    air = MOODS[mood]
    snow = "#f6f8fb" if mood == "snow" else None
    for jx, s in ((1352, 1.1), (1462, 0.8), (1270, 0.62)):
        a.shade(oval(jx, 990, 66 * s, 13), "#30242a", 0.5, 8)
        a.shape(
            curve(
                [
                    (jx - 28 * s, 986),
                    (jx - 62 * s, 986 - 74 * s),
                    (jx - 38 * s, 986 - 132 * s),
                    (jx + 38 * s, 986 - 132 * s),
                    (jx + 62 * s, 986 - 74 * s),
                    (jx + 28 * s, 986),
                    (jx - 28 * s, 986),
                ],
                8,
            ),
            ("h", ["#b87850", "#6b3d2e", "#38211f"]),
        )
        a.shape(oval(jx, 986 - 134 * s, 46 * s, 10 * s), snow or "#7d4a36")
        a.stroke([(jx - 36 * s, 986 - 100 * s), (jx - 40 * s, 986 - 60 * s)], "#f0c0a0", 6 * s, 2, 0.6, 2)
    tree(a, 205, 1000, 740, *(("#c3d2e4", WHITE) if snow else leaf), n=500 if snow else 1300, size=8 if snow else 12)
    flakes(a) if snow else blooms(a, 20, 560, 970, 1110, [leaf[0], leaf[1], mix(*leaf, 0.5)], 220)
    grass(a, 1300, 1640, H + 30, 170, [snow, "#dfe7ee"] if snow else [mix(air.near, "#7a8a3a", 0.4), air.near], 70)


def hanok_yard(a: Art, mood: str, leaf: tuple[Colour, Colour] = ("#a83a1e", "#f0a83c")) -> None:
    """A hanok with its yard, jars and a tree."""
    _hanok_yard_back(a, mood)
    _hanok_yard_front(a, mood, leaf)


def _jeju_back(a: Art, mood: str) -> None:
    air = MOODS[mood]
    sky(a, mood, 620)
    orb(a, 360, 300 if mood == "noon" else 430, 54, "#fffbe8", air.glow, 0.55)
    clouds(a, 9, 90, 400, WHITE, 0.6)
    a.shape(
        [
            (890, 560),
            (955, 420),
            (1030, 362),
            (1080, 352),
            (1120, 372),
            (1190, 350),
            (1280, 372),
            (1350, 356),
            (1430, 430),
            (1500, 560),
        ],
        [mix(air.far, "#5f7f6a", 0.55), mix(air.far, air.haze, 0.45)],
    )
    sea(a, 546, 800, (mix(air.sky[1], "#2a7fa0", 0.55), "#2f8fa6", "#8fcfc4"), WHITE, 200, 380)
    ridge(a, 776, 22, ["#e8c53a", "#f0cc3e", "#c99a1e"], rough=0.2)
    blooms(a, 0, W, 768, 910, ["#ffe066", "#f7cf3a", "#ffea8a", "#b8b04a"], 1700)
    x, y = (900, 880)
    stones(a, (x - 330, y - 190, x + 330, y), ["#5b5a60", "#6d6b70", "#4a494f", "#7b7878"], 38, "#2f2d33")
    a.shade(rect(x - 340, y - 200, x + 340, y - 150), "#1f1c28", 0.7, 8)


def _jeju_middle(a: Art) -> None:
    x, y = (900, 880)
    for wx, w, h0, h1 in ((-250, 106, 148, 60), (-66, 116, 160, 0), (132, 150, 148, 56)):
        a.shape(rect(x + wx - 9, y - h0 - 9, x + wx + w + 9, y - h1 + (9 if h1 else 0)), "#f1e6d2")
        a.shape(rect(x + wx, y - h0, x + wx + w, y - h1), ["#ffe3a4", "#f6b866"])
        a.shape(rect(x + wx + w / 2 - 3, y - h0, x + wx + w / 2 + 3, y - h1), "#f1e6d2")
    top = curve([(x - 400, y - 172), (x - 285, y - 300), (x, y - 362), (x + 285, y - 300), (x + 400, y - 172)])
    roof = top + curve([(x + 388, y - 152), (x, y - 172), (x - 388, y - 152)])
    a.shape(roof, ["#ecd09a", "#c99d5c", "#8f6a3c"])
    with a.inside(roof):
        for i in range(-15, 16):
            a.stroke(
                curve([(x + i * 18, y - 370), (x + i * 27, y - 250), (x + i * 32, y - 140)], 6),
                "#6b4c2c",
                2.4,
                3.4,
                0.6,
            )
        for k in range(6):
            a.stroke(
                curve([(x - 420, y - 140 - k * 28), (x, y - 196 - k * 42), (x + 420, y - 140 - k * 28)], 8),
                "#6b4c2c",
                2.6,
                2.6,
                0.5,
            )
        a.light([(x - 400, y - 170), (x - 230, y - 340), (x, y - 370), (x - 120, y - 160)], "#fff0c0", 0.4, 24)
    tree(a, 1392, 900, 500, "#2c5a3c", "#8fbf5a", n=900, size=11, spark="#f59a2c")
    for x0, x1 in ((-20, 660), (846, 1640)):
        stones(a, (x0, 912, x1, 1010), ["#4d4c52", "#626067", "#3d3c42", "#737076"], 44, "#242228")


def _jeju_front(a: Art) -> None:
    a.shape(
        curve([(676, 906), (560, 1010), (380, H + 20)]) + curve([(1120, H + 20), (930, 1010), (836, 906)]),
        ["#f3e3bd", "#dcc391"],
    )
    for x0, x1 in ((-20, 560), (960, 1620)):
        blooms(a, x0, x1, 1016, 1200, ["#ffd93a", "#ffe88a", "#f0b92a"], 800, "#5c7a36")


def jeju(a: Art, mood: str) -> None:
    """A thatched stone house between canola and the sea."""
    _jeju_back(a, mood)
    _jeju_middle(a)
    _jeju_front(a)


def _cabin_back(a: Art, mood: str) -> None:
    air = MOODS[mood]
    snow = "#f6f8fb" if mood == "snow" else None
    sky(a, mood, 800)
    orb(a, 300, 190, 40, "#fff2d0", "#cfd8ff", 0.4)
    ridge(a, 520, 130, [mix(air.far, air.haze, 0.2), mix(air.far, air.haze, 0.7)], [(1150, 190, 260), (380, 90, 200)])
    a.haze(380, 720, air.haze, 0.6)
    dk, lt, g = (mix(air.near, "#0f2a30", 0.6), mix(air.near, "#5f9a78", 0.45), snow or mix(air.near, "#4f7a5a", 0.45))
    for n, y, h, f in ((26, 720, 240, 0.55), (20, 790, 350, 0.28)):
        for i in range(n):
            conifer(
                a,
                i * W / n + a.r.uniform(-30, 30),
                y + a.r.uniform(-8, 14),
                h * a.r.uniform(0.7, 1.15),
                mix(dk, air.haze, f),
                mix(lt, air.haze, f),
                snow,
            )
        a.haze(y - h * 0.7, y + 20, air.haze, 0.4)
    a.shape([*ridge_line(a, 800, 18, rough=0.1), (W, H), (0, H)], [mix(g, air.haze, 0.3), g, mix(g, "#141c3a", 0.55)])
    x, y, w, h = (840, 905, 520, 600)
    a.shade(oval(x, y, w * 0.75, 40), "#101a28", 0.6, 20)
    a.shape([(x - w * 0.48, y), (x, y - h), (x + w * 0.48, y)], ["#c98a52", "#9a5f36"])


def _cabin_front(a: Art, mood: str) -> None:
    air = MOODS[mood]
    snow = "#f6f8fb" if mood == "snow" else None
    dk, lt, g = (mix(air.near, "#0f2a30", 0.6), mix(air.near, "#5f9a78", 0.45), snow or mix(air.near, "#4f7a5a", 0.45))
    x, y, w, h = (840, 905, 520, 600)
    with a.inside([(x - w * 0.44, y), (x, y - h * 0.93), (x + w * 0.44, y)]):
        a.shape(rect(x - w, y - h, x + w, y), ["#ffe0a0", "#ffb95c", "#f09a44"])
        a.shape(rect(x - w, y - h * 0.46, x + w, y - h * 0.43), "#7a4526")
        a.shape(rrect(x - 180, y - 108, x + 24, y - 40, 16), "#a8502e")
        a.shape(rect(x - 180, y - 56, x + 24, y - 16), "#7d3822")
        pillow(a, x - 168, y - 62, 70, 62, "#f3e2c4")
        lamp(a, x + 112, y - 176, 0.6, drop=y - h * 0.44)
        for k in (-0.22, 0, 0.22):
            a.shape(rect(x + w * k - 4, y - h, x + w * k + 4, y), "#5f3620")
    for s in (-1, 1):
        a.stroke([(x, y - h - 26), (x + s * w * 0.62, y + 12)], ["#5a4038", "#2e2224"], 36)
        if snow:
            a.stroke([(x + s * 4, y - h - 40), (x + s * w * 0.6, y - 14)], snow, 24)
    a.shape(
        [(x - w * 0.58, y), (x + w * 0.58, y), (x + w * 0.72, y + 46), (x - w * 0.72, y + 46)], ["#c98f5c", "#6d452c"]
    )
    a.glow(x, y - 150, 620, "#ffb95c", 0.55)
    a.glow(x, y + 100, 560, "#ffb050", 0.5, 150)
    a.shape(
        curve([(x - 60, y + 46), (x - 130, y + 150), (x + 30, y + 240), (x - 90, H + 20)])
        + curve([(x + 200, H + 20), (x + 200, y + 230), (x + 30, y + 140), (x + 70, y + 46)]),
        mix(g, "#ffdca0", 0.6),
        0.75,
        5,
    )
    for px, py, ph in ((70, 1030, 860), (300, 975, 560), (1380, 1000, 780), (1560, 1080, 980), (1240, 935, 400)):
        conifer(a, px, py, ph, mix(dk, "#0a1418", 0.25), lt, snow)
    grass(a, -20, 1620, H + 20, 120, [snow, "#dfe7ee"] if snow else [dk, mix(dk, lt, 0.5), lt], 240)
    if snow:
        flakes(a)


def cabin(a: Art, mood: str) -> None:
    """A triangular cabin in a pine wood."""
    _cabin_back(a, mood)
    _cabin_front(a, mood)


def _pavilion_back(a: Art, mood: str) -> None:
    air = MOODS[mood]
    lit = "#ffc978" if mood in ("dusk", "night") else None
    sky(a, mood, 760)
    orb(a, 380, 230, 44, "#fff6df", air.glow, 0.5)
    clouds(a, 5, 100, 300, mix(air.haze, WHITE, 0.4))
    hills(a, mood, 500, 34)
    for x, s in ((60, 1), (260, 0.7), (1290, 0.8), (1500, 1.1), (470, 0.5), (1120, 0.55)):
        foliage(
            a,
            x,
            690 - 70 * s,
            190 * s,
            130 * s,
            *a.r.choice((("#8a2f22", "#f08a3c"), ("#a86a1e", "#f4c84a"), ("#2f5a4c", "#8ab07a"))),
            int(420 * s),
            11,
        )
    a.shape(rect(0, 700, W, 760), [mix("#8a9a5c", air.haze, 0.2), mix("#5c6a44", air.near, 0.3)])
    hanok(a, 800, 760, 430, ("#2f3644", "#6f7b8c"), lit=lit, bays=3, stilts=True)
    a.mirror(770, 430, mix(air.sky[1], air.near, 0.3), 1, 4)
    for _ in range(120):
        y = a.r.uniform(780, H)
        a.shape(
            oval(a.r.uniform(0, W), y, a.r.uniform(20, 120), 1.6), mix(air.haze, WHITE, 0.5), a.r.uniform(0.08, 0.35)
        )
    if lit:
        a.glow(800, 860, 260, lit, 0.4, 160)
    a.shape(rect(0, 758, W, 772), mix("#5c5a48", air.near, 0.3))


def _pavilion_front(a: Art, mood: str) -> None:
    air = MOODS[mood]
    for _ in range(34):
        x, y = (a.r.choice((a.r.gauss(260, 170), a.r.gauss(1330, 170))), a.r.uniform(900, 1130))
        s = 26 + (y - 880) * 0.12
        a.shape(oval(x, y, s, s * 0.34), ["#7fa86a", "#3f6a4c"])
        if a.r.random() < 0.3:
            for k in (-0.6, 0, 0.6):
                a.shape(oval(x + k * s * 0.4, y - s * 0.4, s * 0.22, s * 0.42), mix("#f6c4cc", "#d9738a", abs(k)))
    red_pine(a, 1420, 1240, 900, mix(air.near, "#153a2c", 0.6), mix(air.near, "#8aa860", 0.5), -0.25)
    grass(
        a, -40, 420, H + 30, 260, [mix(air.near, "#6a7a3a", 0.5), air.near, "#a89a5c"], 110, mix(air.haze, WHITE, 0.4)
    )


def pavilion(a: Art, mood: str) -> None:
    """A pavilion over a pond."""
    _pavilion_back(a, mood)
    _pavilion_front(a, mood)

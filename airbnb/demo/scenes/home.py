"""Scenes of a kitchen, a bath and a place to read. A scene paints from back to front."""

from __future__ import annotations

from collections.abc import Callable

from airbnb.demo.scenekit.art import MOODS, Art
from airbnb.demo.scenekit.interior import lamp, pane_light, pillow, plant, room, window
from airbnb.demo.scenekit.nature import (
    clouds,
    conifer,
    flakes,
    foliage,
    hills,
    orb,
    sky,
)
from airbnb.demo.scenekit.shapes import BLACK, WHITE, Colour, H, W, curve, mix, oval, rect, rrect
from airbnb.demo.scenes.air import dim


def _kitchen_back(a: Art, mood: str) -> None:
    air = MOODS[mood]
    d = dim(mood)
    room(a, [d("#f0e6d4"), d("#e6d8c0")], [d("#c9a078"), d("#8f6548")], 1010)
    a.shape(rect(0, 430, W, 730), d("#f6f0e4"))
    for i in range(34):
        for j in range(5):
            a.shape(
                rrect(i * 62 - (31 if j % 2 else 0), 432 + j * 60, i * 62 + 58 - (31 if j % 2 else 0), 488 + j * 60, 4),
                d(mix("#dfe8e2", "#a8c4bc", a.r.uniform(0, 0.8))),
            )

    def view() -> None:
        sky(a, mood, 640)
        clouds(a, 5, 130, 300, WHITE, 0.6)
        hills(a, mood, 420, 30)
        foliage(a, 640, 640, 330, 110, "#2f5a3c", "#a8c86a", 500, 12, "#f2a05a")

    window(a, 480, 120, 1010, 600, view, d("#f7f1e6"), 2, 1)
    pane_light(a, 1060, 170, 300, 240, 150, air.glow, 0.25, 2)
    for y in (200, 340):
        a.shape(rect(1120, y, 1540, y + 18), [d("#b98454"), d("#7a5234")])
        a.shade(rect(1120, y + 18, 1540, y + 34), "#7a6a60", 0.4, 6)
        for i in range(6):
            c, x, h = (
                d(a.r.choice(["#f4ead8", "#3f5a9a", "#d98a5a", "#7fa08c", "#e8c878", "#c9d4dc"])),
                1150 + i * 64,
                a.r.uniform(34, 84),
            )
            a.shape(
                rrect(x, y - h, x + a.r.uniform(38, 54), y, 8), ("h", [mix(c, WHITE, 0.3), c, mix(c, "#2a1a30", 0.3)])
            )
    a.shape(rrect(60, 176, 420, 188, 6), d("#3a3030"))
    for i, (x, s) in enumerate(((110, 1), (220, 0.8), (320, 1.1))):
        a.stroke([(x, 188), (x, 250)], d("#3a3030"), 5)
        a.shape(oval(x, 250 + 58 * s, 56 * s), d(("#b8683e", "#4a5058", "#c98a4a")[i]))
        a.shape(oval(x, 250 + 58 * s, 44 * s), d(("#d88a58", "#6a727a", "#e8b070")[i]))


def _kitchen_front(a: Art, mood: str, cab: Colour) -> None:
    d = dim(mood)
    a.shape(rect(0, 730, W, 776), [d("#dcae78"), d("#a87848")])
    a.shape(rect(0, 776, W, 1050), [d(mix(cab, BLACK, 0.15)), d(cab)])
    for i in range(6):
        a.shape(rrect(i * 270 + 14, 800, i * 270 + 256, 1030, 6), [d(mix(cab, WHITE, 0.14)), d(mix(cab, WHITE, 0.03))])
        a.shape(rrect(i * 270 + 100, 822, i * 270 + 170, 832, 5), d("#d8b070"))
    a.stroke(curve([(745, 730), (745, 640), (790, 610), (826, 648)]), d("#c9a45a"), 13, 11)
    a.shape(rect(640, 726, 860, 744), d("#8a8f94"))
    a.shape(rrect(150, 640, 290, 730, 40), ("h", [d("#f0ede6"), d("#c8c4bc"), d("#8f8c88")]))
    a.stroke(curve([(285, 690), (330, 670), (340, 645)]), d("#c8c4bc"), 14, 9)
    a.stroke(curve([(170, 640), (220, 590), (272, 640)]), d("#3a3030"), 8)
    plant(a, 1010, 730, 150, d("#2f5a3c"), d("#9ac06a"), d("#d98a5a"), 11)
    a.shape(rrect(1230, 700, 1440, 730, 10), [d("#c9935c"), d("#8f6238")])
    a.shape(oval(1290, 690, 52, 30), d("#e0b070"))
    a.shape(oval(1380, 686, 44, 26), d("#d49a58"))
    a.shade(rect(120, 1080, 1500, 1120), "#2a1a20", 0.4, 20)
    a.shape([(180, 1040), (1420, 1040), (1540, 1110), (60, 1110)], [d("#e6bd88"), d("#b5834f")])
    a.shape(rect(60, 1110, 1540, 1140), d("#8f6238"))
    a.shape(
        curve([(640, 1010), (680, 1078), (900, 1078), (940, 1010)], 8),
        ("h", [d("#6f86b8"), d("#3f5a9a"), d("#26397a")]),
    )
    for x, y in ((690, 1000), (750, 985), (812, 990), (872, 1002), (780, 960)):
        a.shape(oval(x, y, 36, 32), [d("#ffb24a"), d("#e0752a")])
        a.shape(oval(x, y - 26, 9, 5), d("#5c7a36"))
    for x in (360, 1180):
        a.shape(oval(x, 1076, 96, 16), d("#fbf6ea"))
        a.shape(rrect(x + 110, 1026, x + 156, 1074, 8), d("#f4ead8"))
    lamp(a, 420, 60, 1.0, "#ffe0a8", 0, "#e08a5a")
    lamp(a, 1080, 60, 1.0, "#ffe0a8", 0, "#e08a5a")


def kitchen(a: Art, mood: str, cab: Colour = "#5f7a6c") -> None:
    """A kitchen with a window."""
    _kitchen_back(a, mood)
    _kitchen_front(a, mood, cab)


def _tiled_wall(a: Art, d: Callable[[Colour], Colour]) -> None:
    for j in range(15):
        for i in range(27):
            a.shape(
                rect(i * 62 - (31 if j % 2 else 0), j * 60, i * 62 + 59 - (31 if j % 2 else 0), j * 60 + 57),
                d(mix("#d9cfc0", "#b4aa9c", a.r.random() * 0.8)),
            )


def _bath_back(a: Art, mood: str) -> None:
    air = MOODS[mood]
    d = dim(mood)
    room(a, [d("#c9bfb0"), d("#ddd2c2")], [d("#a79c90"), d("#71675f")], 900, False)
    _tiled_wall(a, d)

    def view() -> None:
        sky(a, mood, 700)
        a.shape(rect(0, 200, W, 800), [mix(air.haze, air.near, 0.3), mix(air.near, "#16382c", 0.3)])
        orb(a, 1040, 250, 10, "#fff6e0", air.glow, 0.8, 46)
        for i in range(60):
            x, w, t = (a.r.uniform(150, 1450), a.r.uniform(9, 26), i / 60)
            c = mix(mix("#b5c79a", air.haze, 0.45), "#3f6a45", t)
            a.stroke([(x, 820), (x + a.r.uniform(-16, 16), 60)], c, w)
            for y in range(80, 800, 90):
                a.shape(rect(x - w * 0.6, y, x + w * 0.6, y + 4), mix(c, "#20402c", 0.4), 0.6)
        for _ in range(14):
            foliage(a, a.r.uniform(150, 1450), a.r.uniform(90, 300), 130, 60, "#3f6a45", "#b8d486", 90, 11)
        foliage(a, 300, 740, 260, 90, "#1f4432", "#6fa05a", 420, 12)
        foliage(a, 1320, 750, 260, 80, "#1f4432", "#6fa05a", 420, 12)
        a.haze(480, 780, air.haze, 0.3)

    window(a, 170, 110, 1430, 730, view, d("#3f2f28"), 3, 1, True, 13)
    a.light([(300, 760), (1300, 760), (1500, H), (100, H)], air.glow, 0.25, 30)
    a.shade(rect(330, 1040, 1270, 1110), "#2a2024", 0.7, 20)
    a.shape([(330, 800), (1270, 800), (1240, 1084), (360, 1084)], [d("#e2b982"), d("#c4935a"), d("#8f6238")])
    for k in range(1, 13):
        a.stroke([(330 + k * 72, 812), (358 + k * 68, 1084)], d("#8a5c34"), 3, 3, 0.55)
    for y in (870, 1010):
        a.shape(rect(338, y, 1262, y + 16), [d("#d9b06a"), d("#8f6a3c")])
    a.shape(oval(800, 800, 482, 50), [d("#ecc792"), d("#c4935a")])
    a.shape(oval(800, 804, 446, 38), [d(mix("#9fc4b8", air.haze, 0.4)), d("#5f9a94")])
    a.light(oval(760, 798, 260, 10), WHITE, 0.5, 4)
    for i in range(9):
        x = 480 + i * 78
        a.stroke(curve([(x, 780), (x + 24, 700), (x - 16, 620), (x + 20, 520)]), WHITE, 36, 8, 0.13, 14)
    for x, y in ((560, 800), (700, 812), (930, 806), (1040, 796), (840, 820)):
        a.shape(oval(x, y, 15, 6), "#e7a0a8")
        a.shape(oval(x + 9, y - 3, 10, 5), "#f6cdd0")
    a.shape(rrect(90, 980, 280, 1004, 6), [d("#c4935a"), d("#7a5234")])


def _bath_front(a: Art, mood: str) -> None:
    d = dim(mood)
    a.shape(rect(112, 1004, 130, 1120), d("#7a5234"))
    a.shape(rect(240, 1004, 258, 1120), d("#7a5234"))
    for k, c in enumerate(("#f7f0e4", "#3f5a9a", "#e9dcc8")):
        a.shape(rrect(104, 944 - k * 38, 266, 982 - k * 38, 17), [d(mix(c, WHITE, 0.2)), d(mix(c, "#3a2a40", 0.2))])
    plant(a, 1440, 1130, 400, d("#24503c"), d("#8fb86a"), d("#7d746c"), 13)
    a.shape(rrect(1290, 760, 1316, 792, 5), "#f7f0e4")
    a.glow(1303, 748, 70, "#ffcf80", 0.8)
    a.shape(oval(1303, 750, 5, 10), "#fff0c0")


def bath(a: Art, mood: str) -> None:
    """A wooden bath before bamboo."""
    _bath_back(a, mood)
    _bath_front(a, mood)


def _nook_back(a: Art, mood: str) -> None:
    air = MOODS[mood]
    d = dim(mood)
    room(a, [d("#5f6f6a"), d("#71827a")], [d("#a87c54"), d("#6d4a34")], 1020)

    def view() -> None:
        sky(a, mood, 900)
        hills(a, mood, 460, 40)
        for x, h in ((420.0, 380.0), (560.0, 300.0), (1010, 420), (1120, 330), (720, 250)):
            conifer(
                a,
                x,
                800,
                h,
                mix(air.near, air.haze, 0.1),
                mix(air.near, "#9ac07a", 0.35),
                WHITE if mood == "snow" else None,
            )
        if mood == "snow":
            flakes(a, 500)
        for _ in range(260 if mood == "rain" else 0):
            x, y, s = (a.r.uniform(330, 1230), a.r.uniform(90, 780), a.r.uniform(14, 46))
            a.stroke([(x, y), (x - s * 0.18, y + s)], WHITE, 2.2, 1, 0.4)

    window(a, 340, 100, 1220, 740, view, d("#f0e6d4"), 3, 2, True)
    for x0 in (60, 1290):
        a.shape(rect(x0, 60, x0 + 250, 1020), [d("#8a6244"), d("#6a4630")])
        for j in range(5):
            y = 250 + j * 186
            a.shape(rect(x0 + 14, y - 172, x0 + 236, y), d("#4a3024"))
            x = x0 + 20.0
            while x < x0 + 206:
                w, h, c = (
                    a.r.uniform(13, 30),
                    a.r.uniform(96, 156),
                    d(
                        a.r.choice(
                            ["#c4694a", "#3f5a9a", "#e8c878", "#f4ead8", "#5f8a7a", "#8a3f4a", "#d9a06a", "#2f3a5a"]
                        )
                    ),
                )
                a.shape(rect(x, y - h, x + w, y), ("h", [mix(c, WHITE, 0.2), mix(c, BLACK, 0.15)]))
                a.shape(rect(x + 3, y - h * 0.8, x + w - 3, y - h * 0.74), mix(c, WHITE, 0.5))
                x += w + 2
    a.shape(rect(310, 890, 1290, 1060), [d("#8a6244"), d("#5a3a28")])
    for k in range(4):
        a.shape(rrect(330 + k * 240, 920, 550 + k * 240, 1040, 6), [d("#9a7250"), d("#7a5438")])
    a.shape(rrect(300, 800, 1300, 900, 34), [d("#f4ead8"), d("#cfbfa6")])
    for at, colour, wide in ((330, "#3f5a9a", 190), (480, "#e0b05a", 150), (1090, "#c4694a", 180)):
        pillow(a, at, 818, wide, wide * 0.86, d(colour))


def _nook_front(a: Art, mood: str) -> None:
    d = dim(mood)
    a.shape(
        curve(
            [
                (560, 806),
                (700, 786),
                (850, 812),
                (900, 800),
                (930, 960),
                (900, 1040),
                (720, 1000),
                (600, 1030),
                (560, 806),
            ],
            8,
        ),
        [d("#f7f0e2"), d("#d9cbb4")],
    )
    for k in range(9):
        a.stroke(curve([(590 + k * 36, 800), (584 + k * 38, 900), (606 + k * 36, 1010)]), d("#a8987f"), 2, 5, 0.4, 1)
    c = d("#e09a54")
    a.shade(oval(1010, 826, 100, 14), "#4a3a30", 0.5, 6)
    a.shape(
        curve([(920, 826), (930, 760), (1000, 738), (1070, 766), (1086, 826), (920, 826)], 10), [mix(c, WHITE, 0.25), c]
    )
    a.shape(oval(944, 770, 40, 36), [mix(c, WHITE, 0.2), c])
    for ex in (922, 962):
        a.shape([(ex - 15, 752), (ex - 2, 714), (ex + 15, 750)], c)
    for ex in (930, 958):
        a.stroke(curve([(ex - 7, 768), (ex, 773), (ex + 7, 768)], 5), "#4a2c20", 3)
    a.stroke(curve([(1070, 816), (1110, 822), (1100, 790), (1060, 800)]), mix(c, "#8a4a20", 0.2), 20, 12)
    for k in range(4):
        a.stroke(curve([(990 + k * 22, 742 + k * 5), (996 + k * 22, 770)]), mix(c, "#7a3a18", 0.5), 8, 2, 0.6)
    a.shape(rrect(752, 768, 796, 812, 7), d("#c4694a"))
    a.stroke(curve([(774, 760), (784, 730), (768, 700)]), WHITE, 9, 2, 0.35, 4)
    lamp(a, 780, 60, 0.9, "#ffd090", 0, "#e8d8b8")
    a.glow(780, 560, 800, "#ffb868", 0.2 if mood != "night" else 0.4)


def nook(a: Art, mood: str) -> None:
    """A window seat between books."""
    _nook_back(a, mood)
    _nook_front(a, mood)

"""The canvas: gradients, light and shade. Coordinates live in 1600 by 1200; it draws at twice that size and scales
down, so that edges stay clean. Everything random comes from ``Art.r``, so that a seed gives one picture."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from airbnb.demo.scenekit.shapes import Colour, H, Paint, Point, Points, W, mix, rgb

K = 2
BLEND = {"multiply": ImageChops.multiply, "screen": ImageChops.screen}


class Mood(NamedTuple):
    """The air of a picture: the sky from top to bottom, hills far and near, haze, and the colour of light."""

    sky: tuple[str, ...]
    far: str
    near: str
    haze: str
    glow: str


MOODS: dict[str, Mood] = {
    "dawn": Mood(("#6f86b8", "#c9a9b6", "#ffd2ab", "#ffe9c4"), "#8f93b4", "#4b5a78", "#ffdcc0", "#ffd9a6"),
    "noon": Mood(("#5aa3cf", "#9fd0de", "#e4f0e6"), "#8fb3b4", "#4d7d6c", "#eaf4ee", "#fff6dc"),
    "gold": Mood(("#3d6c9c", "#a9b8b8", "#ffcf8f", "#ffdfa8"), "#b99a8a", "#6d5a52", "#ffe0b0", "#ffcf80"),
    "dusk": Mood(("#27315f", "#5d5a8e", "#c9798a", "#ffb27c"), "#5a5080", "#2e2f52", "#e39a8c", "#ffc98a"),
    "night": Mood(("#0e1533", "#1b2852", "#33477a", "#56658f"), "#2b3a66", "#16213f", "#4c5f94", "#ffd08a"),
    "rain": Mood(("#7f929c", "#a9b8b8", "#cdd6cf"), "#8ea3a0", "#4a645c", "#dbe3dc", "#fff2d2"),
    "snow": Mood(("#8ea6c4", "#c3d0de", "#f0ece8"), "#b6c4d4", "#6d8098", "#f4f2f0", "#ffdca0"),
    "mist": Mood(("#a9bfc0", "#d5ddd0", "#f2ecd8"), "#9db5ac", "#55786a", "#f0eee0", "#fff3d0"),
}


class Art:
    """A canvas. A paint is a colour, a list of colours (top to bottom) or ("h", colours) (left to right)."""

    def __init__(self, seed: int) -> None:
        self.r = random.Random(seed)  # noqa: S311  (the same picture from the same seed, no secret)
        self.im = Image.new("RGB", (W * K, H * K))
        self.clip: Image.Image | None = None

    def _paint(self, paint: Paint, size: tuple[int, int]) -> Image.Image:
        horiz = isinstance(paint, tuple) and paint[0] == "h"
        stops = list(paint[1]) if horiz else paint
        if not isinstance(stops, list):
            return Image.new("RGB", size, rgb(stops))
        n, m, px = (256, len(stops) - 1, [])
        for i in range(n):
            k = min(int(i / n * m), m - 1)
            px.append(mix(stops[k], stops[k + 1], i / n * m - k))
        strip = Image.new("RGB", (n, 1) if horiz else (1, n))
        strip.putdata(px)
        return strip.resize(size, Image.Resampling.BICUBIC)

    def _apply(
        self, mask: Image.Image, box: tuple[int, int, int, int], paint: Paint, a: float, mode: str | None
    ) -> None:
        if self.clip is not None:
            mask = ImageChops.multiply(mask, self.clip.crop(box))
        if a < 1:
            mask = mask.point(lambda v: int(v * a))
        src = self._paint(paint, mask.size)
        self.im.paste(BLEND[mode](self.im.crop(box), src) if mode else src, box[:2], mask)

    def shape(self, pts: Points, paint: Paint, a: float = 1.0, blur: float = 0, mode: str | None = None) -> None:
        """A filled outline, ``a`` opaque, its edge blurred, laid over or blended in."""
        xs, ys, pad = ([p[0] * K for p in pts], [p[1] * K for p in pts], blur * K * 2.6 + 2)
        x0, y0, x1, y1 = box = (
            max(0, int(min(xs) - pad)),
            max(0, int(min(ys) - pad)),
            min(W * K, int(max(xs) + pad) + 1),
            min(H * K, int(max(ys) + pad) + 1),
        )
        if x1 <= x0 or y1 <= y0:
            return
        m = Image.new("L", (x1 - x0, y1 - y0))
        ImageDraw.Draw(m).polygon([(x - x0, y - y0) for x, y in zip(xs, ys, strict=True)], fill=255)
        if blur:
            f = 4 if blur > 10 else 1
            small = m.resize((max(1, m.width // f), max(1, m.height // f))) if f > 1 else m
            m = small.filter(ImageFilter.GaussianBlur(blur * K / f)).resize(m.size, Image.Resampling.BICUBIC)
        self._apply(m, box, paint, a, mode)

    def light(self, pts: Points, c: Paint, a: float = 0.5, blur: float = 20) -> None:
        """Brighten an area."""
        self.shape(pts, c, a, blur, "screen")

    def shade(self, pts: Points, c: Paint = "#3a3550", a: float = 0.5, blur: float = 20) -> None:
        """Darken an area."""
        self.shape(pts, c, a, blur, "multiply")

    def stroke(
        self, pts: Points, c: Paint, w0: float, w1: float | None = None, a: float = 1.0, blur: float = 0
    ) -> None:
        """A brush line, tapering from w0 to w1."""
        left: list[Point] = []
        right: list[Point] = []
        w1 = w0 if w1 is None else w1
        for i, (x, y) in enumerate(pts):
            (x0, y0), (x1, y1) = (pts[max(0, i - 1)], pts[min(len(pts) - 1, i + 1)])
            k = (w0 + (w1 - w0) * i / max(1, len(pts) - 1)) / 2 / (math.hypot(x1 - x0, y1 - y0) or 1)
            left.append((x - (y1 - y0) * k, y + (x1 - x0) * k))
            right.append((x + (y1 - y0) * k, y - (x1 - x0) * k))
        self.shape(left + right[::-1], c, a, blur)

    def glow(self, x: float, y: float, r: float, c: Colour, a: float = 0.6, ry: float | None = None) -> None:
        """A round light, brightest in its middle."""
        ry = ry or r
        x0, y0, x1, y1 = (int(v * K) for v in (x - r, y - ry, x + r, y + ry))
        g = (
            ImageOps.invert(Image.radial_gradient("L"))
            .point(lambda v: int(255 * max(0, v / 255 * 1.42 - 0.42) ** 1.7))
            .resize((x1 - x0, y1 - y0), Image.Resampling.BICUBIC)
        )
        vx0, vy0, vx1, vy1 = vis = (max(0, x0), max(0, y0), min(W * K, x1), min(H * K, y1))
        if vx1 > vx0 and vy1 > vy0:
            self._apply(g.crop((vx0 - x0, vy0 - y0, vx1 - x0, vy1 - y0)), vis, c, a, "screen")

    def haze(self, y0: float, y1: float, c: Colour, a: float = 0.6) -> None:
        """Clear at y0, full at y1 (either may be the higher one)."""
        top, bot, g = (int(min(y0, y1) * K), int(max(y0, y1) * K), Image.linear_gradient("L"))
        self._apply(
            (g if y1 > y0 else ImageOps.flip(g)).resize((W * K, bot - top), Image.Resampling.BICUBIC),
            (0, top, W * K, bot),
            c,
            a,
            None,
        )

    def mirror(self, y: float, depth: float, tint: Colour, a: float = 0.55, blur: float = 3) -> None:
        """Still water: what stands above y, flipped below it."""
        src = ImageOps.flip(self.im.crop((0, int((y - depth) * K), W * K, int(y * K)))).filter(
            ImageFilter.GaussianBlur(blur * K)
        )
        src = Image.blend(src, Image.new("RGB", src.size, rgb(tint)), 0.28)
        self.im.paste(
            src,
            (0, int(y * K)),
            Image.new("L", src.size, int(255 * a))
            if self.clip is None
            else self.clip.crop((0, int(y * K), W * K, int((y + depth) * K))).point(lambda v: int(v * a)),
        )

    @contextmanager
    def inside(self, pts: Points) -> Iterator[None]:
        """Paint only within an outline."""
        m, old = (Image.new("L", self.im.size), self.clip)
        ImageDraw.Draw(m).polygon([(x * K, y * K) for x, y in pts], fill=255)
        self.clip = m if old is None else ImageChops.multiply(old, m)
        yield
        self.clip = old

    def finish(
        self, width: int = W, grain: float = 0.075, warm: Colour = "#fff4e0", vignette: float = 0.2
    ) -> Image.Image:
        """The picture with grain, warmth and darker corners, at a width in pixels."""
        im = self.im.resize((W, H), Image.Resampling.LANCZOS)
        n = ImageOps.autocontrast(
            Image.frombytes("L", (W, H), self.r.randbytes(W * H)).filter(ImageFilter.GaussianBlur(0.8)),
            cutoff=1,
        )
        im = Image.blend(im, ImageChops.overlay(im, Image.merge("RGB", (n, n, n))), grain)
        im = Image.blend(im, ImageChops.multiply(im, Image.new("RGB", (W, H), rgb(warm))), 0.35)
        v = (
            Image.radial_gradient("L")
            .resize((int(W * 1.5), int(H * 1.5)))
            .crop((W // 4, H // 4, W // 4 + W, H // 4 + H))
        )
        im = Image.composite(
            ImageChops.multiply(im, Image.new("RGB", (W, H), (70, 60, 90))),
            im,
            v.point(lambda p: int(max(0, p - 90) * vignette)),
        )
        return im if width == W else im.resize((width, round(width * H / W)), Image.Resampling.LANCZOS)

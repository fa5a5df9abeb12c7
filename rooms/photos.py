"""Photographs: what may be uploaded, and how it becomes three WebP pictures without anything hidden in them.

No ORM and no storage: bytes in, bytes out.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import IO

from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

from airbnb.errors import Invalid

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000
LEAST_SIDE = 200
# WebP ends at 16,383 pixels a side, and the widest size keeps the picture's shape.
MOST_SIDE = 16_000
MOST_TIMES_AS_LONG = 10
WIDTHS = (480, 960, 1600)
# Only these decoders are ever tried: the file's own first bytes decide, never its name or its declared type.
FORMATS = ("JPEG", "PNG", "WEBP")
_QUALITY = 80


class NotAPicture(Invalid):
    """The upload is no photograph we can take; ``because`` is a stable word for why."""

    code = "not_a_picture"

    TEXTS = {
        "too_big": _("A photograph may have 10 MB at most"),
        "unreadable": _("This is not a JPEG, PNG or WebP picture, or it is damaged"),
        "too_many_pixels": _("A photograph may have 40 million pixels at most"),
        "too_long": _("A photograph may be 10 times as long as it is wide at most, and 16,000 pixels on a side"),
        "too_small": _("A photograph needs at least 200 pixels on each side"),
        "empty": _("The file is empty"),
    }

    def __init__(self, because: str) -> None:
        self.because = because
        super().__init__({"image": [self.TEXTS[because]]}, self.TEXTS[because])


@dataclass(frozen=True, slots=True)
class Rendition:
    """One size of a photograph as a WebP file."""

    width: int
    height: int
    data: bytes


def check(file: IO[bytes], size: int) -> None:
    """Judge an upload by its length and its header alone, before anything is decoded; raises NotAPicture."""
    if size == 0:
        raise NotAPicture("empty")
    if size > MOST_BYTES:
        raise NotAPicture("too_big")
    file.seek(0)
    with _open(file) as picture:
        width, height = picture.size
    file.seek(0)
    if width * height > MOST_PIXELS:
        raise NotAPicture("too_many_pixels")
    if min(width, height) < LEAST_SIDE:
        raise NotAPicture("too_small")
    if max(width, height) > min(MOST_SIDE, MOST_TIMES_AS_LONG * min(width, height)):
        raise NotAPicture("too_long")


def render(data: bytes) -> dict[int, Rendition]:
    """The picture in its three widths, upright, in sRGB, with no metadata; never larger than it came.

    Raises NotAPicture when it is damaged behind a good header, or cannot be written as WebP.
    """
    check(io.BytesIO(data), len(data))
    try:
        with _open(io.BytesIO(data)) as picture:
            clean = _clean(picture)
        return {width: _rendition(clean, width) for width in WIDTHS}
    except NotAPicture:
        raise
    except Exception as error:  # decoders and encoders raise many kinds of errors for what they cannot take
        raise NotAPicture("unreadable") from error


def _open(file: IO[bytes]) -> Image.Image:
    try:
        with warnings.catch_warnings():
            # Pillow warns of bombs from 89 Mpx on; our own limit is lower and is checked by the caller.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return Image.open(file, formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise NotAPicture("too_many_pixels") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise NotAPicture("unreadable") from error


def _clean(picture: Image.Image) -> Image.Image:
    """Only the pixels, turned upright by the camera's note, on white where they were see-through."""
    if picture.format == "JPEG":
        picture.draft("RGB", (2 * WIDTHS[-1], 2 * WIDTHS[-1]))
    picture.load()
    upright = ImageOps.exif_transpose(picture)
    if upright.has_transparency_data:
        pixels = upright.convert("RGBA")
        paper = Image.new("RGBA", pixels.size, "white")
        upright = Image.alpha_composite(paper, pixels)
    clean = Image.new("RGB", upright.size)
    clean.paste(upright.convert("RGB"))
    return clean


def _rendition(clean: Image.Image, width: int) -> Rendition:
    if width < clean.width:
        height = max(1, round(clean.height * width / clean.width))
        clean = clean.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)
    out = io.BytesIO()
    clean.save(out, "WEBP", quality=_QUALITY, method=4, exif=b"", xmp=b"", icc_profile=b"")
    return Rendition(clean.width, clean.height, out.getvalue())

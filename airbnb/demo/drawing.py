"""Draws one scene; free of Django's models, because it runs in processes that have not set Django up."""

from __future__ import annotations

import io

from airbnb.demo import scenes
from rooms import photos
from rooms.photos import Rendition


def sizes_of(name: str) -> dict[int, Rendition]:
    """A scene drawn and made into the three sizes of the photo pipeline."""
    out = io.BytesIO()
    scenes.picture(name).save(out, "JPEG", quality=92)
    return photos.render(out.getvalue())

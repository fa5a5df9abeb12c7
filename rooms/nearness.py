"""Where a room is as strangers may know it: near, never exactly, until they have booked."""

from __future__ import annotations


def near(degrees: float | None) -> float | None:
    """A coordinate as strangers see it: to about 100 metres, always the same, so nothing can be averaged out."""
    return None if degrees is None else round(degrees, 3)

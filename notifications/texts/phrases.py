"""What a text of a notification is."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True)
class Text:
    """A title that states the fact, a sentence on what it means, and where the button leads (a route's name)."""

    title: Promise
    body: Promise
    route: str
    button: Promise

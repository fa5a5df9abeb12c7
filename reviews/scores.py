"""What can be rated, from 1 to 5, by whom, and how it is called."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from airbnb.errors import Invalid, Text

LOWEST, HIGHEST = 1, 5
TEXT_LIMIT = 1000
NOTE_LIMIT = 500
_HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")


class Direction(StrEnum):
    """Who reviews whom."""

    GUEST_TO_HOST = "guest_to_host"
    HOST_TO_GUEST = "host_to_guest"

    @property
    def other(self) -> Direction:
        """The way back."""
        return Direction.HOST_TO_GUEST if self is Direction.GUEST_TO_HOST else Direction.GUEST_TO_HOST


SCORES: dict[Direction, dict[str, Promise]] = {
    Direction.GUEST_TO_HOST: {
        "cleanliness": _("Cleanliness"),
        "accuracy": _("Like the pictures"),
        "check_in": _("Check-in"),
        "communication": _("Communication"),
        "location": _("Location"),
        "value": _("Worth the price"),
    },
    Direction.HOST_TO_GUEST: {
        "cleanliness": _("Did they take care of the place?"),
        "communication": _("Was it easy to talk to them?"),
        "rules": _("Did they keep to the house rules?"),
    },
}

STEPS: dict[int, Promise] = {
    1: _("1 of 5, disappointing"),
    2: _("2 of 5, so-so"),
    3: _("3 of 5, all right"),
    4: _("4 of 5, good"),
    5: _("5 of 5, very good"),
}


def require_valid(direction: Direction, rating: Any, scores: Mapping[str, Any], text: str, note: str) -> None:
    """Raise :class:`airbnb.errors.Invalid` with a message for each field that breaks a rule."""
    errors: dict[str, list[Text]] = {}
    if not _is_step(rating):
        errors["rating"] = [_("Choose from 1 to 5 stars")]
    if wrong := [name for name in scores if name not in SCORES[direction]]:
        errors["scores"] = [_("Cannot be rated here: %(names)s") % {"names": ", ".join(sorted(map(str, wrong)))}]
    elif not all(_is_step(value) for value in scores.values()):
        errors["scores"] = [_("Choose from 1 to 5 stars")]
    if not text.strip():
        errors["text"] = [_("Write a few words")]
    elif len(text) > TEXT_LIMIT:
        errors["text"] = [_too_long(text, TEXT_LIMIT)]
    if len(note) > NOTE_LIMIT:
        errors["private_note"] = [_too_long(note, NOTE_LIMIT)]
    if errors:
        raise Invalid(errors)


def require_answer(text: str) -> None:
    """Raise :class:`airbnb.errors.Invalid` unless this can stand as a public answer."""
    if not text.strip():
        raise Invalid({"text": [_("Write a few words")]})
    if len(text) > TEXT_LIMIT:
        raise Invalid({"text": [_too_long(text, TEXT_LIMIT)]})


def language_of(text: str) -> str:
    """The language a text is most likely written in: "ko" where it has Hangul, else "en"."""
    return "ko" if _HANGUL.search(text) else "en"


def _is_step(value: Any) -> bool:
    return type(value) is int and LOWEST <= value <= HIGHEST


def _too_long(text: str, limit: int) -> Text:
    return _("At most %(limit)s characters. This has %(length)s") % {"limit": limit, "length": len(text)}

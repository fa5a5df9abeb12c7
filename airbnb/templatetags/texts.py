"""Words: Korean particles after names, and the text of the reader's language out of a pair."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import template

from airbnb.templatetags.money import spoken_language

register = template.Library()

HANGUL_FIRST, HANGUL_LAST, FINALS, RIEUL = 0xAC00, 0xD7A3, 28, 8
# How the last digit is read: 영 일 이 삼 사 오 육 칠 팔 구. True: closed by a consonant; "ㄹ" closes 일, 칠 and 팔.
DIGITS = {"0": "o", "1": "ㄹ", "2": "", "3": "o", "4": "", "5": "", "6": "o", "7": "ㄹ", "8": "ㄹ", "9": ""}
CLOSED_LATIN = re.compile(r"(?:[mn]|ng|[aeiou][bckpt])$", re.IGNORECASE)


def closing(word: str) -> str | None:
    """What closes a word as it is read: ``""`` nothing, ``"ㄹ"``, ``"o"`` another consonant, None unknown."""
    bare = re.sub(r"[^0-9A-Za-z\uac00-\ud7a3]+$", "", word)
    if not bare:
        return None
    last = bare[-1]
    if HANGUL_FIRST <= ord(last) <= HANGUL_LAST:
        final = (ord(last) - HANGUL_FIRST) % FINALS
        return "" if final == 0 else "ㄹ" if final == RIEUL else "o"
    if last in DIGITS:
        return DIGITS[last]
    if last.lower() == "l":
        return "ㄹ"
    return "o" if CLOSED_LATIN.search(bare) else ""


def particle(word: str, pair: str) -> str:
    """The right one of ``을/를``, ``이/가``, ``은/는``, ``과/와``, ``으로/로``, ``이에요/예요`` after ``word``."""
    closed, open_ = pair.split("/")
    sound = closing(word)
    if sound is None:
        return f"{closed}({open_})"
    if pair == "으로/로" and sound == "ㄹ":  # after ㄹ the short form stands: 서울로
        return open_
    return closed if sound else open_


@register.filter
def josa(value: Any, pair: str) -> str:
    """The word with its particle, ``{{ name|josa:"을/를" }}``; in English the word alone."""
    word = str(value)
    return word + particle(word, pair) if spoken_language() == "ko" else word


@register.filter
def in_language(value: Any) -> str:
    """The reader's text of ``{"ko": …, "en": …}``; the other language when that one is missing."""
    if not isinstance(value, Mapping):
        return str(value or "")
    language = spoken_language()
    return value.get(language) or value.get("en" if language == "ko" else "ko") or ""


@register.filter
def other_language(value: Any) -> str:
    """``en`` or ``ko`` when :func:`in_language` had to fall back to it, for a ``lang`` attribute; else nothing."""
    language = spoken_language()
    if not isinstance(value, Mapping) or value.get(language):
        return ""
    other = "en" if language == "ko" else "ko"
    return other if value.get(other) else ""


@register.filter
def initial(value: Any) -> str:
    """The first letter of a name, for a face without a picture."""
    return str(value or "").strip()[:1].upper()

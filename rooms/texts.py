"""Texts in Korean and English: what people wrote, and what to show when only one language was given."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import get_language

LANGUAGES = ("ko", "en")
Texts = dict[str, str]


def texts(ko: str, en: str) -> Texts:
    """Both languages at once."""
    return {"ko": ko, "en": en}


def language_now() -> str:
    """The reader's language, ``ko`` or ``en``; anything else reads English."""
    return "ko" if (get_language() or "ko").lower().startswith("ko") else "en"


def both(given: Mapping[str, str] | None) -> Texts:
    """``{"ko", "en"}`` where a language that was not written shows the other one."""
    written = {code: text for code, text in (given or {}).items() if code in LANGUAGES and text}
    fallback = next(iter(written.values()), "")
    return {code: written.get(code, fallback) for code in LANGUAGES}


def in_language(given: Mapping[str, str] | None, language: str | None = None) -> str:
    """The text in ``language`` (default: the reader's), or the other one where it is missing."""
    return both(given)[language or language_now()]


def written_in(text: str, language: str, before: Mapping[str, str] | None = None) -> Texts:
    """``before`` with ``text`` as its version in ``language``; an empty text takes that version away."""
    kept = {code: old for code, old in (before or {}).items() if code in LANGUAGES and old}
    kept.pop(language, None)
    return {**kept, language: text} if text else kept

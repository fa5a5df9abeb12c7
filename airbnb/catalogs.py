"""Translations without GNU gettext: extract from code and templates, check that nothing is missing, compile."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

LANGUAGES = ("ko", "en")
SOURCES = ("airbnb", "rooms", "reservations", "payments", "reviews", "notifications", "templates")
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
MessageId = str | tuple[str, ...] | list[str]


def catalog_path(language: str) -> Path:
    """Where a language's messages are kept for translators."""
    return Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po"


def source_files() -> Iterator[Path]:
    """Every file that may hold words for people."""
    for top in SOURCES:
        root = Path(settings.BASE_DIR) / top
        for path in sorted(root.rglob("*")):
            if path.suffix in {".py", ".html", ".txt"} and not {"migrations", "static", "embedded"} & set(path.parts):
                yield path


def extracted() -> Catalog:
    """All messages that code and templates use, with where they are used."""
    found = Catalog(charset="utf-8", fuzzy=False)
    for path in source_files():
        text = path.read_text("utf-8")
        if path.suffix != ".py":
            # What is left of the markup keeps its indentation, which Python's tokenizer would not accept.
            text = "\n".join(line.lstrip() for line in templatize(text, origin=str(path)).splitlines())
        where = path.relative_to(settings.BASE_DIR).as_posix()
        for _line, ids, comments, context in extract("python", BytesIO(text.encode()), KEYWORDS, ["Translators:"]):
            if ids and ids != "":
                found.add(ids, None, [(where, 0)], auto_comments=comments, context=context)
    return found


def read(language: str) -> Catalog:
    """The kept catalogue of a language; an empty one when there is none yet."""
    path = catalog_path(language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language, charset="utf-8")


def _new_catalog(language: str) -> Catalog:
    return Catalog(
        locale=language,
        project="Binbang",
        version="1",
        copyright_holder="the Binbang contributors",
        msgid_bugs_address="none",
        last_translator="none",
        language_team=language,
        charset="utf-8",
        fuzzy=False,
        header_comment=f"# Binbang, {language}. `make messages` keeps this file up to date.",
    )


def update(language: str) -> Catalog:
    """Bring the kept catalogue up to date with the sources: new messages in, unused ones out. English is its own id."""
    kept, fresh = read(language), _new_catalog(language)
    for message in extracted():
        if not message.id:
            continue
        old = kept.get(message.id, message.context)
        string: MessageId | None = old.string if old is not None else None
        if language == "en":
            string = message.id
        fresh.add(message.id, string, message.locations, auto_comments=message.auto_comments, context=message.context)
    path = catalog_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    out = BytesIO()
    fresh.creation_date = fresh.revision_date = None  # type: ignore[assignment]
    write_po(out, fresh, width=110, sort_output=True, omit_header=False, include_lineno=False)
    lines = out.getvalue().decode().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith(('"POT-Creation', '"PO-Revision'))), "utf-8")
    return fresh


def faults(language: str) -> list[str]:
    """What is wrong with a language: missing, unsure, stale, or with other placeholders than the source."""
    kept = read(language)
    used = {(message.id, message.context): message for message in extracted() if message.id}
    wrong = [f"{language}: not translated: {key[0]!r}" for key in used if not _translated(kept.get(*key))]
    for message in kept:
        if not message.id:
            continue
        if (message.id, message.context) not in used:
            wrong.append(f"{language}: no longer used: {message.id!r}")
        if message.fuzzy:
            wrong.append(f"{language}: unsure: {message.id!r}")
        if _translated(message) and not _same_placeholders(message):
            wrong.append(f"{language}: other placeholders: {message.id!r} / {message.string!r}")
    return wrong


def _translated(message: Message | None) -> bool:
    if message is None or not message.string:
        return False
    return all(message.string) if isinstance(message.string, (tuple, list)) else True


def _same_placeholders(message: Message) -> bool:
    ids = message.id if isinstance(message.id, (tuple, list)) else (message.id,)
    strings = message.string if isinstance(message.string, (tuple, list)) else (message.string or "",)
    allowed = [set(PLACEHOLDER.findall(each)) for each in ids]  # the singular may leave the number out
    return all(set(PLACEHOLDER.findall(each)) in allowed for each in strings)


def compile_all() -> list[Path]:
    """Write the binary catalogues that Django reads; returns their paths."""
    written = []
    for language in LANGUAGES:
        out = BytesIO()
        write_mo(out, read(language))
        path = catalog_path(language).with_suffix(".mo")
        if not path.exists() or path.read_bytes() != out.getvalue():
            path.write_bytes(out.getvalue())
        written.append(path)
    return written


KOREAN = re.compile(r"[\uac00-\ud7a3]")


def korean_ids() -> list[str]:
    """Message ids that are Korean: the source language of this product's code is English."""
    return [str(message.id) for message in extracted() if message.id and KOREAN.search(str(message.id))]

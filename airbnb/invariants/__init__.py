"""Invariants: what must never be true, each as SQL that returns no rows.

Every app keeps its own in a module ``invariants``; the numbers are those of ``docs/reliability.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any

from django.apps import apps as installed
from django.db import connection
from django.utils.module_loading import module_has_submodule

from airbnb import clock

SHOWN_ROWS = 5


@dataclass(frozen=True, slots=True)
class Invariant:
    """``sql`` selects the offenders (text, or what writes it when it is asked); ``says`` states the rule.

    The name begins with its number, e.g. ``I4_holds_end``. ``now()`` in the text is the instant of the check.
    """

    name: str
    says: str
    sql: str | Callable[[], str]

    @property
    def number(self) -> str:
        """``I4`` of ``I4_holds_end``."""
        return self.name.split("_")[0]

    def statement(self, at: datetime) -> str:
        """The SQL with ``at`` in the place of ``now()``: all are judged at one instant, in tests a chosen one."""
        text = self.sql if isinstance(self.sql, str) else self.sql()
        return text.replace("now()", f"'{at.isoformat()}'::timestamptz")


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken invariant: how many rows break it, and the first of them."""

    invariant: Invariant
    count: int
    rows: list[dict[str, Any]]


def all_invariants() -> list[Invariant]:
    """Those of every installed app that has an ``invariants`` module, by name."""
    found: list[Invariant] = []
    for app in installed.get_app_configs():
        if app.name != "airbnb" and module_has_submodule(app.module, "invariants"):
            found += import_module(f"{app.name}.invariants").INVARIANTS
    return sorted(found, key=lambda each: each.name)


def check(invariants: Iterable[Invariant] | None = None) -> list[Finding]:
    """Run them and return what is broken; an empty list means that all hold."""
    at = clock.now()
    looked = (look(each, at) for each in (all_invariants() if invariants is None else invariants))
    return [finding for finding in looked if finding is not None]


def look(invariant: Invariant, at: datetime) -> Finding | None:
    """What breaks one invariant at ``at``; None when it holds."""
    with connection.cursor() as cursor:
        cursor.execute(invariant.statement(at))
        names = [column.name for column in cursor.description or ()]
        count, rows = cursor.rowcount, cursor.fetchmany(SHOWN_ROWS)
    if not rows:
        return None
    return Finding(invariant, count, [{k: str(v) for k, v in zip(names, row, strict=True)} for row in rows])

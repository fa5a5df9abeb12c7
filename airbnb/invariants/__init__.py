"""Invariants: what must never be true, each as SQL that returns no rows.

Every app keeps its own in a module ``invariants``; the numbers are those of ``docs/reliability.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any

from django.apps import apps as installed
from django.db import connection, transaction
from django.utils.module_loading import module_has_submodule

from airbnb import clock

SHOWN_ROWS = 5


@dataclass(frozen=True, slots=True)
class Invariant:
    """``sql`` selects the offenders (text, or what writes it when it is asked); ``says`` states the rule.

    The name begins with its number, e.g. ``I4_holds_end``. ``now()`` in the text is the instant of the check, and
    ``recent()`` the beginning of what it looks at: rows that are only ever added are looked at while they are new.
    """

    name: str
    says: str
    sql: str | Callable[[], str]

    @property
    def number(self) -> str:
        """``I4`` of ``I4_holds_end``."""
        return self.name.split("_")[0]

    def statement(self, at: datetime, since: datetime | None = None) -> str:
        """The SQL with ``at`` in the place of ``now()``: all are judged at one instant, in tests a chosen one.

        ``since`` stands for ``recent()``; without it nothing is too old to be looked at.
        """
        text = self.sql if isinstance(self.sql, str) else self.sql()
        text = text.replace("recent()", f"'{since.isoformat() if since else '-infinity'}'::timestamptz")
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


def check(invariants: Iterable[Invariant] | None = None, *, since: datetime | None = None) -> list[Finding]:
    """Run them and return what is broken; an empty list means that all hold. ``since`` as in ``statement``."""
    at = clock.now()
    with asking():
        looked = [look(each, at, since) for each in (all_invariants() if invariants is None else invariants)]
    return [finding for finding in looked if finding is not None]


@contextmanager
def asking(limit_s: float = 0) -> Iterator[None]:
    """A transaction whose questions have room to join big tables in memory, and may each take ``limit_s`` seconds.

    Zero: as long as the settings allow.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('work_mem', '64MB', true), set_config('jit', 'off', true)")
        if limit_s:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{int(limit_s * 1000)}ms"])
        yield


def look(invariant: Invariant, at: datetime, since: datetime | None = None) -> Finding | None:
    """What breaks one invariant at ``at``; None when it holds."""
    with connection.cursor() as cursor:
        cursor.execute(invariant.statement(at, since))
        names = [column.name for column in cursor.description or ()]
        count, rows = cursor.rowcount, cursor.fetchmany(SHOWN_ROWS)
    if not rows:
        return None
    return Finding(invariant, count, [{k: str(v) for k, v in zip(names, row, strict=True)} for row in rows])

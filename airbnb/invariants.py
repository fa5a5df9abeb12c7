"""Invariants: what must never be true, each as SQL that returns no rows."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.db import connection
from django.utils.module_loading import module_has_submodule

CONTEXTS = ("airbnb.events", "rooms", "reservations", "payments", "reviews", "notifications")
SHOWN_ROWS = 5


@dataclass(frozen=True, slots=True)
class Invariant:
    """``sql`` selects the offenders; ``says`` states the rule in a sentence."""

    name: str
    says: str
    sql: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken invariant: how many rows break it, and the first of them."""

    invariant: Invariant
    count: int
    rows: list[dict[str, Any]]


def all_invariants() -> list[Invariant]:
    """Those of every context that has an ``invariants`` module, by name."""
    found: list[Invariant] = []
    for context in CONTEXTS:
        package = import_module(context)
        if module_has_submodule(package, "invariants"):
            found += import_module(f"{context}.invariants").INVARIANTS
    return sorted(found, key=lambda each: each.name)


def check(invariants: list[Invariant] | None = None) -> list[Finding]:
    """Run them and return what is broken; an empty list means that all hold."""
    findings = []
    for invariant in all_invariants() if invariants is None else invariants:
        with connection.cursor() as cursor:
            cursor.execute(invariant.sql)
            names = [column.name for column in cursor.description or ()]
            rows = cursor.fetchall()
        if rows:
            shown = [{k: str(v) for k, v in zip(names, row, strict=True)} for row in rows[:SHOWN_ROWS]]
            findings.append(Finding(invariant, len(rows), shown))
    return findings

"""Comparing views with what their events say: a part is made anew, compared with what stood, and rolled back."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import transaction

from airbnb import clock
from airbnb.events import projections
from airbnb.events.models import ViewState

SHOWN_KEYS = 20


@dataclass(slots=True)
class Drift:
    """How many parts of a view were compared, and the keys of those that differ from their events."""

    view: str
    checked: int = 0
    keys: list[Any] = field(default_factory=list)


def compare(view: str, *, share: float = 1.0, limit: int | None = None) -> Drift:
    """Compare all parts, or a share of them chosen by chance; nothing is changed. KeyError for an unknown view.

    A difference counts only while nothing is still to be delivered that could mend it. Each part is locked for as
    long as its own comparison takes.
    """
    parts = projections.REGISTER[view].parts
    found = Drift(view)
    if parts is None:
        return found
    for key in islice(parts.all() if share >= 1 else parts.sample(share), limit):
        found.checked += 1
        if _differs(parts, key) and not projections.waiting_for(view, key).exists():
            found.keys.append(key)
    return found


def note(found: Drift) -> None:
    """Keep the outcome, for the monitoring and for operators."""
    facts = {
        "checked_at": clock.now(),
        "checked": found.checked,
        "drifted": len(found.keys),
        "drifted_keys": [str(key) for key in found.keys[:SHOWN_KEYS]],
    }
    ViewState.objects.update_or_create(name=found.view, defaults=facts)


def _differs(parts: projections.Parts, key: Any) -> bool:
    with transaction.atomic():
        before = parts.rows(key)
        parts.redo(key)
        after = parts.rows(key)
        transaction.set_rollback(True)
    return before != after

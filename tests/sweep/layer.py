"""Whose executed lines count in the crash sweep: where rows are written and gateways are called."""

from __future__ import annotations

from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# All of a package but what is left out below; of the kernel the parts that write for everybody.
PACKAGES = ("payments", "reservations", "rooms", "reviews", "notifications", "airbnb/events")
MODULES = ("airbnb/idempotency.py", "airbnb/db.py", "airbnb/broker.py")
# Doors, tables and what is only shown or only checks. A module is left out by its last word, too: payout_admin.
LEFT_OUT = frozenset(
    {"models", "migrations", "views", "view_parts", "forms", "form_fields", "admin", "urls", "api", "serializers"}
    | {"shown", "templatetags", "apps", "management", "invariants", "metrics"}
)


def counts(path: Path) -> bool:
    """Whether the lines of this file count; a path outside the repository does not."""
    if not path.is_relative_to(ROOT):
        return False
    inside = path.relative_to(ROOT)
    if inside.as_posix() in MODULES:
        return True
    package = next((each for each in PACKAGES if inside.is_relative_to(each)), None)
    return package is not None and not left_out_by(inside.relative_to(package))


def left_out_by(inside: Path) -> set[str]:
    """The names for which a path within its package does not count."""
    return {name for part in inside.with_suffix("").parts for name in (part, part.rpartition("_")[2])} & LEFT_OUT


@cache
def service_layer() -> frozenset[str]:
    """The files whose lines count, by their full names."""
    files = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    return frozenset(str(path) for path in (*files, *(ROOT / each for each in MODULES)) if counts(path))

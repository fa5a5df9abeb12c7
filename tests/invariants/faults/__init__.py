"""The faults that are planted, by the context whose invariant must notice them. Add yours to its module."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from tests.invariants.faults.planting import Fault


def all_faults() -> list[Fault]:
    """The faults of every module here."""
    found: list[Fault] = []
    for module in iter_modules(__path__):
        found += getattr(import_module(f"{__name__}.{module.name}"), "FAULTS", [])
    return found


__all__ = ["Fault", "all_faults"]

"""Choosing rows by the simulation's chance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.sim.simulation import Simulation


def one_of(sim: Simulation, *states: str) -> Any:
    """A reservation in one of these states, those named twice with twice the chance; None without one."""
    from reservations.models import Reservation

    rows = Reservation.objects.select_related("guest", "host").filter(status__in=states).order_by("pk")
    found: dict[str, list[Any]] = {}
    for each in rows:
        found.setdefault(each.status, []).append(each)
    if not found:
        return None
    return sim.rng.choice(found[sim.rng.choice([state for state in states if state in found])])


def pick(sim: Simulation, rows: Any) -> Any:
    """Any of the rows, or None."""
    found: Sequence[Any] = list(rows.order_by("pk"))
    return sim.rng.choice(found) if found else None

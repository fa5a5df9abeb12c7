"""The register of read models: each can be thrown away and rebuilt from the stored events while it is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from airbnb.events import bus
from airbnb.events.models import StoredEvent


@dataclass(frozen=True)
class Projection:
    """A read model by name ("rooms.RoomView"), how to empty it, and the reactions that fill it.

    ``after`` runs when a rebuild has been committed, in transactions of its own, for what comes from the context's
    own tables (a search index's free nights).
    """

    name: str
    clear: Callable[[], Any]
    listeners: Sequence[Callable[[Any], None]]
    after: Callable[[], Any] | None = None


REGISTER: dict[str, Projection] = {}
_replaying: ContextVar[bool] = ContextVar("replaying_projection", default=False)
_by_listener: dict[str, str] = {}


def register(*projections: Projection) -> None:
    """Announce read models; called when a context's projections module is imported."""
    for projection in projections:
        REGISTER[projection.name] = projection
        for listener in projection.listeners:
            _by_listener[bus.name_of(listener)] = projection.name


def listeners_in(package: str) -> list[Callable[[Any], None]]:
    """Every reaction registered so far in this module or in its submodules."""
    return [
        each.react
        for each in bus.LISTENERS.values()
        if each.react.__module__ == package or each.react.__module__.startswith(f"{package}.")
    ]


def share(listener: bus.Listener) -> None:
    """Before a projection's listener writes: wait while that read model is being rebuilt, hold off a rebuild after."""
    name = _by_listener.get(listener.name)
    if name is not None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0))", [f"projection:{name}"])


def replaying() -> bool:
    """Whether a rebuild is telling this event again: what ``after`` writes anew anyway need not be locked till then."""
    return _replaying.get()


def rebuild(name: str) -> int:
    """Empty the read model and replay all stored events into it, in one transaction; returns how many.

    Readers see the old rows until the new ones are complete; deliveries to it wait that long.
    KeyError for an unknown name.
    """
    projection = REGISTER[name]
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"projection:{name}"])
        projection.clear()
        token = _replaying.set(True)
        try:
            count = _replay(projection)
        finally:
            _replaying.reset(token)
    if projection.after is not None:
        projection.after()
    return count


def _replay(projection: Projection) -> int:
    wanted = {bus.name_of(each) for each in projection.listeners}
    by_event: dict[str, list[bus.Listener]] = {}
    for listener in bus.LISTENERS.values():
        if listener.name in wanted:
            by_event.setdefault(listener.event.__name__, []).append(listener)
    stored_events = StoredEvent.objects.filter(name__in=by_event).order_by("occurred_at", "id")
    count = 0
    for stored in stored_events.iterator(chunk_size=1000):
        with bus.reacting_to(bus.envelope_of(stored)):
            for listener in by_event[stored.name]:
                listener.react(bus.fact_of(stored))
        count += 1
    return count

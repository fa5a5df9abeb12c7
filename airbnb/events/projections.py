"""The register of read models: each can be thrown away and rebuilt from the stored events while it is read.

There are two kinds. A keyed view consists of parts that depend on nothing but the events of their key (a trip on
those of its reservation): it is rebuilt key by key, so nobody ever waits. Any other is rebuilt in one transaction:
readers see the old rows until the new ones are complete, and deliveries to it are put off that long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from airbnb import clock
from airbnb.events import bus
from airbnb.events.models import Delivery, StoredEvent, ViewState


@dataclass(frozen=True)
class Parts:
    """The independent parts of a view. ``all`` lists them, in order, those of older versions first where rows know.

    ``redo`` makes one part anew from the stored events, in the caller's transaction; ``rows`` are its rows as plain
    values, for comparison.
    """

    all: Callable[[], Iterable[Any]]
    redo: Callable[[Any], Any]
    rows: Callable[[Any], list[dict[str, Any]]]
    sample: Callable[[float], Iterable[Any]]


@dataclass(frozen=True)
class Projection:
    """A read model by name ("rooms.RoomView"), how to empty it, and the reactions that fill it.

    ``version`` counts changes of what the rows mean: a release that raises it rebuilds the view by itself.
    ``after`` runs when a rebuild has been committed, in transactions of its own, for what comes from the context's
    own tables (a search index's free nights). ``first`` runs before the parts of a keyed view.
    ``fed_by`` are another view's listeners that write to this one, too: it is as far behind as they are.
    ``readers_catch_up``: who reads it applies what is still to be delivered (:mod:`airbnb.events.reading`).
    """

    name: str
    clear: Callable[[], Any]
    listeners: Sequence[Callable[[Any], None]]
    after: Callable[[], Any] | None = None
    version: int = 1
    parts: Parts | None = None
    keyed: bool = False
    first: Callable[[], Any] | None = None
    readers_catch_up: bool = False
    fed_by: Sequence[Callable[[Any], None]] = ()


REGISTER: dict[str, Projection] = {}
_replaying: ContextVar[bool] = ContextVar("replaying_projection", default=False)
_by_listener: dict[str, str] = {}


def register(*projections: Projection) -> None:
    """Announce read models; called when a context's projections module is imported."""
    for projection in projections:
        REGISTER[projection.name] = projection
        for listener in projection.listeners:
            name = bus.name_of(listener)
            _by_listener[name] = projection.name
            if projection.readers_catch_up:
                bus.CAUGHT_UP_BY_READERS.add(name)


def listeners_in(package: str) -> list[Callable[[Any], None]]:
    """Every reaction registered so far in this module or in its submodules."""
    return [
        each.react
        for each in bus.LISTENERS.values()
        if each.react.__module__ == package or each.react.__module__.startswith(f"{package}.")
    ]


def names_of(view: str) -> list[str]:
    """The names of a view's listeners, as receipts keep them."""
    return [listener for listener, name in _by_listener.items() if name == view]


def written_by(listener: str) -> list[str]:
    """The views that a listener writes to, by the listener's name."""
    own = _by_listener.get(listener)
    fed = [name for name, each in REGISTER.items() if listener in map(bus.name_of, each.fed_by)]
    return [*([own] if own else []), *fed]


def share(listener: bus.Listener) -> bool:
    """Before a projection's listener writes: hold off a rebuild. False while that read model is being rebuilt.

    Nothing is waited for: a worker that waited for a long rebuild would be missing elsewhere.
    """
    name = _by_listener.get(listener.name)
    if name is None or REGISTER[name].keyed:
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock_shared(hashtextextended(%s, 0))", [f"projection:{name}"])
        return bool(cursor.fetchone()[0])


def replaying() -> bool:
    """Whether a rebuild is telling this event again: what ``after`` writes anew anyway need not be locked till then."""
    return _replaying.get()


def rebuild(name: str) -> int:
    """Make the read model anew from all stored events; returns how many events, or of a keyed view how many parts.

    Readers see the old rows until the new ones are complete. KeyError for an unknown name.
    """
    projection = REGISTER[name]
    fill_subjects()
    count = _rebuild_parts(projection) if projection.keyed else _rebuild_whole(projection)
    ViewState.objects.update_or_create(name=name, defaults={"version": projection.version, "built_at": clock.now()})
    return count


def fill_subjects() -> int:
    """Name the subject of events that an older release stored while this one was being rolled out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE events_storedevent SET subject = left(coalesce(payload->>'reservation', payload->>'room_code'), 20)"
            " WHERE subject = '' AND coalesce(payload->>'reservation', payload->>'room_code', '') <> ''"
        )
        return int(cursor.rowcount)


def outdated() -> list[str]:
    """Views whose rows an older version of their projection built. Newer rows are another release's, and stay."""
    built = dict(ViewState.objects.values_list("name", "version"))
    return sorted(name for name, each in REGISTER.items() if built.get(name, 0) < each.version)


def replay(stored_events: Iterable[StoredEvent], listeners: Iterable[Callable[[Any], None]]) -> int:
    """Tell these events to these listeners again; returns how many were told."""
    wanted = {bus.name_of(each) for each in listeners}
    by_event: dict[str, list[bus.Listener]] = {}
    for listener in bus.LISTENERS.values():
        if listener.name in wanted:
            by_event.setdefault(listener.event.__name__, []).append(listener)
    token = _replaying.set(True)
    count = 0
    try:
        for stored in stored_events:
            ours = by_event.get(stored.name)
            if ours is None:
                continue
            with bus.reacting_to(bus.envelope_of(stored)):
                for listener in ours:
                    listener.react(bus.fact_of(stored))
            count += 1
    finally:
        _replaying.reset(token)
    return count


def _rebuild_parts(projection: Projection) -> int:
    """Each part in a transaction of its own: its readers see the old rows or the new ones."""
    assert projection.parts is not None
    if projection.first is not None:
        projection.first()
    count = 0
    for key in projection.parts.all():
        with transaction.atomic():
            projection.parts.redo(key)
        count += 1
    return count


def _rebuild_whole(projection: Projection) -> int:
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Deliveries under way hold it shared for a moment each; a rebuild waits as long as it takes.
            cursor.execute("SET LOCAL lock_timeout = 0")
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"projection:{projection.name}"])
        projection.clear()
        count = _replay(projection)
    if projection.after is not None:
        projection.after()
    return count


def _replay(projection: Projection) -> int:
    names = {each.event.__name__ for each in bus.LISTENERS.values() if _by_listener.get(each.name) == projection.name}
    stored_events = StoredEvent.objects.filter(name__in=names).order_by("occurred_at", "id")
    return replay(stored_events.iterator(chunk_size=1000), projection.listeners)


def waiting_for(view: str, key: Any) -> Any:
    """What is still to be delivered to this part of a view; to any part where they depend on more than their key.

    What was given up is not: nobody will deliver it, and the part is not what its events say.
    """
    waiting = Delivery.objects.pending().filter(listener__in=names_of(view))
    return waiting.filter(event__subject=str(key)) if REGISTER[view].keyed else waiting

"""Publish facts and react to them: same-transaction reactions by signal, later ones by one receipt each."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, ClassVar, Self, TypeVar
from uuid import UUID

from django.db import transaction
from django.dispatch import Signal

from airbnb import clock, correlation
from airbnb.celery import queue_of
from airbnb.db import require_transaction
from airbnb.events.models import FIRST_SWEEP, Delivery, StoredEvent

ROLES = ("reactions", "projections")

EVENTS: dict[str, type[Event]] = {}
LISTENERS: dict[str, Listener] = {}
# Names of listeners that fill a view whose readers catch up by themselves (projections.register adds them).
CAUGHT_UP_BY_READERS: set[str] = set()
_later: dict[str, list[Listener]] = {}
_modules: dict[str, str] = {}
_published = Signal()


@dataclass(frozen=True, kw_only=True)
class Event:
    """A fact in the past tense. Fields are plain JSON values; names and fields are a published contract."""

    version: ClassVar[int] = 1

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        EVENTS[cls.__name__] = cls

    def payload(self) -> dict[str, Any]:
        """The fields as they are stored."""
        return dataclasses.asdict(self)

    def about(self) -> str:
        """The code of what this is a fact about: a reservation if it names one, else a room; empty for neither."""
        return str(getattr(self, "reservation", "") or getattr(self, "room_code", "") or "")

    def concerns(self) -> list[int]:
        """The people who may look at what it is about, as far as the event knows them."""
        known = (getattr(self, "guest_id", None), getattr(self, "host_id", None))
        return sorted({each for each in known if each is not None})

    @classmethod
    def read(cls, payload: dict[str, Any]) -> Self:
        """The event from its stored fields; fields this release does not know are left out, so N-1 and N+1 are read."""
        known = {field.name for field in dataclasses.fields(cls)}
        return cls(**{name: value for name, value in payload.items() if name in known})


@dataclass(frozen=True)
class Envelope:
    """What is known about an event beside its fields."""

    id: UUID
    occurred_at: datetime
    correlation_id: str
    causation_id: UUID | None


@dataclass(frozen=True)
class Listener:
    """A reaction with its stable name and the queue of the context it lives in."""

    name: str
    queue: str
    react: Callable[[Any], None]
    event: type[Event]


E = TypeVar("E", bound=Event)
Reaction = Callable[[E], None]
_envelope: ContextVar[Envelope | None] = ContextVar("event_envelope", default=None)


def envelope() -> Envelope:
    """The envelope of the event that is being reacted to; LookupError outside a reaction."""
    current = _envelope.get()
    if current is None:
        raise LookupError("not inside a reaction")
    return current


@contextmanager
def reacting_to(stored: Envelope) -> Iterator[None]:
    """Work as a consequence of this event: what is published inside names it as its cause."""
    token = _envelope.set(stored)
    try:
        with correlation.use(stored.correlation_id):
            yield
    finally:
        _envelope.reset(token)


def when(event: type[E], *, same_transaction: bool = False) -> Callable[[Reaction[E]], Reaction[E]]:
    """Register a reaction. By default it runs after commit, in its own transaction, until it has succeeded once."""

    def register(react: Reaction[E]) -> Reaction[E]:
        name = name_of(react)
        if _modules.setdefault(name, react.__module__) != react.__module__:
            raise ValueError(f"{react.__module__} and {_modules[name]} both have a reaction {name}")
        listener = Listener(name, queue_of(react.__module__), react, event)
        if same_transaction:
            _published.connect(
                lambda sender, fact, **_: listener.react(fact), sender=event, weak=False, dispatch_uid=name
            )
        else:
            LISTENERS[name] = listener
            ours = _later.setdefault(event.__name__, [])
            ours[:] = [other for other in ours if other.name != name] + [listener]
        return react

    return register


def name_of(react: Callable[[Any], None]) -> str:
    """The stable name of a reaction, kept in receipts: its context, its role and its own name.

    A reaction that moves inside its context's ``reactions`` or ``projections`` package keeps its name, so the receipts
    written before the move are still delivered.
    """
    parts = react.__module__.split(".")
    module = parts[:2] if len(parts) > 2 and parts[1] in ROLES else parts
    return ".".join([*module, react.__qualname__])


def forget(name: str) -> None:
    """Take a listener off the bus again: a test's own context leaves no trace."""
    _modules.pop(name, None)
    listener = LISTENERS.pop(name, None)
    if listener is not None:
        ours = _later[listener.event.__name__]
        ours[:] = [other for other in ours if other.name != name]


def listeners_of(event: type[Event]) -> list[Listener]:
    """The later reactions to an event type."""
    return list(_later.get(event.__name__, ()))


def publish(event: Event) -> UUID:
    """Store the fact with a receipt for each listener, run same-transaction reactions, wake workers after commit.

    Must run inside the transaction that makes the fact true; raises NoTransaction otherwise.
    """
    require_transaction()
    cause = _envelope.get()
    moved = clock.override()
    about = event.about()
    stored = StoredEvent(
        name=type(event).__name__,
        subject=about,
        version=event.version,
        payload=event.payload(),
        correlation_id=correlation.current(),
        causation_id=cause.id if cause else None,
        **({"occurred_at": moved} if moved else {}),
    )
    stored.save(force_insert=True)
    listeners = listeners_of(type(event))
    due = {"next_attempt_at": moved + FIRST_SWEEP} if moved else {}
    deliveries = Delivery.objects.bulk_create(
        Delivery(event=stored, listener=each.name, queue=each.queue, **due, **_for_readers(each, event, about))
        for each in listeners
    )
    with reacting_to(envelope_of(stored)):
        _published.send(sender=type(event), fact=event)
    if deliveries:
        transaction.on_commit(partial(_wake, [(each.pk, each.queue) for each in deliveries]), robust=True)
    return stored.id


def _for_readers(listener: Listener, event: Event, about: str) -> dict[str, Any]:
    return {"subject": about, "readers": event.concerns()} if listener.name in CAUGHT_UP_BY_READERS and about else {}


def envelope_of(stored: StoredEvent) -> Envelope:
    """The envelope that a reaction to this stored event sees."""
    return Envelope(stored.id, stored.occurred_at, stored.correlation_id, stored.causation_id)


def fact_of(stored: StoredEvent) -> Event:
    """The typed event that was stored; KeyError for a type that this release does not know."""
    return EVENTS[stored.name].read(stored.payload)


def _wake(deliveries: list[tuple[int, str]]) -> None:
    from airbnb.events.tasks import wake

    wake(deliveries)


def deliver_pending(limit: int = 10_000) -> int:
    """Run deliveries here, due or not, until none is left that has not failed; returns how many succeeded."""
    from airbnb.events.delivering import deliver

    done = 0
    tried: set[int] = set()
    while done < limit:
        todo = Delivery.objects.pending().exclude(pk__in=tried).order_by("pk").values_list("pk", flat=True)
        batch = list(todo[:500])
        if not batch:
            break
        for pk in batch:
            tried.add(pk)
            done += deliver(pk)
    return done

"""What happened, told to whoever listens: one event a change, queued in the same transaction."""

from __future__ import annotations

import copy
import random
from typing import Any

from .faults import Faults
from .objects import public
from .store import Record, Store

API_VERSION = "2026-10-28.sandbox"


def emit(store: Store, faults: Faults, kind: str, record: Record) -> Record:
    """Record the event ``kind`` with the object as it is now, and queue it as the webhook faults say."""
    event: dict[str, Any] = {
        "id": store.new_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": int(store.now()),
        "data": {"object": copy.deepcopy(public(record))},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
    }
    store.insert(event, parent=record["id"])
    queue(store, faults, event["id"])
    return event


def queue(store: Store, faults: Faults, event_id: str) -> None:
    """Have an event delivered, as often and as late as the webhook faults say."""
    if faults.webhooks == "off":
        return
    for number in range(2 if faults.webhooks == "duplicate" else 1):
        due = _due(store, faults)
        store.rows("INSERT INTO delivery (event, copy, due) VALUES (?, ?, ?)", event_id, number, due)


def _due(store: Store, faults: Faults) -> float:
    """When it goes out: at once, late, or at a random instant so that neighbours overtake each other."""
    if faults.webhooks == "delay":
        return store.now() + faults.latency_s(2.0)
    if faults.webhooks == "shuffle":
        return store.now() + random.uniform(0.0, faults.latency_s(1.0))
    return store.now()

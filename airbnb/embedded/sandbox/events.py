"""What happened, told to whoever listens: one event a change, queued in the same transaction."""

from __future__ import annotations

import copy
import random

from .faults import Faults
from .objects import public
from .store import Record, Store

API_VERSION = "2026-10-28.sandbox"


def emit(store: Store, faults: Faults, kind: str, record: Record) -> Record:
    """Record the event ``kind`` with the object as it is now, and queue it as the webhook faults say."""
    event = {
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
    if faults.webhooks != "off":
        for number in range(2 if faults.webhooks == "duplicate" else 1):
            store.rows(
                "INSERT INTO delivery (event, copy, due) VALUES (?, ?, ?)",
                event["id"],
                number,
                _due(store, faults),
            )
    return event


def _due(store: Store, faults: Faults) -> float:
    """When it goes out: at once, late, or at a random instant so that neighbours overtake each other."""
    if faults.webhooks == "delay":
        return store.now() + faults.latency_s(2.0)
    if faults.webhooks == "shuffle":
        return store.now() + random.uniform(0.0, faults.latency_s(1.0))
    return store.now()

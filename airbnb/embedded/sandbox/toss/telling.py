"""Webhooks of Toss Payments: unsigned, as the real ones are; the registered address is their secret."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from airbnb.embedded.sandbox.desk import Desk
from airbnb.embedded.sandbox.events import queue

SEOUL = timezone(timedelta(hours=9))
PREFIX = "tev"


def tell(desk: Desk, kind: str, payment: dict[str, Any]) -> None:
    """Record the event and queue it, as the webhook faults say."""
    now = desk.store.now()
    # The event's own time has no zone; it is Korean.
    at = datetime.fromtimestamp(now, UTC).astimezone(SEOUL).replace(tzinfo=None).isoformat(timespec="microseconds")
    message = {"eventType": kind, "createdAt": at, "data": copy.deepcopy(payment)}
    event: dict[str, Any] = {
        "id": desk.store.new_id(PREFIX),
        "object": "toss_event",
        "created": int(now),
        "message": message,
    }
    desk.store.insert(event, parent=payment["paymentKey"])
    queue(desk.store, desk.faults, event["id"])

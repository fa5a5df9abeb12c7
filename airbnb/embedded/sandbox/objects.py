"""Lists, paging and expansion: what every read endpoint shares."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

from .errors import missing
from .forms import Params, integer, text
from .store import Record, Store

FAR = 10**12
EXPANDABLE = {
    "latest_charge": "charge",
    "payment_intent": "payment_intent",
    "charge": "charge",
    "balance_transaction": "balance_transaction",
}
# What a movement of the balance may come from, by what its id begins with.
SOURCES = {
    "ch": "charge",
    "re": "refund",
    "tr": "transfer",
    "trr": "transfer_reversal",
    "po": "payout",
    "tu": "topup",
}


def public(record: Record) -> Record:
    """The object without what is the sandbox's own business (names that begin with an underscore)."""
    return {key: value for key, value in record.items() if not key.startswith("_")}


def get(store: Store, kind: str, object_id: str) -> Record:
    """The object or 404."""
    found = store.find(kind, object_id)
    if found is None:
        raise missing(kind, object_id)
    return found


def expanded(store: Store, record: Record, params: Params) -> Record:
    """The public object with the ids named in ``expand`` replaced by their objects (one level)."""
    result = public(record)
    wanted = params.get("expand", [])
    for path in wanted if isinstance(wanted, list) else []:
        name = path.removeprefix("data.")
        told = result.get(name)
        if not isinstance(told, str):
            continue
        kind = SOURCES.get(told.partition("_")[0]) if name == "source" else EXPANDABLE.get(name)
        if kind:
            inner = store.find(kind, told)
            result[name] = public(inner) if inner else None
    return result


def created_range(params: Params) -> tuple[int, int]:
    """The ``created`` filter as seconds, both ends included."""
    created = params.get("created", {})
    if isinstance(created, str):
        created = {"gte": created, "lte": created}
    bounds = {name: integer(created, name, at_least=0) for name in ("gt", "gte", "lt", "lte")}
    low = max(bounds["gte"] or 0, (bounds["gt"] or -1) + 1)
    high = min(FAR if bounds["lte"] is None else bounds["lte"], (FAR if bounds["lt"] is None else bounds["lt"]) - 1)
    return low, high


def listing(store: Store, found: Iterable[Record], params: Params, url: str) -> dict[str, Any]:
    """One page, newest first, of at most ``limit`` (10, up to 100) objects after ``starting_after``."""
    limit = min(integer(params, "limit") or 10, 100)
    after = text(params, "starting_after")
    remaining = iter(found)
    if after:
        for record in remaining:
            if record["id"] == after:
                break
    page = list(islice(remaining, limit + 1))
    data = [expanded(store, record, params) for record in page[:limit]]
    return {"object": "list", "url": url, "has_more": len(page) > limit, "data": data}


def matches(record: Record, params: Params, *names: str) -> bool:
    """Whether the fields named equal the object's where a filter is given; ``metadata`` key by key."""
    for name in names:
        wanted = params.get(name)
        if name == "metadata" and isinstance(wanted, dict):
            if any(record["metadata"].get(key) != value for key, value in wanted.items()):
                return False
        elif wanted is not None and record.get(name) != wanted:
            return False
    return True

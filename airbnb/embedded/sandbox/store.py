"""The sandbox's own books: one SQLite file, one writer at a time."""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

Record = dict[str, Any]

SCHEMA = """
CREATE TABLE IF NOT EXISTS record (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, parent TEXT,
    created INTEGER NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS record_by_kind ON record (kind, seq);
CREATE INDEX IF NOT EXISTS record_by_parent ON record (parent, kind);
CREATE TABLE IF NOT EXISTS delivery (
    event TEXT NOT NULL, copy INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0,
    due REAL NOT NULL, state TEXT NOT NULL DEFAULT 'waiting', PRIMARY KEY (event, copy));
CREATE INDEX IF NOT EXISTS delivery_due ON delivery (state, due);
CREATE TABLE IF NOT EXISTS answer (
    key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL,
    at REAL NOT NULL);
"""
TABLES = ("record", "delivery", "answer")


class Store:
    """Objects by id, events with their deliveries, and remembered answers; safe from any thread."""

    def __init__(self, path: str) -> None:
        self.lock = threading.RLock()
        self.clock_s = 0.0
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + SCHEMA)

    def now(self) -> float:
        """Seconds since 1970 by the sandbox's clock, which a test may move."""
        return time.time() + self.clock_s

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, and alone: nested use joins the outer one."""
        with self.lock:
            if self._db.in_transaction:
                yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run one statement and return what it yields."""
        with self.lock:
            return self._db.execute(sql, values).fetchall()

    def new_id(self, prefix: str) -> str:
        """An id as the gateway makes them, e.g. ``pi_3Qx…``."""
        return f"{prefix}_{secrets.token_hex(12)}"

    def insert(self, record: Record, *, parent: str | None = None) -> Record:
        """Keep a new object; ``parent`` is the id it is looked up by later (a refund's charge)."""
        self.rows(
            "INSERT INTO record (id, kind, parent, created, body) VALUES (?, ?, ?, ?, ?)",
            *(record["id"], record["object"], parent, record["created"], json.dumps(record)),
        )
        return record

    def update(self, record: Record) -> Record:
        """Keep the changed object."""
        self.rows("UPDATE record SET body = ? WHERE id = ?", json.dumps(record), record["id"])
        return record

    def find(self, kind: str, object_id: str) -> Record | None:
        """The object of that kind and id."""
        found = self.rows("SELECT body FROM record WHERE id = ? AND kind = ?", object_id, kind)
        return json.loads(found[0][0]) if found else None

    def all(self, kind: str, *, parent: str | None = None, newest_first: bool = False) -> Iterator[Record]:
        """Every object of a kind (and parent), oldest first unless asked."""
        order = "DESC" if newest_first else "ASC"
        where, values = ("AND parent = ?", (kind, parent)) if parent else ("", (kind,))
        for (body,) in self.rows(f"SELECT body FROM record WHERE kind = ? {where} ORDER BY seq {order}", *values):
            yield json.loads(body)

    def created_between(self, kind: str, low: int, high: int) -> Iterator[Record]:
        """Objects of a kind made in ``[low, high]`` (seconds since 1970), newest first."""
        sql = "SELECT body FROM record WHERE kind = ? AND created BETWEEN ? AND ? ORDER BY seq DESC"
        for (body,) in self.rows(sql, kind, low, high):
            yield json.loads(body)

    def clear(self) -> None:
        """Forget everything."""
        with self.transaction():
            for table in TABLES:
                self.rows(f"DELETE FROM {table}")

    def close(self) -> None:
        """Release the file."""
        with self.lock:
            self._db.close()

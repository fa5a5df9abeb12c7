"""Idempotency keys as the gateway keeps them: the first answer stands, for 24 hours."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl

from .errors import ApiError
from .store import Store

KEPT_S = 24 * 3600


def fingerprint(method: str, path: str, body: str) -> str:
    """What makes two requests the same: method, path and the parameters, in whatever order."""
    params = json.dumps(sorted(parse_qsl(body, keep_blank_values=True)))
    return hashlib.sha256(f"{method} {path}\n{params}".encode()).hexdigest()


class Keys:
    """Answers by key in the store; the keys being worked on in memory, which a restart forgets."""

    kept_s = KEPT_S

    def __init__(self, store: Store) -> None:
        self._store = store
        self._running: set[str] = set()
        self._guard = threading.Lock()

    @contextmanager
    def running(self, key: str | None) -> Iterator[None]:
        """Hold the key while its request is worked on; a second request meanwhile gets 409."""
        if key is None:
            yield
            return
        with self._guard:
            if key in self._running:
                raise self.busy()
            self._running.add(key)
        try:
            yield
        finally:
            with self._guard:
                self._running.discard(key)

    def answer(self, key: str | None, print_: str) -> tuple[int, dict[str, Any]] | None:
        """The answer remembered; 400 ``idempotency_error`` when the key was used for another request."""
        if key is None:
            return None
        self._store.rows("DELETE FROM answer WHERE key = ? AND at < ?", key, self._store.now() - self.kept_s)
        found = self._store.rows("SELECT fingerprint, status, body FROM answer WHERE key = ?", key)
        if not found:
            return None
        if found[0][0] != print_:
            raise self.other_request(key)
        return found[0][1], json.loads(found[0][2])

    def remember(self, key: str | None, print_: str, status: int, body: dict[str, Any]) -> None:
        """Keep the first answer of a key."""
        if key is not None:
            self._store.rows(
                "INSERT OR IGNORE INTO answer (key, fingerprint, status, body, at) VALUES (?, ?, ?, ?, ?)",
                *(key, print_, status, json.dumps(body), self._store.now()),
            )

    def busy(self) -> ApiError:
        """A request with this key is being worked on."""
        message = "There is currently another in-progress request using this Idempotency Key."
        return ApiError(409, "idempotency_error", message, code="idempotency_key_in_use")

    def other_request(self, key: str) -> ApiError:
        """The key was used for something else."""
        message = (
            "Keys for idempotent requests can only be used with the same parameters they were first used "
            f"with. Try using a key other than '{key}' if you meant to execute a different request."
        )
        return ApiError(400, "idempotency_error", message)

"""How a gateway is spoken to: its key, its way to write requests, its memory of them, its word for a failure."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import forms, routes
from .desk import Answer
from .errors import ApiError
from .idempotency import Keys
from .store import Store

Found = tuple[Callable[..., Answer], tuple[Any, ...]]


@dataclass(frozen=True)
class Dialect:
    """One gateway's manners. ``scoped`` names a given idempotency key in the memory, by path where that counts."""

    secret_key: str
    keys: Keys
    parse: Callable[[str, str], dict[str, Any]]
    find: Callable[[str, str], Found]
    scoped: Callable[[str | None, str], str | None]
    failure: Answer
    replayed: dict[str, str]
    unauthorized: ApiError

    def authorize(self, header: str) -> None:
        """The key as a bearer token, or as the name in Basic; refused otherwise."""
        kind, _, given = header.partition(" ")
        if kind.lower() == "basic":
            try:
                given = base64.b64decode(given).decode().partition(":")[0]
            except ValueError:
                given = ""
        if not hmac.compare_digest(given.strip().encode(), self.secret_key.encode()):
            raise self.unauthorized


def stripe_dialect(store: Store, secret_key: str) -> Dialect:
    """Forms, and keys that count for every path."""
    return Dialect(
        secret_key=secret_key,
        keys=Keys(store),
        parse=lambda _method, text: forms.parse(text),
        find=routes.find,
        scoped=lambda key, _path: key,
        failure=(500, {"error": {"type": "api_error", "message": "An unknown error occurred"}}),
        replayed={"Idempotent-Replayed": "true"},
        unauthorized=ApiError(401, "invalid_request_error", "Invalid API Key provided"),
    )

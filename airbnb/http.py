"""The one outgoing HTTP client: total deadlines, and never inside a transaction."""

from __future__ import annotations

from typing import Any

import httpx

from airbnb import correlation
from airbnb.db import forbid_transaction


class GuardedTransport(httpx.HTTPTransport):
    """Refuses to send while a database transaction is open, so a slow peer can never hold locks."""

    def __init__(self, name: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.name = name

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request under the guard."""
        forbid_transaction(f"a call to {self.name}")
        request.headers.setdefault(correlation.HEADER, correlation.current())
        return super().handle_request(request)


def client(name: str, *, timeout_s: float = 4.0, connect_s: float = 2.0) -> httpx.Client:
    """A client for the peer ``name``; it follows no redirects and gives up after ``timeout_s`` seconds a read."""
    return httpx.Client(
        transport=GuardedTransport(name, retries=0),
        timeout=httpx.Timeout(timeout_s, connect=connect_s),
        follow_redirects=False,
        headers={"User-Agent": "Binbang"},
    )

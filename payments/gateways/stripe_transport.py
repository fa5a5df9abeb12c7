"""The way of the ``stripe`` library to the network: our guarded client, and a memory of what left this machine."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import httpx
import stripe
from django.conf import settings

from airbnb import http


class NotSent(stripe.APIConnectionError):
    """No connection could be made: nothing was sent, so nothing can have happened."""


class GuardedTransport(stripe.HTTPClient):
    """Sends through :func:`airbnb.http.client`, which refuses to while a database transaction is open."""

    name = "guarded"

    def __init__(self) -> None:
        super().__init__()
        self._client = http.client("stripe", timeout_s=settings.GATEWAY_DEADLINE_S)

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        """One exchange; raises :class:`NotSent`, or APIConnectionError when the answer is missing."""
        try:
            answer = self._client.request(method, url, headers=headers, content=post_data)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as problem:
            raise NotSent(str(problem)) from problem  # type: ignore[no-untyped-call]
        except httpx.HTTPError as problem:
            raise stripe.APIConnectionError(f"no answer: {problem!r}") from problem  # type: ignore[no-untyped-call]
        return answer.text, answer.status_code, answer.headers

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()


@lru_cache(maxsize=8)
def _client(key: str, base: str) -> stripe.StripeClient:
    return stripe.StripeClient(
        key,
        base_addresses={"api": base} if base else None,
        http_client=GuardedTransport(),
        max_network_retries=0,  # the adapter repeats calls itself, within its own deadline
    )


def stripe_client() -> stripe.StripeClient:
    """The library's client for the key and address in the settings, kept with its open connections."""
    return _client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE)

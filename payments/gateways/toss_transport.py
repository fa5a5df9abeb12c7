"""The way to Toss Payments: our guarded client, Basic authentication, and what is known when no answer came."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import httpx
from django.conf import settings

from airbnb import http

LIVE_BASE = "https://api.tosspayments.com"
# All of one operation, its repetition and its questions included.
TOTAL_S = 4.0
# A connection that was cut this soon is tried once more, with the same key.
REPEAT_WITHIN_S, REPEAT_PAUSE_S = 1.0, 0.2
# Our key is wrong or we are too fast: nothing was done, and it is not the guest's fault.
OURS = ("UNAUTHORIZED_KEY", "INVALID_API_KEY", "INCORRECT_BASIC_AUTH_FORMAT", "FORBIDDEN_CONSECUTIVE_REQUEST")
# Failures of the gateway's own; the same key only ever repeats them.
TEMPORARY = (
    "CARD_PROCESSING_ERROR",
    "COMMON_ERROR",
    "FAILED_DB_PROCESSING",
    "FAILED_INTERNAL_SYSTEM_PROCESSING",
    "FAILED_METHOD_HANDLING_CANCEL",
    "FAILED_PARTIAL_REFUND",
    "FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING",
    "FAILED_REFUND_PROCESS",
    "PROVIDER_ERROR",
    "UNKNOWN_PAYMENT_ERROR",
)
BUSY = "IDEMPOTENT_REQUEST_PROCESSING"


class NotSent(Exception):
    """No connection could be made: nothing was sent, so nothing can have happened."""


class NoAnswer(Exception):
    """It may have arrived; what came of it is not known."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the gateway answered: a JSON object or list; an empty object when it was none."""

    status: int
    body: Any

    @property
    def ok(self) -> bool:
        """Whether it did what it was asked."""
        return 200 <= self.status < 300

    @property
    def code(self) -> str:
        """The gateway's name for a refusal; empty when the answer is not its own (a proxy's, for instance)."""
        return "" if self.ok or not isinstance(self.body, dict) else str(self.body.get("code") or "")

    @property
    def is_absent(self) -> bool:
        """Whether there is no such payment."""
        return self.status == 404 and self.code.startswith("NOT_FOUND")

    @property
    def is_ours(self) -> bool:
        """Whether we were turned away at the door."""
        return self.status in (401, 429) or self.code in OURS

    @property
    def is_temporary(self) -> bool:
        """Whether the gateway itself failed."""
        return self.status >= 500 or self.code in TEMPORARY

    @property
    def told(self) -> dict[str, Any]:
        """What is kept of it on record."""
        kept: dict[str, Any] = {"status": self.status, "code": self.code}
        if self.ok and isinstance(self.body, dict):
            kept |= {"id": self.body.get("paymentKey"), "state": self.body.get("status")}
        return kept


def base() -> str:
    """Where the gateway is."""
    return settings.TOSS_API_BASE or LIVE_BASE


@lru_cache(maxsize=1)
def _client() -> httpx.Client:
    """One client with its open connections; it is closed with the process."""
    return http.client("toss", timeout_s=TOTAL_S)


def ask(path: str, params: Mapping[str, str] | None = None) -> Reply:
    """One question; raises NotSent or NoAnswer."""
    return _patiently("GET", path, params=params)


def send(path: str, body: Mapping[str, Any], key: str | None) -> Reply:
    """One order under an idempotency key; raises NotSent or NoAnswer."""
    return _patiently("POST", path, json=body, headers={"Idempotency-Key": key} if key else {})


def _patiently(method: str, path: str, **how: Any) -> Reply:
    """Repeat a call whose connection was cut soon, once.

    After an attempt that may have arrived, a later failure to connect no longer means that nothing happened; nor
    does being turned away.
    """
    begun = time.monotonic()
    try:
        return _once(method, path, **how)
    except NoAnswer as lost:
        if time.monotonic() - begun > REPEAT_WITHIN_S or (how.get("json") is not None and not how["headers"]):
            raise
        time.sleep(REPEAT_PAUSE_S)
        try:
            reply = _once(method, path, **how)
        except NotSent:
            raise lost from None
        if reply.is_ours:
            raise lost from None
        return reply


def _once(method: str, path: str, **how: Any) -> Reply:
    try:
        answer = _client().request(method, base() + path, auth=(settings.TOSS_SECRET_KEY, ""), **how)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as problem:
        raise NotSent(str(problem)) from problem
    except httpx.HTTPError as problem:
        raise NoAnswer(repr(problem)) from problem
    try:
        return Reply(answer.status_code, answer.json())
    except ValueError:
        return Reply(answer.status_code, {})

"""The correlation id: one name for everything that one request set in motion."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog
from django.http import HttpRequest, HttpResponse

from airbnb.codes import new_id

HEADER = "X-Correlation-ID"
_ACCEPTABLE = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_current: ContextVar[str] = ContextVar("correlation_id", default="")


def current() -> str:
    """The id in force; a fresh one is made when there is none."""
    value = _current.get()
    if not value:
        value = str(new_id())
        _current.set(value)
    return value


@contextmanager
def use(correlation_id: str) -> Iterator[str]:
    """Work under this id; log lines inside carry it."""
    token = _current.set(correlation_id)
    try:
        with structlog.contextvars.bound_contextvars(correlation_id=correlation_id):
            yield correlation_id
    finally:
        _current.reset(token)


class CorrelationMiddleware:
    """Take the caller's id when it is well formed, make one otherwise, and send it back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer under one correlation id."""
        given = request.headers.get(HEADER, "")
        with use(given if _ACCEPTABLE.fullmatch(given) else str(new_id())) as correlation_id:
            response = self.get_response(request)
        response[HEADER] = correlation_id
        return response

"""Open pages that change by themselves: each asks, with a signed ticket, whether its stamp is still the present one.

The question is asked every second or so by every page that is looked at, so it is answered before sessions, users and
templates come into play: one statement by an index, 304 and an empty body when nothing changed (decision 0014).
"""

from __future__ import annotations

from collections.abc import Callable

from django.core import signing
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import get_script_prefix
from django.utils.http import parse_etags

PREFIX = "/live/"
VALID_S = 24 * 3600
_SALT = "airbnb.live"
_stamps: dict[str, Callable[[str], str]] = {}


def register(kind: str, stamp: Callable[[str], str]) -> None:
    """Announce what can be looked at live: ``stamp(key)`` changes whenever its page would show something else."""
    _stamps[kind] = stamp


def stamp_of(kind: str, key: str | int) -> str:
    """The present stamp; KeyError for an unknown kind."""
    return _stamps[kind](str(key))


def address(kind: str, key: str | int) -> str:
    """Where a page asks. Whoever has the address learns the stamp and nothing else, for one day."""
    return f"{get_script_prefix().rstrip('/')}{PREFIX}{signing.dumps([kind, str(key)], salt=_SALT)}"


class LiveMiddleware:
    """Answers questions of open pages before anything else is done for a request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """304 while the stamp is the same, 200 when it is not; everything else goes on."""
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        response = _answer(request)
        response["Cache-Control"] = "private, no-store"
        return response


def _answer(request: HttpRequest) -> HttpResponse:
    if request.method not in ("GET", "HEAD"):
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
    try:
        kind, key = signing.loads(request.path_info[len(PREFIX) :], salt=_SALT, max_age=VALID_S)
        stamp = stamp_of(kind, key)
    except (signing.BadSignature, KeyError, ValueError):
        return HttpResponse(status=404)
    except OperationalError:
        return HttpResponse(status=503, headers={"Retry-After": "5"})
    tag = f'"{stamp}"'
    same = tag in parse_etags(request.headers.get("If-None-Match", ""))
    return HttpResponse(status=304 if same else 200, headers={"ETag": tag}, content_type="text/plain")

"""What happens around every request: one log line, the account's language, and errors told as pages."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation

from airbnb.errors import DomainError, Unavailable

log = structlog.get_logger("airbnb.request")
GetResponse = Callable[[HttpRequest], HttpResponse]
QUIET = ("/static/", "/livez", "/readyz", "/metrics")


class RequestLogMiddleware:
    """One structured line for each request, with its route (never its query string) and its time in ms."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, then write the line."""
        begun = time.perf_counter()
        response = self.get_response(request)
        if not request.path.startswith(QUIET):
            user = getattr(request, "user", None)
            log.info(
                "request",
                method=request.method,
                path=request.path,
                status=response.status_code,
                ms=round((time.perf_counter() - begun) * 1000, 1),
                user=getattr(user, "code", None) if user is not None and user.is_authenticated else None,
            )
        return response


class PlainAddressMiddleware:
    """Refuses addresses with a NUL character: no page has one, and the database cannot look for it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """404 for such a path, 400 for such a query; everything else goes on."""
        if "\0" in request.path_info:
            raise Http404
        if "%00" in request.META.get("QUERY_STRING", ""):
            raise SuspiciousOperation("a NUL character in the query")
        return self.get_response(request)


class AccountLanguageMiddleware:
    """A signed-in person who has not chosen on this device reads in the language of their account."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the language of this person."""
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES and request.user.is_authenticated:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)


class PageMiddleware:
    """Tells domain errors that a page did not handle itself as a page, and keeps private pages out of caches."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, with headers that every page needs."""
        response = self.get_response(request)
        private = request.user.is_authenticated and not response.has_header("Cache-Control")
        if private and not request.path.startswith(("/static/", "/media/")):
            response["Cache-Control"] = "private, no-store"
        response.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A broken rule becomes an error page with its own words; anything else is Django's to report."""
        if isinstance(error, OperationalError):
            return _busy(request)
        if not isinstance(error, DomainError):
            return None
        if error.status == 404:
            raise Http404(str(error)) from error
        log.info("refused", code=error.code, path=request.path)
        response = render(request, "refused.html", {"error": error}, status=error.status)
        if isinstance(error, Unavailable):
            response["Retry-After"] = str(error.retry_after_s)
        return response


def _busy(request: HttpRequest) -> HttpResponse:
    """The database refused (a lock held too long, a deadlock): nothing was done, and trying again helps."""
    log.exception("database_refused", path=request.path)
    response = HttpResponse(render_to_string("503.html"), status=503)
    response["Retry-After"] = "2"
    return response

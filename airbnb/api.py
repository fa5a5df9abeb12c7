"""The HTTP API, version 1: every context's part of it, the schema, and its pages."""

from __future__ import annotations

from importlib import import_module

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, URLResolver, path, re_path
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny

from airbnb import correlation
from airbnb.rest import PROBLEM_JSON

CONTEXTS = ("rooms", "reservations", "payments", "reviews", "notifications")


@csrf_exempt  # it does nothing, and a program must be told 404, not asked for a page's token
def nothing_here(request: HttpRequest) -> HttpResponse:
    """An address of the API that does not exist, told like every other error of it."""
    return _problem(404, "not_found", _("There is nothing here"))


def bad_address(request: HttpRequest) -> HttpResponse:
    """A query that cannot be read."""
    return _problem(400, "invalid", _("Some of what was sent cannot be used"))


def broken_here(request: HttpRequest) -> HttpResponse:
    """An accident of ours, told like every other error; what happened is in the log under the correlation id."""
    return _problem(500, "internal_error", _("Something broke on our side"))


def _problem(status: int, code: str, title: str) -> HttpResponse:
    body = {
        "type": f"urn:binbang:problem:{code}",
        "title": title,
        "status": status,
        "detail": title,
        "code": code,
        "correlation_id": correlation.current(),
    }
    return JsonResponse(body, status=status, content_type=PROBLEM_JSON)


class Docs(SpectacularSwaggerSplitView):
    """The schema as pages; scripts come from this server."""

    url_name = "api-schema"
    permission_classes = [AllowAny]
    throttle_classes: list[type] = []


def context_urls() -> list[URLPattern | URLResolver]:
    """The API addresses of every context that offers any."""
    patterns: list[URLPattern | URLResolver] = []
    for context in CONTEXTS:
        patterns += import_module(f"{context}.api").urlpatterns
    return patterns


urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", SpectacularAPIView.as_view(permission_classes=[AllowAny]), name="api-schema"),
    path("docs/", Docs.as_view(), name="api-docs"),
    *context_urls(),
    re_path(r"^.*$", nothing_here),
]

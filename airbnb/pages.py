"""Pages that no context owns: the first page, the host's day, the look and language, and errors."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import i18n
from django.views.decorators.http import require_POST, require_safe

import reservations.queries
import rooms.queries
from airbnb import live
from airbnb.accounts.access import current_user, host_page
from airbnb.context import THEMES
from airbnb.demo.pattern import sample_context
from airbnb.errors import Invalid

YEAR_S = 365 * 24 * 3600


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The first page: the search, and places to begin with."""
    return render(request, "home.html", {"home": rooms.queries.home_page()})


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Where browsers look for the mark on pages that do not name it, such as the admin's."""
    return redirect(static("img/mark.svg"))  # its name changes with its content, so this is not for good


@host_page
@require_safe
def host_today(request: HttpRequest) -> HttpResponse:
    """The host's day: who leaves, who comes, what waits, and the state of each room."""
    host = current_user(request)
    context = {
        "live_url": live.address("host", host.pk),
        "live_stamp": live.stamp_of("host", host.pk),
        "board": reservations.queries.host_board(host.pk),
        "rooms": rooms.queries.host_rooms(host.pk),
    }
    return render(request, "host_today.html", context)


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the chosen look on this device ("light", "dark", anything else: the system's) and go back."""
    response = redirect(_back(request))
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        response.set_cookie("theme", chosen, max_age=YEAR_S, samesite="Lax", secure=settings.SECURE_COOKIES)
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Keep the chosen language on this device and, for an account, for its messages as well."""
    chosen = request.POST.get("language", "")
    if request.user.is_authenticated and translation.check_for_language(chosen) and chosen in dict(settings.LANGUAGES):
        user = current_user(request)
        user.language = chosen
        user.save(update_fields=["language"])
    return i18n.set_language(request)


def _back(request: HttpRequest) -> str:
    """Where the form was, if that is a page of ours."""
    target = request.POST.get("next") or request.headers.get("Referer", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if target and safe else "/"


@require_safe
def design(request: HttpRequest) -> HttpResponse:
    """The pattern sheet of components, for developers."""
    if not (settings.DEBUG or settings.LOCAL_STACK):
        raise Http404
    return render(request, "components/pattern.html", sample_context())


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404, in the API's own shape below its addresses."""
    if request.path.startswith("/api/"):
        from airbnb.api import nothing_here

        return nothing_here(request)
    return render(request, "404.html", status=404)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: an address or a form that no page of ours makes."""
    if request.path.startswith("/api/"):
        from airbnb.api import bad_address

        return bad_address(request)
    return render(request, "refused.html", {"error": Invalid({})}, status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: known, but not allowed."""
    return render(request, "403.html", status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form came without its token: the page was too old, or it was sent from elsewhere."""
    return render(request, "403.html", {"csrf": True}, status=403)


def broken(request: HttpRequest) -> HttpResponse:
    """500: stands alone, uses nothing of the application; below the API's addresses in the API's own shape."""
    if request.path.startswith("/api/"):
        from airbnb.api import broken_here

        return broken_here(request)
    return HttpResponse(render_to_string("500.html"), status=500)

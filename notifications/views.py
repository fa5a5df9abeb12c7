"""The list of notifications, reading them, the bell, and what one wishes to get where."""

from __future__ import annotations

from itertools import groupby
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from airbnb import clock
from airbnb.accounts.access import current_user, guest_page
from notifications import queries, services
from notifications.forms import WishesForm
from notifications.wording import words

PAGE_SIZE = 30


@guest_page
@require_safe
def notifications(request: HttpRequest) -> HttpResponse:
    """One's own notifications by day, newest first, the unread ones marked."""
    user = current_user(request)
    number = _page_number(request)
    shown = queries.notifications_of(user.pk, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE + 1)
    context = {
        "groups": _by_age(shown[:PAGE_SIZE]),
        "number": number,
        "next_number": number + 1 if len(shown) > PAGE_SIZE else None,
        "unread": queries.unread_count(user.pk),
        "form": WishesForm(queries.wishes_of(user.pk)),
    }
    return render(request, "notifications/list.html", context)


@require_safe
def bell(request: HttpRequest) -> HttpResponse:
    """The bell alone, for a page that asks again every minute; nothing once its reader has signed out."""
    if not request.user.is_authenticated:
        return HttpResponse(status=204)
    listing = reverse("notifications:list")
    on_list = request.headers.get("HX-Current-URL", "").split("?")[0].endswith(listing)
    context = {
        "unread": queries.unread_count(current_user(request).pk),
        "here": "notifications:list" if on_list else "",
    }
    return render(request, "notifications/_bell.html", context)


@guest_page
@require_POST
def reading(request: HttpRequest, notification_id: UUID) -> HttpResponse:
    """Mark one as read and go where it leads."""
    found = services.read(user_id=current_user(request).pk, notification_id=notification_id)
    return redirect(words(found.kind, found.role, found.params).url)


@guest_page
@require_POST
def reading_all(request: HttpRequest) -> HttpResponse:
    """Mark all as read."""
    services.read_all(user_id=current_user(request).pk)
    messages.success(request, _("All are marked as read"))
    return redirect("notifications:list")


@guest_page
@require_http_methods(("GET", "HEAD", "POST"))
def preferences(request: HttpRequest) -> HttpResponse:
    """Choose what comes by which channel."""
    user = current_user(request)
    form = WishesForm(queries.wishes_of(user.pk), request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        services.set_preferences(user_id=user.pk, wishes=form.values())
        messages.success(request, _("Your choice is saved"))
        return redirect("notifications:preferences")
    return render(request, "notifications/preferences.html", {"form": form})


def _page_number(request: HttpRequest) -> int:
    given = request.GET.get("page", "1")
    return min(int(given), 1000) if given.isascii() and given.isdigit() and int(given[:6]) > 0 else 1


def _by_age(shown: list[queries.Shown]) -> list[tuple[str, list[queries.Shown]]]:
    """Grouped as today, the last seven days, and earlier."""
    today = clock.today_in(settings.TIME_ZONE)

    def age(each: Any) -> str:
        days = (today - clock.today_in(settings.TIME_ZONE, each.created_at)).days
        return _("Today") if days <= 0 else _("This week") if days < 7 else _("Earlier")

    return [(head, list(items)) for head, items in groupby(shown, key=age)]

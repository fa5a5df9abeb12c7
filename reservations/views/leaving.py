"""Cancelling a trip with the exact refund shown first, and the receipt of what was paid."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from airbnb import clock
from airbnb.accounts.access import current_user, guest_page
from airbnb.errors import DomainError, Invalid
from airbnb.money import Money
from airbnb.templatetags.money import money
from payments import queries as payments
from reservations import services, terms
from reservations.queries import TripView
from reservations.services import NotCancellable, PreviewInvalid, PreviewOver
from reservations.views.access import own_trip
from rooms import queries as rooms

# No sum of money has more; Python reads no number of thousands of digits.
MOST_DIGITS = 18
# Card issuers in Korea give a cancelled sum back within this many days.
ARRIVES_FROM, ARRIVES_UNTIL = timedelta(days=2), timedelta(days=7)


@guest_page
@require_http_methods(["GET", "HEAD", "POST"])
def cancellation(request: HttpRequest, code: str) -> HttpResponse:
    """What comes back, line by line, before anything is done; exactly that is done."""
    view = own_trip(request, code)
    if request.method != "POST":
        return _preview(request, view)
    reason = request.POST.get("reason", "")[:300]
    try:
        services.cancel(code, current_user(request), request.POST.get("token", ""), reason)
    except (PreviewInvalid, PreviewOver, Invalid) as error:
        return _preview(request, view, error, status=error.status)
    except NotCancellable as error:
        messages.info(request, str(error.title))
    else:
        withdrawn = view.row.status == "requested"
        said = _("Your request is taken back. Nothing was charged") if withdrawn else _("Your stay is cancelled")
        messages.success(request, said)
    return redirect("reservations:trip", code)


def _preview(
    request: HttpRequest, view: TripView, error: DomainError | None = None, *, status: int = 200
) -> HttpResponse:
    try:
        preview = services.preview_cancellation(view.row.code, current_user(request))
    except NotCancellable as refused:
        messages.info(request, str(refused.title))
        return redirect("reservations:trip", view.row.code)
    at = clock.now()
    context = {
        "view": view,
        "row": view.row,
        "preview": preview,
        "withdraws": view.row.status == "requested",
        "kept": view.row.total - preview.refund,
        "steps": terms.shown(preview.steps, view.row.total, at),
        "ways": payments.ways_back(view.row.code, preview.refund),
        "arrives_from": at + ARRIVES_FROM,
        "arrives_until": at + ARRIVES_UNTIL,
        "error": error,
        "changed": _change(request, preview.refund) if error else "",
        "reason": request.POST.get("reason", ""),
        "reasons": _reasons(),
    }
    return render(request, "reservations/cancellation.html", context, status=status)


def _change(request: HttpRequest, refund: Money) -> str:
    """What the reader saw before and what it is now; the form carries what was shown."""
    shown = request.POST.get("shown", "")
    readable = shown.isascii() and shown.isdigit() and len(shown) <= MOST_DIGITS
    if not readable or int(shown) == refund.amount_minor:
        return ""
    before = Money(int(shown), refund.currency)
    return _("It was %(before)s when you looked; now it is %(now)s.") % {"before": money(before), "now": money(refund)}


def _reasons() -> list[str]:
    return [
        _("My plans changed"),
        _("I found another place"),
        _("Weather or transport"),
        _("The host asked for it"),
    ]


@guest_page
@require_safe
def receipt(request: HttpRequest, code: str) -> HttpResponse:
    """What was agreed, and every payment and refund, on one page to print; there is none before anything was paid."""
    view = own_trip(request, code)
    statement = payments.statement_of(code)
    if view.confirmed_at is None or statement is None:
        raise Http404
    context: dict[str, Any] = {
        "view": view,
        "row": view.row,
        "statement": statement,
        "room": rooms.room_facts(view.row.room_id),
    }
    return render(request, "reservations/receipt.html", context)

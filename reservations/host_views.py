"""Pages on which hosts follow their bookings and, if they must, cancel one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from airbnb import live
from airbnb.accounts.access import current_user, host_page
from airbnb.accounts.people import person
from airbnb.errors import Invalid
from airbnb.money import Money, total
from airbnb.templatetags.texts import in_language
from reservations import queries, services
from reservations.host_story import cancelled_words, story_of
from reservations.views.alterations import waiting_change
from rooms.queries import room_facts, rooms_of_host

PAGE = ("GET", "HEAD", "POST")
A_PAGE = 20
TABS = {
    "upcoming": gettext_lazy("Coming"),
    "requests": gettext_lazy("Requests"),
    "in_stay": gettext_lazy("Staying now"),
    "completed": gettext_lazy("Past"),
    "cancelled": gettext_lazy("Cancelled"),
    "held": gettext_lazy("Not paid yet"),
}


@dataclass(frozen=True, slots=True)
class Earned:
    """A line of what the host receives; the guest's service fee is not among them."""

    label_i18n: dict[str, str]
    amount: Money


@host_page
@require_safe
def reservation_list(request: HttpRequest) -> HttpResponse:
    """The host's bookings by tab, room and guest, some at a time."""
    host = current_user(request)
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else "upcoming"
    rooms = rooms_of_host(host.pk)
    room = next((each for each in rooms if each.slug == request.GET.get("room")), None)
    query = request.GET.get("q", "").replace("\x00", "").strip()[:80]
    page = _number(request.GET.get("page"))
    found = queries.stays_of_host(
        host.pk,
        tab=tab,
        room_id=room.id if room else None,
        query=query,
        offset=(page - 1) * A_PAGE,
        limit=A_PAGE,
    )
    kept = {"room": room.slug if room else "", "q": query}
    requests = queries.open_requests(host.pk) if tab in ("upcoming", "requests") else []
    waiting = {each.row.code for each in requests}
    context = {
        "tabs": [
            {"label": label, "url": _url(tab=name, **kept), "current": name == tab} for name, label in TABS.items()
        ],
        "tab": tab,
        "rooms": rooms,
        "room": room,
        "query": query,
        "stays": [row for row in found.rows if row.code not in waiting],
        "requests": requests,
        "rate": queries.response_rate(host.pk) if tab == "requests" else None,
        "earlier": _url(tab=tab, page=page - 1, **kept) if page > 1 else "",
        "later": _url(tab=tab, page=page + 1, **kept) if found.has_more else "",
    }
    return render(request, "reservations/host/list.html", context)


@host_page
@require_safe
def reservation(request: HttpRequest, code: str) -> HttpResponse:
    """One booking of the host's: guest, dates, money, message and what happened."""
    stay = own_stay(request, code)
    context = stay_context(stay) | {
        "story": story_of(stay),
        "cancelled": cancelled_words(stay) if stay.row.status == "cancelled" else "",
        "may_cancel": stay.row.status in ("confirmed", "in_stay"),
        **waiting_change(stay),
        "may_review": stay.row.status == "completed",
        "live_url": live.address("trip", code),
    }
    return render(request, "reservations/host/reservation.html", context)


@host_page
@require_http_methods(PAGE)
def cancellation(request: HttpRequest, code: str) -> HttpResponse:
    """What cancelling means, to the won; a POST does exactly that."""
    host = current_user(request)
    stay = own_stay(request, code)
    refused = None
    if request.method == "POST":
        try:
            services.cancel(code, host, request.POST.get("token", ""), request.POST.get("reason", ""))
        except (services.PreviewOver, services.PreviewInvalid, Invalid) as error:
            refused = error
        except services.NotCancellable as error:
            return _cannot(request, code, str(error))
        else:
            messages.success(request, _("The booking is cancelled. The guest has been told"))
            return redirect("reservations_host:reservation", code=code)
    try:
        preview = services.preview_cancellation(code, host)
    except services.NotCancellable as error:
        return _cannot(request, code, str(error))
    kept = Money.zero(preview.refund.currency)
    context = stay_context(stay) | {
        "preview": preview,
        "refused": refused,
        "kept": kept,
        "reason": request.POST.get("reason", ""),
    }
    status = refused.status if refused else 200
    return render(request, "reservations/host/cancellation.html", context, status=status)


def own_stay(request: HttpRequest, code: str) -> queries.TripView:
    """The booking, if it is of a room of this host; for everybody else there is none (404)."""
    stay = queries.trip_of(code, current_user(request).pk)
    if stay.by != "host":
        raise Http404
    return stay


def stay_context(stay: queries.TripView) -> dict[str, Any]:
    """What both pages show of a booking."""
    lines = [Earned(line["label_i18n"], Money.from_json(line["amount"])) for line in stay.lines if _is_hosts(line)]
    before = total([line.amount for line in lines], stay.row.total.currency)
    guest = person(stay.row.guest_id)
    return {
        "stay": stay,
        "row": stay.row,
        "room": room_facts(stay.row.room_id),
        "guest": guest,
        "name": stay.contact_name or guest.name,
        "title": in_language(stay.row.room_title_i18n),
        "lines": lines,
        "before": before,
        "fee": stay.row.host_payout - before,
    }


def _is_hosts(line: dict[str, Any]) -> bool:
    return line["kind"] not in ("service", "tax")


def _cannot(request: HttpRequest, code: str, words: str) -> HttpResponse:
    messages.error(request, words)
    return redirect("reservations_host:reservation", code=code)


def _number(text: str | None) -> int:
    """A page's number; nonsense counts as the first."""
    return min(max(int(text), 1), 10_000) if text and text.isdecimal() and len(text) < 6 else 1


def _url(**query: Any) -> str:
    return "?" + urlencode({name: value for name, value in query.items() if value})

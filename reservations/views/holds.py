"""Taking dates, keeping them longer, and letting them go."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from airbnb.accounts.access import current_user, guest_page
from airbnb.accounts.models import User
from airbnb.errors import Conflict, DomainError, Invalid
from airbnb.stays import Stay
from airbnb.templatetags.dates import clock_time
from reservations import services
from reservations.forms import HoldForm
from reservations.models import Reservation
from reservations.offers import require_shown
from reservations.services import HoldExists, HoldExpired, NothingToPay, QuoteChanged, TooManyHolds
from reservations.views.access import own_trip, room_address, room_address_of
from rooms import queries as rooms
from rooms.queries import Alternative, RoomFacts, StayRefused


@require_POST
def create(request: HttpRequest) -> HttpResponse:
    """Hold the dates and go on to pay; refused, say why next to the dates and offer what is free."""
    form = HoldForm(request.POST)
    if not form.is_valid() and "room" in form.errors:
        return redirect("rooms:search")
    room = require_shown(rooms.room_by_slug(form.cleaned_data["room"]), request.user.pk)
    if not form.is_valid():
        return _not_held(request, room, form, status=422)
    if not request.user.is_authenticated:
        back = room_address(room.slug, form.stay, form.party)
        return redirect(f"{reverse('account_login')}?{urlencode({'next': back})}")
    try:
        held = _hold(current_user(request), room, form)
    except HoldExists as error:
        messages.info(request, _("You already hold this room. Pay for it or let it go first."))
        return redirect("reservations:checkout", error.facts["held"])
    except (Conflict, Invalid, NothingToPay) as error:
        return _not_held(request, room, form, error, status=error.status)
    return redirect("reservations:checkout", held.code)


def _hold(guest: User, room: RoomFacts, form: HoldForm) -> Reservation:
    """Hold at the price that was shown. A quote that is only too old is renewed when price and terms are the same."""
    given: dict[str, Any] = {"guest": guest, "room_id": room.id, "stay": form.stay, "guests": form.party}
    try:
        return services.hold(**given, quote_token=form.cleaned_data["quote"] or None)
    except QuoteChanged as changed:
        other_price = changed.facts["quote"]["total"]["amount"] != form.cleaned_data["shown_total"]
        if other_price or changed.facts["cancellation_changed"]:
            raise
        return services.hold(**given, quote_token=changed.facts["quote"]["token"])


def _not_held(
    request: HttpRequest, room: RoomFacts, form: HoldForm, error: DomainError | None = None, *, status: int
) -> HttpResponse:
    context: dict[str, Any] = {"facts": room, "form": form, "error": error, "reasons": _reasons(error)}
    if error is not None:
        stay, party = form.stay, form.party
        context["room_url"] = room_address(room.slug, stay, party)
        if isinstance(error, QuoteChanged):
            context["new_quote"] = error.facts["quote"]
            context["terms_changed"] = error.facts["cancellation_changed"]
        elif isinstance(error, TooManyHolds):
            context["too_many"] = True
        elif room.status == "listed" and room.host_id != request.user.pk:
            context["alternatives"] = [
                {"stay": each, "url": room_address(each.slug, _stay_of(each), party), "same": each.slug == room.slug}
                for each in rooms.alternatives(room.id, stay, party)
            ]
    return render(request, "reservations/not_held.html", context, status=status)


def _stay_of(each: Alternative) -> Stay:
    return Stay(each.check_in, each.check_out)


def _reasons(error: DomainError | None) -> list[str]:
    if isinstance(error, StayRefused):
        return [reason["text"] for reason in error.facts["reasons"]]
    if isinstance(error, Invalid):
        return [str(text) for texts in error.errors.values() for text in texts]
    return [str(error.title)] if error is not None else []


@guest_page
@require_POST
def extension(request: HttpRequest, code: str) -> HttpResponse:
    """Keep the dates longer, once."""
    view = own_trip(request, code)
    try:
        held = services.extend_hold(code=code, guest=current_user(request))
    except HoldExpired as error:
        messages.error(request, str(error.title))
        return redirect(room_address_of(view))
    except Conflict as error:
        messages.info(request, str(error.title))
    else:
        until = clock_time(held.hold_expires_at, held.time_zone)
        messages.success(request, _("We hold the dates until %(time)s") % {"time": until})
    return redirect("reservations:checkout", code)


@guest_page
@require_POST
def release(request: HttpRequest, code: str) -> HttpResponse:
    """Let the dates go; nothing was charged."""
    view = own_trip(request, code)
    try:
        services.let_go(code=code, guest=current_user(request))
    except Conflict as error:
        messages.info(request, str(error.title))
        return redirect("reservations:trip", code)
    messages.success(request, _("The dates are free again. Nothing was charged"))
    return redirect(room_address_of(view))

"""Paying for held dates, and coming back from the bank."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from airbnb import clock
from airbnb.accounts.access import current_user, guest_page
from airbnb.errors import Invalid
from payments import charging
from payments import queries as payments
from reservations import services, terms
from reservations.attempts import claim
from reservations.forms import PayForm
from reservations.queries import TripView
from reservations.services import HoldExpired, NotPayable, PayOutcome, TooManyAttempts
from reservations.shown.declines import in_words
from reservations.views.access import own_trip, room_address_of
from rooms import queries as rooms

PAYABLE = "held"
WAITING = ("processing", "unknown", "requires_action")


@guest_page
@require_http_methods(["GET", "HEAD", "POST"])
def checkout(request: HttpRequest, code: str) -> HttpResponse:
    """The sum, the time left, the terms and the one button that pays."""
    view = own_trip(request, code)
    if view.row.status == "expired":
        return _over(request, view, status=409 if request.method == "POST" else 200)
    if view.row.status != PAYABLE:
        return redirect("reservations:trip", code)
    guest = current_user(request)
    if request.method != "POST":
        return _page(request, view, PayForm(view=view, guest=guest))
    form = PayForm(request.POST, view=view, guest=guest)
    if not form.is_valid():
        return _page(request, view, form, status=422)
    if not claim(guest, form.cleaned_data["attempt"], code):
        return redirect("reservations:checkout", code)
    return _pay(request, view, form)


def _pay(request: HttpRequest, view: TripView, form: PayForm) -> HttpResponse:
    code, guest, given = view.row.code, current_user(request), form.cleaned_data
    back = request.build_absolute_uri(reverse("reservations:payment_return", args=[code]))
    try:
        services.introduce(code=code, guest=guest, name=given["name"], phone=given["phone"], message=given["message"])
        outcome = services.pay(code=code, guest=guest, payment_method=given["payment_method"], return_url=back)
    except HoldExpired:
        return _over(request, view, status=409)
    except Invalid as error:
        form.add_error("payment_method", [str(text) for texts in error.errors.values() for text in texts])
        return _page(request, view, form, status=422)
    except TooManyAttempts as error:
        form.add_error(None, str(error.title))
        return _page(request, view, form, status=409)
    except NotPayable:
        return redirect("reservations:trip", code)
    return _told(request, form, outcome)


def _told(request: HttpRequest, form: PayForm, outcome: PayOutcome) -> HttpResponse:
    code = outcome.reservation.code
    if outcome.status == "requires_action" and outcome.action_url:
        return redirect(outcome.action_url)
    if outcome.status == "declined":
        form.renew_attempt()
        form.add_error("payment_method", str(in_words(outcome.decline_code)))
        view = own_trip(request, code)
        if view.row.status == "expired":
            return _over(request, view, status=409)
        return _page(request, view, form, status=402, declined=True)
    if outcome.status == "unavailable":
        return _unavailable(request, own_trip(request, code), outcome.retry_after or 30)
    if outcome.status == "confirmed":
        messages.success(request, _("Your stay is booked"))
    if outcome.status == "requested":
        messages.success(request, _("Your request is sent. You are not charged until the host accepts"))
    return redirect("reservations:trip", code)


def _page(
    request: HttpRequest, view: TripView, form: PayForm, *, status: int = 200, declined: bool = False
) -> HttpResponse:
    context = _context(view) | {"form": form, "declined": declined, "practice": form.ways.practice}
    return render(request, "reservations/checkout.html", context, status=status)


def _unavailable(request: HttpRequest, view: TripView, retry_after_s: int) -> HttpResponse:
    """Payments are down: say what is safe and until when, and let the guest try again. It is no error of the page."""
    context = _context(view) | {"retry_after": retry_after_s}
    response = render(request, "reservations/payment_unavailable.html", context)
    response["Retry-After"] = str(retry_after_s)
    return response


def _over(request: HttpRequest, view: TripView, *, status: int) -> HttpResponse:
    context = {"view": view, "row": view.row, "room_url": room_address_of(view)}
    return render(request, "reservations/over.html", context, status=status)


def _context(view: TripView) -> dict[str, Any]:
    return {
        "view": view,
        "row": view.row,
        "asks": not view.row.instant and not view.row.accepted_at,
        "room": rooms.room_facts(view.row.room_id),
        "steps": terms.shown(view.steps, view.row.total, clock.now()),
        "room_url": room_address_of(view),
    }


@guest_page
@require_safe
def payment_return(request: HttpRequest, code: str) -> HttpResponse:
    """Back from the bank: ask the gateway what became of the payment and show how the trip stands.

    Nothing that came in the address is believed, except that a guest has left the gateway's page unfinished.
    """
    own_trip(request, code)
    payment = payments.payment_of(code)
    if payment is not None and payment.status in WAITING:
        charging.come_back(payment.id, request.GET.dict())
    status = own_trip(request, code).row.status
    if status == PAYABLE:
        failed = payments.payment_of(code)
        messages.error(request, str(in_words(failed.failure_code if failed else "")))
        return redirect("reservations:checkout", code)
    if status == "confirmed":
        messages.success(request, _("Your stay is booked"))
    if status == "requested":
        messages.success(request, _("Your request is sent. You are not charged until the host accepts"))
    return redirect("reservations:trip", code)

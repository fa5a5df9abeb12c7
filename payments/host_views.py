"""Pages on which hosts see what they earn, when it comes, and say where it goes."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.decorators import reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from airbnb.accounts.access import current_user, host_page
from airbnb.errors import Invalid
from payments import earnings as shown
from payments import services
from payments.banks import bank_name
from payments.forms import PayeeForm
from payments.models import Payee
from payments.statements import as_csv

A_PAGE = 20
MOST_IN_A_TABLE = 5000


@host_page
@require_safe
def earnings(request: HttpRequest) -> HttpResponse:
    """What each stay brings, how each payout stands, sums by month, and where the money goes."""
    host = current_user(request)
    page = _number(request.GET.get("page"))
    found = list(shown.payouts_of(host.pk)[(page - 1) * A_PAGE : page * A_PAGE + 1])
    context = {
        "lines": [shown.line_of(each) for each in found[:A_PAGE]],
        "overview": shown.overview_of(host.pk),
        "months": shown.months_of(host.pk),
        "earlier": f"?page={page - 1}" if page > 1 else "",
        "later": f"?page={page + 1}" if len(found) > A_PAGE else "",
        **_accounts(host.pk),
    }
    return render(request, "payments/host/earnings.html", context)


@host_page
@require_safe
def statement(request: HttpRequest) -> HttpResponse:
    """The same lines as a table for spreadsheets, the latest first."""
    found = shown.payouts_of(current_user(request).pk)[:MOST_IN_A_TABLE]
    response = HttpResponse(as_csv([shown.line_of(each) for each in found], _heads()), content_type="text/csv")
    response["Content-Disposition"] = 'attachment; filename="earnings.csv"'
    return response


def _password_first(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Whoever comes has given the password in the last five minutes, or is asked for it.

    Allauth keeps a form sent too late in the session until the password came. This form holds an account number, which
    is kept nowhere, so it is dropped and asked for again.
    """
    asked = reauthentication_required(view)

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        try:
            answer: HttpResponse = asked(request)
        except ReauthenticationRequired:
            if request.method != "POST":
                raise
            messages.warning(request, _("Some time has passed. Enter your password, then the bank details once more"))
            return redirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': request.path})}")
        return answer

    return guarded


@host_page
@never_cache
@sensitive_post_parameters("account_number")
@require_http_methods(["GET", "HEAD", "POST"])
@_password_first
def bank_account(request: HttpRequest) -> HttpResponse:
    """Give or change bank details; whoever asks has just shown that it is them. A change waits for a day."""
    host = current_user(request)
    form = PayeeForm(request.POST or None)
    unreachable = None
    if request.method == "POST" and form.is_valid():
        try:
            payee = services.register_payee(host_id=host.pk, **form.cleaned_data)
        except Invalid as error:
            for name, told in error.errors.items():
                form.add_error(name, [str(each) for each in told])
        except services.BankUnreachable as error:
            unreachable = error
        else:
            messages.success(request, _done(payee, host.pk))
            return redirect("payments_host:earnings")
    context = {"form": form, "unreachable": unreachable, **_accounts(host.pk)}
    status = 503 if unreachable else 422 if form.errors else 200
    return render(request, "payments/host/bank_account.html", context, status=status)


@host_page
@require_POST
def withdrawal(request: HttpRequest) -> HttpResponse:
    """Take back a change of bank details that still waits. Needs no password: it can only keep money where it went."""
    if services.withdraw_payee(host_id=current_user(request).pk):
        messages.success(request, _("The change is withdrawn. Payouts go where they went before"))
    return redirect("payments_host:earnings")


def _accounts(host_id: int) -> dict[str, Any]:
    current, coming = shown.payees_of(host_id)
    return {
        "payee": current,
        "payee_bank": bank_name(current.bank) if current else {},
        "coming": coming,
        "coming_bank": bank_name(coming.bank) if coming else {},
    }


def _done(payee: Payee, host_id: int) -> str:
    current, _coming = shown.payees_of(host_id)
    if current is not None and current.pk == payee.pk:
        return _("Your bank details are saved. Payouts go there from now on")
    return _("Your new bank details are saved. They are used from tomorrow on; until then the earlier ones stay")


def _heads() -> list[str]:
    return [
        _("Booking code"),
        _("Part"),
        _("Room"),
        _("Check-in"),
        _("Check-out"),
        _("Currency"),
        _("Paid by the guest"),
        _("Fees"),
        _("Tax"),
        _("Your share"),
        _("Kept back for refunds"),
        _("Payout"),
        _("Due"),
        _("Paid out on"),
        _("State"),
    ]


def _number(text: str | None) -> int:
    """A page's number; nonsense counts as the first."""
    return min(max(int(text), 1), 10_000) if text and text.isdecimal() and len(text) < 6 else 1

"""What hosts say to requests on their pages: yes with one press, no after a question."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from airbnb.accounts.access import current_user, host_page
from reservations import services
from reservations.host_views import own_stay, stay_context


@host_page
@require_POST
def acceptance(request: HttpRequest, code: str) -> HttpResponse:
    """Yes: the money is taken and the booking stands."""
    own_stay(request, code)
    try:
        answer = services.accept_request(code, current_user(request))
    except (services.RequestClosed, services.RequestOver) as error:
        messages.error(request, str(error))
    else:
        _tell(request, answer.status)
    return redirect("reservations_host:reservation", code=code)


def _tell(request: HttpRequest, status: str) -> None:
    if status == "confirmed":
        messages.success(request, _("The booking is confirmed. The guest has been told"))
    elif status == "accepted":
        messages.info(request, _("You accepted. The booking is confirmed as soon as the payment has gone through"))
    else:
        messages.warning(request, _("You accepted, but the guest’s card failed. The guest is asked to use another"))


@host_page
@require_http_methods(("GET", "HEAD", "POST"))
def refusal(request: HttpRequest, code: str) -> HttpResponse:
    """What a no means; a POST says it."""
    stay = own_stay(request, code)
    if request.method == "POST":
        try:
            services.refuse_request(code, current_user(request), request.POST.get("reason", ""))
        except (services.RequestClosed, services.RequestOver) as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The request is declined. The guest has been told and is charged nothing"))
        return redirect("reservations_host:reservation", code=code)
    if stay.row.answer_by is None:
        messages.error(request, str(services.RequestClosed()))
        return redirect("reservations_host:reservation", code=code)
    return render(request, "reservations/host/refusal.html", stay_context(stay))

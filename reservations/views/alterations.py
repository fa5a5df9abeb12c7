"""Pages of alterations, the same for guest and host: choose, compare, propose; then answer, pay or take back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from airbnb import live
from airbnb.accounts.access import current_user, guest_page, host_page
from airbnb.accounts.people import person
from airbnb.errors import DomainError, Invalid
from airbnb.money import Money
from payments import charging
from reservations import queries, services
from reservations.attempts import claim
from reservations.forms import ChangeForm, PayDifferenceForm
from reservations.queries import AlterationView, TripView
from reservations.queries.alterations import compared
from reservations.shown.alteration import Picked, calendar_for, in_words
from reservations.shown.declines import in_words as declined_in_words
from rooms import queries as rooms

ACTS = ("acceptance", "refusal", "withdrawal")
ALTERABLE = ("confirmed", "in_stay")


@dataclass(frozen=True, slots=True)
class Side:
    """Whose pages these are: the role, the frame around them, and the names of their addresses."""

    role: str
    base: str
    home: str
    space: str

    def url(self, name: str, *args: str) -> str:
        """The address of one of these pages."""
        return reverse(f"{self.space}:{name}", args=args)


GUEST = Side("guest", "base.html", "reservations:trip", "reservations")
HOST = Side("host", "base_host.html", "reservations_host:reservation", "reservations_host")


def waiting_change(view: TripView) -> dict[str, Any]:
    """For the page of a booking: its open proposal, if there is one, and where changing it leads."""
    if view.row.status not in ALTERABLE:
        return {}
    side = GUEST if view.by == "guest" else HOST
    found = queries.open_alteration_of(view.row.code, side.role)
    if found is None:
        return {"change_url": side.url("alterations", view.row.code)}
    other = view.row.host_id if side is GUEST else view.row.guest_id
    url = side.url("alteration", view.row.code, found.code)
    return {"alteration": found, "other": person(other).name, "alteration_url": url}


def _propose(request: HttpRequest, code: str, side: Side) -> HttpResponse:
    """The form with its calendar; with dates chosen also old, new and the difference; a POST proposes that."""
    view = _own(request, code, side)
    if view.row.status not in ALTERABLE:
        messages.info(request, str(services.NotAlterable.title))
        return redirect(side.home, code)
    known = queries.open_alteration_of(code, side.role)
    if known is not None:
        return redirect(side.url("alteration", code, known.code))
    if request.method == "POST":
        return _made(request, view, side)
    if request.headers.get("HX-Request") == "true" and "month" in request.GET:
        calendar = calendar_for(view, _picked(request, view), request.GET["month"], request.path)
        return render(request, "components/calendar.html", calendar)
    form = ChangeForm(request.GET) if "check_out" in request.GET else _unchanged(view)
    return _form_page(request, view, side, form)


def _made(request: HttpRequest, view: TripView, side: Side) -> HttpResponse:
    form = ChangeForm(request.POST)
    if not form.is_valid():
        return _form_page(request, view, side, form, status=422)
    given = form.cleaned_data
    try:
        made = services.propose_alteration(
            code=view.row.code,
            actor=current_user(request),
            check_in=given["check_in"],
            check_out=given["check_out"],
            guests=given["guests"],
            message=given["message"],
            difference_minor=given["difference"],
        )
    except services.AlterationInTheWay as open_one:
        return redirect(side.url("alteration", view.row.code, open_one.facts["alteration"]))
    except (DomainError, Invalid) as refused:
        return _form_page(request, view, side, form, refused=refused, status=refused.status)
    messages.success(request, _("The change is proposed. Nothing changes before the answer"))
    return redirect(side.url("alteration", view.row.code, made.code))


def _form_page(
    request: HttpRequest,
    view: TripView,
    side: Side,
    form: ChangeForm,
    *,
    refused: DomainError | None = None,
    status: int = 200,
) -> HttpResponse:
    preview = None
    if form.wanted is not None:
        try:
            preview = services.preview_alteration(code=view.row.code, actor=current_user(request), **form.wanted)
        except (DomainError, Invalid) as error:
            refused = refused or error
            status = max(status, error.status)
    if form.is_bound and not form.is_valid():
        status = max(status, 422)
    context = _facts(view, side) | {
        "form": form,
        "preview": preview,
        "size": _size(preview.difference) if preview else None,
        "rows": _preview_rows(preview, side) if preview else [],
        "refused": _words_of(refused) if refused else "",
        "calendar": calendar_for(view, _picked(request, view), request.GET.get("month", ""), request.path),
        "limit": rooms.room_facts(view.row.room_id).capacity,
    }
    return render(request, "reservations/alteration_new.html", context, status=status)


def _detail(request: HttpRequest, code: str, alteration: str, side: Side) -> HttpResponse:
    """One proposal: what it changes, until when, and what the reader may do about it."""
    view = _own(request, code, side)
    found = queries.alteration_of(code, alteration, current_user(request).pk)
    return _detail_page(request, view, found, side)


def _detail_page(
    request: HttpRequest,
    view: TripView,
    found: AlterationView,
    side: Side,
    form: PayDifferenceForm | None = None,
    *,
    status: int = 200,
    stopped: str = "",
) -> HttpResponse:
    pays = found.by == "guest" and found.costs_more and (found.may_answer or found.must_pay)
    context = _facts(view, side) | {
        "alteration": found,
        "size": _size(found.difference),
        "rows": in_words(found.rows, for_host=side is HOST),
        "form": form or (PayDifferenceForm(currency=found.difference.currency) if pays else None),
        "pays": pays,
        "stopped": stopped,
        "here": side.url("alteration", view.row.code, found.code),
        "kept_until": found.expires_at if found.status in ("proposed", "accepted") else None,
        # What answers a POST cannot be asked for again, so it stays as it is.
        "live_url": "" if request.method == "POST" else live.address("alteration", found.code),
        "live_stamp": f"{found.version}.{view.stamp}",
        **{f"{act}_url": side.url(f"alteration_{act}", view.row.code, found.code) for act in ACTS},
    }
    if pays:
        name = "alteration_payment" if found.must_pay else "alteration_acceptance"
        context["pay_url"] = side.url(name, view.row.code, found.code)
    return render(request, "reservations/alteration.html", context, status=status)


def _accept(request: HttpRequest, code: str, alteration: str, side: Side) -> HttpResponse:
    """Yes. A guest who has to pay does so with the same button."""
    view = _own(request, code, side)
    found = queries.alteration_of(code, alteration, current_user(request).pk)
    if side is GUEST and found.costs_more:
        return _pay(request, view, found, services.accept_alteration)
    return _decide(
        request,
        code,
        alteration,
        side,
        lambda: services.accept_alteration(code=code, alteration=alteration, actor=current_user(request)),
        _("Agreed. The guest is asked to pay the difference") if found.costs_more else _("The booking is changed"),
    )


def _refuse(request: HttpRequest, code: str, alteration: str, side: Side) -> HttpResponse:
    """No; the booking stays as it is."""
    _own(request, code, side)
    act = lambda: services.decline_alteration(code=code, alteration=alteration, actor=current_user(request))  # noqa: E731
    return _decide(request, code, alteration, side, act, _("Declined. The booking stays as it is"))


def _withdraw(request: HttpRequest, code: str, alteration: str, side: Side) -> HttpResponse:
    """Take it back; the booking stays as it is."""
    _own(request, code, side)
    act = lambda: services.withdraw_alteration(code=code, alteration=alteration, actor=current_user(request))  # noqa: E731
    return _decide(request, code, alteration, side, act, _("Taken back. The booking stays as it is"))


def _decide(
    request: HttpRequest, code: str, alteration: str, side: Side, act: Callable[[], Any], done: str
) -> HttpResponse:
    try:
        act()
    except (services.AlterationOver, services.NotYours, services.PaymentInProgress) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect(side.url("alteration", code, alteration))


def _pay(
    request: HttpRequest, view: TripView, found: AlterationView, act: Callable[..., services.AlterOutcome]
) -> HttpResponse:
    code, guest = view.row.code, current_user(request)
    form = PayDifferenceForm(request.POST, currency=found.difference.currency)
    if not form.is_valid():
        return _detail_page(request, view, found, GUEST, form, status=422)
    here = GUEST.url("alteration", code, found.code)
    if not claim(guest, form.cleaned_data["attempt"], found.code):
        return redirect(here)
    back = request.build_absolute_uri(GUEST.url("alteration_return", code, found.code))
    who = {"actor": guest} if act is services.accept_alteration else {"guest": guest}
    try:
        outcome = act(
            code=code,
            alteration=found.code,
            payment_method=form.cleaned_data["payment_method"],
            return_url=back,
            **who,
        )
    except (services.AlterationOver, services.NotYours, services.TooManyAttempts) as error:
        messages.error(request, str(error))
        return redirect(here)
    except Invalid as error:
        stopped = " ".join(str(text) for texts in error.errors.values() for text in texts)
        return _detail_page(request, view, found, GUEST, status=422, stopped=stopped)
    return _paid(request, view, outcome, here)


def _paid(request: HttpRequest, view: TripView, outcome: services.AlterOutcome, here: str) -> HttpResponse:
    if outcome.status == "requires_action" and outcome.action_url:
        return redirect(outcome.action_url)
    if outcome.status == "applied":
        messages.success(request, _("Your booking is changed"))
        return redirect("reservations:trip", view.row.code)
    if outcome.status not in ("declined", "unavailable"):
        return redirect(here)
    now = queries.alteration_of(view.row.code, outcome.alteration.code, current_user(request).pk)
    if outcome.status == "declined":
        return _detail_page(request, view, now, GUEST, status=402, stopped=str(declined_in_words(outcome.decline_code)))
    # It is no error of the page: it says what is safe and until when, and how to pay later.
    response = _detail_page(request, view, now, GUEST)
    response["Retry-After"] = str(outcome.retry_after or 30)
    return response


@guest_page
@require_POST
def alteration_payment(request: HttpRequest, code: str, alteration: str) -> HttpResponse:
    """The guest pays the difference that the host has agreed to."""
    view = _own(request, code, GUEST)
    found = queries.alteration_of(code, alteration, current_user(request).pk)
    return _pay(request, view, found, services.pay_alteration)


@guest_page
@require_safe
def alteration_return(request: HttpRequest, code: str, alteration: str) -> HttpResponse:
    """Back from the bank: ask the gateway what became of the payment and show how the change stands.

    Nothing that came in the address is believed, except that a guest has left the gateway's page unfinished.
    """
    _own(request, code, GUEST)
    found = queries.alteration_of(code, alteration, current_user(request).pk)
    if found.status == "paying" and found.payment_id:
        charging.come_back(found.payment_id, request.GET.dict())
    now = queries.alteration_of(code, alteration, current_user(request).pk)
    if now.status == "applied":
        messages.success(request, _("Your booking is changed"))
        return redirect("reservations:trip", code)
    why = None if now.status == "paying" or now.pay_later else queries.why_unpaid(now)
    if why is not None:
        messages.error(request, str(declined_in_words(why)))
    return redirect(GUEST.url("alteration", code, alteration))


def _own(request: HttpRequest, code: str, side: Side) -> TripView:
    view = queries.trip_of(code, current_user(request).pk)
    if view.by != side.role:
        raise Http404
    return view


def _facts(view: TripView, side: Side) -> dict[str, Any]:
    other = view.row.host_id if side is GUEST else view.row.guest_id
    return {
        "base": side.base,
        "view": view,
        "row": view.row,
        "room": rooms.room_facts(view.row.room_id),
        "other": person(other).name,
        "is_host": side is HOST,
        "home_url": reverse(side.home, args=[view.row.code]),
    }


def _unchanged(view: TripView) -> ChangeForm:
    row = view.row
    return ChangeForm(initial={"check_in": row.check_in, "check_out": row.check_out, "guests": row.guests})


def _picked(request: HttpRequest, view: TripView) -> Picked:
    """What the address says is picked; nonsense counts as the stay as it is."""
    row, asked = view.row, request.POST if request.method == "POST" else request.GET
    guests = asked.get("guests", "")
    people = int(guests) if guests.isascii() and guests.isdigit() and len(guests) < 3 else row.guests
    check_in, check_out = (_day(asked.get(name, "")) for name in ("check_in", "check_out"))
    if check_in is None:
        return Picked(row.check_in, row.check_out, people)
    return Picked(check_in, check_out if check_out and check_out > check_in else None, people)


def _day(text: str) -> Any:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _preview_rows(preview: services.AlterationPreview, side: Side) -> Any:
    new = [line.as_json() for line in preview.quote.lines]
    lines = compared(preview.old_lines, new, preview.difference.currency)
    return in_words(lines, for_host=side is HOST)


def _size(difference: Money) -> Money:
    """The sum without its sign."""
    return -difference if difference.amount_minor < 0 else difference


def _words_of(error: DomainError) -> str:
    """Every reason in the reader's words."""
    if isinstance(error, Invalid):
        return " ".join(str(text) for texts in error.errors.values() for text in texts)
    return str(error)


Page = Callable[..., HttpResponseBase]


def _page(act: Callable[..., HttpResponse], side: Side, *methods: str) -> Page:
    """One side's own page: who may open it comes first, then which methods it knows."""

    def page(request: HttpRequest, **named: str) -> HttpResponse:
        return act(request, side=side, **named)

    page.__doc__ = act.__doc__
    return (guest_page if side is GUEST else host_page)(require_http_methods(list(methods))(page))


def addresses(role: str, prefix: str) -> list[URLPattern]:
    """The addresses of one side's pages, under the address of a booking."""
    one = f"{prefix}alterations/<str:alteration>/"
    paths = {
        "alterations": f"{prefix}alterations/",
        "alteration": one,
        "alteration_acceptance": f"{one}acceptance/",
        "alteration_refusal": f"{one}refusal/",
        "alteration_withdrawal": f"{one}withdrawal/",
    }
    return [path(where, PAGES[role][name], name=name) for name, where in paths.items()]


LOOK, ACT = ("GET", "HEAD"), ("POST",)
PAGES: dict[str, dict[str, Page]] = {
    side.role: {
        "alterations": _page(_propose, side, *LOOK, *ACT),
        "alteration": _page(_detail, side, *LOOK),
        "alteration_acceptance": _page(_accept, side, *ACT),
        "alteration_refusal": _page(_refuse, side, *ACT),
        "alteration_withdrawal": _page(_withdraw, side, *ACT),
    }
    for side in (GUEST, HOST)
}

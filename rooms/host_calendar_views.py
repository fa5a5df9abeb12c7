"""The page on which a host sees a room's month and closes, opens and prices its nights."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from airbnb.accounts.access import host_page
from airbnb.accounts.people import people
from airbnb.clock import today_in
from airbnb.errors import DomainError
from airbnb.templatetags.money import SYMBOLS
from rooms import queries, services
from rooms.calendar import NightsReserved
from rooms.host_forms import DaysForm
from rooms.host_views import PAGE, own_room
from rooms.models import Room
from rooms.queries.board import NightCell, StayOnBoard

MOST_MONTHS = 24


@dataclass(frozen=True, slots=True)
class HostDay:
    """One day of a host's month: the night as it stands, its least stay, and where a press leads."""

    night: NightCell
    least: int
    past: bool
    today: bool
    chosen: bool
    guest: str
    url: str

    @property
    def date(self) -> date:
        """The day, for grouping into weeks."""
        return self.night.date


@host_page
@require_http_methods(PAGE)
def calendar(request: HttpRequest, slug: str) -> HttpResponse:
    """A month of a room; a POST changes a run of its nights."""
    room = own_room(request, slug)
    if request.method == "POST":
        return _change(request, room)
    first, last = _day(request.GET.get("first")), _day(request.GET.get("last"))
    form = DaysForm(currency=room.currency, initial={"first": first, "last": last, "availability": "keep"})
    return _page(request, room, form, chosen=(first, last), status=200)


def _change(request: HttpRequest, room: Room) -> HttpResponse:
    form = DaysForm(request.POST, currency=room.currency)
    status = 422
    if form.is_valid():
        try:
            services.set_days(room_id=room.pk, host_id=room.host_id, changes=[form.change()])
        except NightsReserved as error:
            form.add_error("first", _reserved_words(error))
            status = error.status
        except DomainError as error:
            form.take(error)
        else:
            messages.success(request, _("The nights are saved"))
            month = form.cleaned_data["first"].strftime("%Y-%m")
            return redirect(f"{reverse('rooms_host:calendar', args=[room.slug])}?month={month}")
    chosen = (form.cleaned_data.get("first"), form.cleaned_data.get("last"))
    return _page(request, room, form, chosen=chosen, status=status)


def _page(
    request: HttpRequest, room: Room, form: DaysForm, *, chosen: tuple[date | None, date | None], status: int
) -> HttpResponse:
    today = today_in(room.time_zone)
    month = _month(request.GET.get("month"), today, chosen[0])
    after = _next(month)
    row = next(each for each in queries.board(room.host_id, month, after) if each.room.id == room.pk)
    cells = {cell.date: cell for cell in queries.cells(room.pk, month, after, today=today)}
    names = people(stay.guest_id for stay in row.stays if stay.guest_id)
    guests = {stay.reservation: _name(names, stay) for stay in row.stays}
    days = [
        _host_day(night, cells[night.date], chosen, today, guests.get(night.reservation, "")) for night in row.nights
    ]
    context: dict[str, Any] = {
        "room": room,
        "form": form,
        "month": month,
        "days": days,
        "stays": [(stay, guests[stay.reservation]) for stay in row.stays],
        "sign": SYMBOLS[room.currency],
        "earlier": (month - timedelta(days=1)).replace(day=1) if month > today.replace(day=1) else None,
        "later": after if after < _last_month(today) else None,
        "occupancy": round(row.occupancy * 100),
    }
    return render(request, "rooms/host/calendar.html", context, status=status)


def _host_day(
    night: NightCell, cell: queries.Cell, chosen: tuple[date | None, date | None], today: date, guest: str
) -> HostDay:
    first, last = chosen
    picked = first is not None and first <= night.date <= (last or first)
    picking = first is not None and last is None and night.date > first
    query = f"first={first}&last={night.date}" if picking else f"first={night.date}"
    return HostDay(
        night=night,
        least=cell.min_nights,
        past=night.date < today,
        today=night.date == today,
        chosen=picked,
        guest=guest,
        url=f"?month={night.date:%Y-%m}&{query}#change",
    )


def _name(names: dict[int, Any], stay: StayOnBoard) -> str:
    person = names.get(stay.guest_id or 0)
    return person.name if person else stay.reservation


def _reserved_words(error: NightsReserved) -> str:
    nights = ", ".join(error.facts["nights"])
    return _("Guests have booked some of these nights, so they stay as they are: {nights}").format(nights=nights)


def _day(text: str | None) -> date | None:
    """A day from the address; nonsense counts as none."""
    try:
        return parse_date(text or "")
    except ValueError:
        return None


def _month(text: str | None, today: date, chosen: date | None) -> date:
    """The first of the month to show: as asked, else of the chosen night, else of today; within two years."""
    wanted = _day(f"{text}-01") if text else chosen
    first = (wanted or today).replace(day=1)
    return min(max(first, today.replace(day=1)), _last_month(today))


def _last_month(today: date) -> date:
    count = today.year * 12 + today.month - 1 + MOST_MONTHS
    return date(count // 12, count % 12 + 1, 1)


def _next(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)

"""What the pages of alterations show: old and new line by line, and a calendar in which one's own nights are free."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from airbnb import clock
from airbnb.stays import Stay
from airbnb.templatetags.dates import day as day_in_words
from airbnb.templatetags.dates import nights_count
from reservations.offers import in_language
from reservations.queries import TripView
from reservations.queries.alterations import ComparedLine
from rooms import queries as rooms

MONTHS_SHOWN = 2
MONTHS_AHEAD = 12
_LABELS: dict[str, Promise] = {
    "added": _("%(day)s, added"),
    "dropped": _("%(day)s, given back"),
    "kept": _("Nights that stay: %(nights)s"),
    "discount": _("Discount"),
    "cleaning": _("Cleaning fee"),
    "extra_guest": _("Extra guests"),
    "service": _("Service fee"),
    "tax": _("Tax"),
}
# What a host earns is worked out without these.
GUESTS_OWN = ("service", "tax")


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One row of the comparison in words; sums are Money or None."""

    label: str
    line: ComparedLine


@dataclass(frozen=True, slots=True)
class Picked:
    """The dates and guests that a page is about to compare; dates may be half picked."""

    check_in: date
    check_out: date | None
    guests: int


def in_words(lines: list[ComparedLine], *, for_host: bool = False) -> list[ComparedRow]:
    """The rows with their labels; a host sees no fee of the guest's."""
    shown = [line for line in lines if not (for_host and line.kind in GUESTS_OWN)]
    return [ComparedRow(_label(line), line) for line in shown]


def _label(line: ComparedLine) -> str:
    facts = {"day": day_in_words(line.night) if line.night else "", "nights": nights_count(line.count)}
    return str(_LABELS[line.kind]) % facts


def calendar_for(view: TripView, picked: Picked, month: str, path: str) -> dict[str, Any]:
    """Two months as ``components/calendar.html`` takes them; every day is a link, so no script is needed."""
    row = view.row
    today = clock.today_in(row.time_zone)
    first = _within(_month(month) or picked.check_in, today)
    own = Stay(row.check_in, row.check_out)
    months = rooms.months(row.room_id, first, MONTHS_SHOWN, today=today)
    return {
        "months": [[_day(cell, own, picked, today, path) for cell in each.cells] for each in months],
        "previous_url": _month_link(_away(first, -1), picked, today, path),
        "next_url": _month_link(_away(first, 1), picked, today, path),
        "id": "calendar",
    }


def _day(cell: rooms.Cell, own: Stay, picked: Picked, today: date, path: str) -> dict[str, Any]:
    mine = own.check_in <= cell.date < own.check_out
    free = mine or cell.available
    states = {"free": "", "past": "past", "booked": "booked", "blocked": "blocked", "out_only": "out-only"}
    return {
        "date": cell.date,
        "state": "" if mine else states.get(cell.state, "blocked"),
        "price": cell.price,
        "reason": "" if mine or not cell.reason else in_language(cell.reason.text_i18n),
        "url": _pick_url(cell.date, free, picked, path),
        "selected": _selected(cell.date, picked),
        "today": cell.date == today,
        "least": cell.min_nights,
    }


def _pick_url(day: date, free: bool, picked: Picked, path: str) -> str:
    """A first press picks the check-in, a second one the check-out."""
    if picked.check_out is None and day > picked.check_in:
        return _url(path, Picked(picked.check_in, day, picked.guests))
    return _url(path, Picked(day, None, picked.guests)) if free else ""


def _selected(day: date, picked: Picked) -> str:
    if day == picked.check_in:
        return "start"
    if picked.check_out is None or not picked.check_in < day <= picked.check_out:
        return ""
    return "end" if day == picked.check_out else "range"


def _url(path: str, picked: Picked, **more: str) -> str:
    dates = {"check_in": picked.check_in.isoformat(), "guests": str(picked.guests)}
    dates |= {"check_out": picked.check_out.isoformat()} if picked.check_out else {}
    return f"{path}?{urlencode(dates | more)}#when"


def _month_link(month: date, picked: Picked, today: date, path: str) -> str:
    return _url(path, picked, month=month.strftime("%Y-%m")) if month == _within(month, today) else ""


def _month(text: str) -> date | None:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


def _within(month: date, today: date) -> date:
    first, last = today.replace(day=1), _away(today.replace(day=1), MONTHS_AHEAD - 1)
    return min(max(month.replace(day=1), first), last)


def _away(first: date, months: int) -> date:
    month = first.month - 1 + months
    return date(first.year + month // 12, month % 12 + 1, 1)

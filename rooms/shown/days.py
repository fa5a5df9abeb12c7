"""The calendar of a room as ``components/calendar.html`` takes it; every day is a link, so no script is needed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from airbnb.clock import today_in
from airbnb.templatetags.dates import day as day_in_words
from airbnb.templatetags.dates import stay_length
from rooms import queries
from rooms.asking import month_url, room_url
from rooms.queries import Cell, RoomFacts
from rooms.texts import in_language

MONTHS_SHOWN = 2
MONTHS_AHEAD = 12
_STATES = {"free": "", "past": "past", "booked": "booked", "blocked": "blocked", "out_only": "out-only"}


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the reader has picked so far."""

    check_in: date | None
    check_out: date | None
    guests: int

    @property
    def half(self) -> bool:
        """Whether the check-out is still to be picked."""
        return self.check_in is not None and self.check_out is None


def calendar_of(room: RoomFacts, chosen: Chosen, month: date | None = None) -> dict[str, Any]:
    """Two months from ``month``, else from the chosen check-in, else from today on."""
    today = today_in(room.time_zone)
    first = _within(month or chosen.check_in or today, today)
    months = queries.months(room.id, first, MONTHS_SHOWN, today=today)
    reach = _last_check_out([cell for each in months for cell in each.cells], chosen)
    return {
        "months": [[_day(room, cell, chosen, today, reach) for cell in each.cells] for each in months],
        "previous_url": _month_link(room, chosen, _away(first, -1), today),
        "next_url": _month_link(room, chosen, _away(first, 1), today),
        "hint": _hint(chosen),
    }


def parse_month(text: str) -> date | None:
    """The first day of ``YYYY-MM``, or None for anything else."""
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


def _month_link(room: RoomFacts, chosen: Chosen, month: date, today: date) -> str:
    if month != _within(month, today):
        return ""
    return month_url(room.slug, month, chosen.check_in, chosen.check_out, chosen.guests)


def _hint(chosen: Chosen) -> str:
    if chosen.half:
        return _("Check-in on %(day)s. Now choose your check-out day.") % {"day": day_in_words(chosen.check_in)}
    if chosen.check_out:
        nights: str = stay_length(chosen.check_in, chosen.check_out)
        return _("You chose %(nights)s. The sum under each day is for one night.") % {"nights": nights}
    return ""


def _last_check_out(shown: list[Cell], chosen: Chosen) -> date | None:
    """With a check-in chosen: the last day one can leave, which is the first whose night cannot be had."""
    if not chosen.half:
        return None
    after = [cell for cell in shown if chosen.check_in and cell.date > chosen.check_in]
    return next((cell.date for cell in after if not cell.available), after[-1].date if after else None)


def _day(room: RoomFacts, cell: Cell, chosen: Chosen, today: date, reach: date | None) -> dict[str, Any]:
    short = cell.short_stay
    state = "" if cell.state == "free" else _STATES.get(cell.state, "blocked")
    return {
        "date": cell.date,
        "state": state,
        "price": cell.price,
        "reason": _reason(cell, short=short),
        "url": _url(room, cell, chosen, reach),
        "selected": _selected(cell.date, chosen),
        "today": cell.date == today,
        "least": cell.min_nights,
    }


def _reason(cell: Cell, *, short: bool) -> str:
    if cell.reason:
        return in_language(cell.reason.text_i18n)
    return _("at least %(n)s nights when arriving on this day") % {"n": cell.min_nights} if short else ""


def _selected(day: date, chosen: Chosen) -> str:
    if chosen.check_in is None or day < chosen.check_in:
        return ""
    if day == chosen.check_in:
        return "start"
    if chosen.check_out is None or day > chosen.check_out:
        return ""
    return "end" if day == chosen.check_out else "range"


def _url(room: RoomFacts, cell: Cell, chosen: Chosen, reach: date | None) -> str:
    """A first press picks the check-in, a second one the check-out; a third begins anew."""
    if chosen.half and chosen.check_in and reach and chosen.check_in < cell.date <= reach:
        return room_url(room.slug, chosen.check_in, cell.date, chosen.guests) + "#when"
    return room_url(room.slug, cell.date, None, chosen.guests) + "#when" if cell.available else ""

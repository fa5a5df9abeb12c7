"""Days and moments in the reader's language, always with the weekday; moments in the zone of the room."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_timedelta, get_month_names
from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from airbnb import clock
from airbnb.templatetags.money import spoken_language

register = template.Library()

WEEKDAYS = {"ko": "월화수목금토일", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
WEEKDAYS_LONG = {
    "ko": ("월요일", "화요일", "수요일", "목요일", "금요일", "토요일", "일요일"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MONTHS_LONG = get_month_names("wide", locale="en")
FIRST_CELLS, LAST_CELLS, MOST_CELLS = 3, 2, 7  # the night strip folds its middle beyond a week


def as_date(value: object) -> date | None:
    """A calendar day from a date, a datetime or ``YYYY-MM-DD``."""
    if isinstance(value, str):
        value = parse_date(value[:10])
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None


def as_moment(value: object, zone: object = None) -> datetime | None:
    """An aware moment in ``zone`` (a zone's name; the site's own when left out)."""
    if isinstance(value, str):
        value = parse_datetime(value)
    if not isinstance(value, datetime):
        return None
    where = zone if isinstance(zone, ZoneInfo) else ZoneInfo(str(zone or settings.TIME_ZONE))
    return (timezone.make_aware(value, where) if timezone.is_naive(value) else value).astimezone(where)


def write_day(day_: date, language: str, *, with_month: bool = True) -> str:
    """``10월 23일(금)`` or ``Fri 23 Oct``; without its month ``23일(금)`` or ``Fri 23``."""
    weekday = WEEKDAYS[language][day_.weekday()]
    if language == "ko":
        return (f"{day_.month}월 " if with_month else "") + f"{day_.day}일({weekday})"
    return f"{weekday} {day_.day}" + (f" {MONTHS[day_.month - 1]}" if with_month else "")


@register.filter
def day(value: Any) -> str:
    """A day with its weekday: ``10월 23일(금)``, ``Fri 23 Oct``."""
    found = as_date(value)
    return write_day(found, spoken_language()) if found else ""


@register.filter
def day_year(value: Any) -> str:
    """A day with its year, for receipts: ``2026년 10월 23일(금)``, ``Fri 23 Oct 2026``."""
    found = as_date(value)
    if not found:
        return ""
    written = write_day(found, spoken_language())
    return f"{found.year}년 {written}" if spoken_language() == "ko" else f"{written} {found.year}"


@register.filter
def day_short(value: Any) -> str:
    """A day for narrow places: ``10.23 금``, ``Fri 23 Oct``."""
    found = as_date(value)
    if not found:
        return ""
    if spoken_language() == "ko":
        return f"{found.month}.{found.day} {WEEKDAYS['ko'][found.weekday()]}"
    return write_day(found, "en")


@register.filter
def weekday(value: Any) -> str:
    """The weekday alone, short: ``금``, ``Fri``."""
    found = as_date(value)
    return WEEKDAYS[spoken_language()][found.weekday()] if found else ""


@register.filter
def weekday_long(value: Any) -> str:
    """The weekday alone, in full: ``금요일``, ``Friday``."""
    found = as_date(value)
    return WEEKDAYS_LONG[spoken_language()][found.weekday()] if found else ""


@register.filter
def month_name(value: Any) -> str:
    """The month of a day with its year: ``2026년 10월``, ``October 2026``."""
    found = as_date(value)
    if not found:
        return ""
    if spoken_language() == "ko":
        return f"{found.year}년 {found.month}월"
    return f"{MONTHS_LONG[found.month]} {found.year}"


@register.filter
def moment(value: Any, zone: Any = None) -> str:
    """A moment in a zone: ``{{ at|moment:room.time_zone }}`` writes ``10월 18일(일) 15:00``, ``Sun 18 Oct, 15:00``."""
    at = as_moment(value, zone)
    if not at:
        return ""
    comma = "" if spoken_language() == "ko" else ","
    return f"{write_day(at.date(), spoken_language())}{comma} {at:%H:%M}"


@register.filter
def clock_time(value: Any, zone: Any = None) -> str:
    """The time alone, in a zone: ``14:32``. Takes a moment, a ``time`` or ``15:00``."""
    if isinstance(value, time):
        return f"{value:%H:%M}"
    at = as_moment(value, zone)
    return f"{at:%H:%M}" if at else str(value or "")[:5]


@register.filter
def deadline(value: Any, zone: Any = None) -> str:
    """When a time is over, in a zone: ``14:32`` while that is today, else with its day, ``10월 18일(일) 00:07``."""
    at = as_moment(value, zone)
    if not at:
        return ""
    return clock_time(at, at.tzinfo) if at.date() == page_time().astimezone(at.tzinfo).date() else moment(at, at.tzinfo)


def page_time() -> datetime:
    """When this page is written: the clock of the product without a question to the database, which judges the ends."""
    return clock.override() or timezone.now()


@register.simple_tag
def server_now() -> str:
    """When this page is written, to the millisecond, for ``data-now=""``: pages count down by it (countdown.js)."""
    return page_time().isoformat(timespec="milliseconds")


@register.filter
def time_left(value: Any) -> str:
    """What is left until a moment, as countdown.js writes it: ``14:59``, ``23:59:59``; ``0:00`` when it is over."""
    at = as_moment(value)
    if not at:
        return ""
    seconds = max(0, ceil((at - page_time()).total_seconds()))
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


@register.filter
def iso(value: Any) -> str:
    """The machine's form for ``datetime=""`` and ``data-until=""``."""
    return value.isoformat() if isinstance(value, date | time) else str(value or "")


@register.filter
def ago(value: Any) -> str:
    """How long since a moment: ``5분 전``, ``5 minutes ago``; the day itself after a week."""
    at = as_moment(value)
    if not at:
        return ""
    gone = timezone.now() - at
    if gone < timedelta(minutes=1):
        return "방금" if spoken_language() == "ko" else "just now"
    if gone > timedelta(days=7):
        return write_day(at.date(), spoken_language())
    locale = "ko" if spoken_language() == "ko" else "en_GB"
    return format_timedelta(-gone, add_direction=True, locale=locale, threshold=1.2)


@register.filter
def nights_count(value: Any) -> str:
    """``3박`` or ``3 nights``."""
    count = int(value or 0)
    if spoken_language() == "ko":
        return f"{count}박"
    return f"{count} night" if count == 1 else f"{count} nights"


@register.simple_tag
def stay_range(check_in: Any, check_out: Any) -> str:
    """Both days of a stay, the month once: ``10월 23일(금) – 26일(월)``, ``Fri 23 – Mon 26 Oct``."""
    first, last = as_date(check_in), as_date(check_out)
    if not first or not last:
        return ""
    language = spoken_language()
    same = (first.year, first.month) == (last.year, last.month)
    start = write_day(first, language, with_month=language == "ko" or not same)
    return f"{start} – {write_day(last, language, with_month=language == 'en' or not same)}"


@register.simple_tag
def stay_length(check_in: Any, check_out: Any) -> str:
    """The nights between two days in words: ``3박``, ``3 nights``."""
    first, last = as_date(check_in), as_date(check_out)
    return nights_count((last - first).days) if first and last else ""


@register.simple_tag
def night_cells(check_in: Any, check_out: Any) -> list[date | int]:
    """The nights of a stay for the strip: days, and for a long stay the number of nights folded in between."""
    first, last = as_date(check_in), as_date(check_out)
    if not first or not last:
        return []
    nights: list[date | int] = [first + timedelta(days=n) for n in range((last - first).days)]
    if len(nights) <= MOST_CELLS:
        return nights
    folded = len(nights) - FIRST_CELLS - LAST_CELLS
    return [*nights[:FIRST_CELLS], folded, *nights[-LAST_CELLS:]]


def _date_of(item: Any) -> date:
    on: date = item["date"] if isinstance(item, dict) else item.date
    return on


@register.filter
def weeks(days: Iterable[Any]) -> list[list[Any]]:
    """The days of one month (objects or dicts with ``date``) in weeks from Sunday, padded with None."""
    listed: Sequence[Any] = list(days)
    if not listed:
        return []
    lead = (_date_of(listed[0]).weekday() + 1) % 7
    padded = [None] * lead + list(listed)
    padded += [None] * (-len(padded) % 7)
    return [padded[at : at + 7] for at in range(0, len(padded), 7)]


@register.filter
def by_month(days: Iterable[Any]) -> list[tuple[date, list[Any]]]:
    """Days grouped as ``(first of the month, days)``, in the order given."""
    grouped = groupby(days, key=lambda item: _date_of(item).replace(day=1))
    return [(first, list(items)) for first, items in grouped]


@register.simple_tag
def week_heads() -> list[tuple[str, str]]:
    """Short and full names of the weekdays from Sunday."""
    language = spoken_language()
    order = (6, 0, 1, 2, 3, 4, 5)
    return [(WEEKDAYS[language][at][:2], WEEKDAYS_LONG[language][at]) for at in order]

"""The calendar as people see it: for each day whether it is free, what it costs, and why not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from airbnb.money import Money
from airbnb.stays import Stay
from rooms.models import Night
from rooms.pricing import night_price
from rooms.queries.terms import Terms, terms
from rooms.stay_rules import Reason, reason


@dataclass(frozen=True, slots=True)
class Cell:
    """One day. ``state``: free, past, booked, blocked, out_only (a stay may end here), closed (outside the rules).

    ``available`` says whether the night that begins here can be sold; ``price`` is that night's, without fees.
    ``short_stay`` marks an arrival day whose least stay is longer than one night.
    """

    date: date
    state: str
    available: bool
    price: Money
    price_reason: str
    min_nights: int
    reason: Reason | None

    @property
    def short_stay(self) -> bool:
        """Whether one night is too short when arriving here."""
        return self.available and self.min_nights > 1


@dataclass(frozen=True, slots=True)
class Month:
    """A month of cells; ``blanks`` is how many places to leave before the first (weeks begin on Sunday)."""

    first: date
    cells: list[Cell]

    @property
    def blanks(self) -> int:
        """Empty places before the first day."""
        return self.first.isoweekday() % 7


def cells(room_id: int, first: date, last: date, *, today: date | None = None) -> list[Cell]:
    """The days from ``first`` up to and without ``last``, in at most five statements; raises NotFound."""
    known = terms(room_id, first, last, today=today)
    before = first - timedelta(days=1)
    rows = Night.objects.of(room_id, Stay(before, last)).values_list("night", "kind")
    taken = dict(rows)
    days = [first + timedelta(days=n) for n in range((last - first).days)]
    return [_cell(known, day, taken) for day in days]


def months(room_id: int, first_month: date, n: int = 2, *, today: date | None = None) -> list[Month]:
    """``n`` whole months from the one of ``first_month``."""
    firsts = [_month_after(first_month.replace(day=1), count) for count in range(n + 1)]
    every = cells(room_id, firsts[0], firsts[-1], today=today)
    return [Month(begin, [cell for cell in every if begin <= cell.date < end]) for begin, end in pairwise(firsts)]


def _month_after(first: date, count: int) -> date:
    month = first.month - 1 + count
    return date(first.year + month // 12, month % 12 + 1, 1)


def _cell(known: Terms, day: date, taken: dict[date, str]) -> Cell:
    state, why = _state(known, day, taken)
    price, price_reason = night_price(known.rates, day)
    return Cell(
        date=day,
        state=state,
        available=state == "free",
        price=Money(price, known.rates.currency),
        price_reason=price_reason,
        min_nights=known.rules.least_nights(day),
        reason=why,
    )


def _state(known: Terms, day: date, taken: dict[date, str]) -> tuple[str, Reason | None]:
    rules, today = known.rules, known.today
    if day < today:
        return "past", reason("in_the_past")
    if kind := taken.get(day):
        return _taken_state(known, day, kind, taken)
    if not rules.listed:
        return "closed", reason("not_listed")
    if early := rules.too_soon(day, today):
        return "closed", early
    if day + timedelta(days=1) > rules.last_departure(today):
        return "closed", reason("beyond_window", days=rules.window_days)
    return "free", None


def _taken_state(known: Terms, day: date, kind: str, taken: dict[date, str]) -> tuple[str, Reason | None]:
    closed = kind != Night.Kind.RESERVED
    why = reason("blocked") if closed else reason("taken")
    can_leave = day - timedelta(days=1) not in taken and day > known.rules.earliest_arrival(known.today)
    return ("out_only" if can_leave else "blocked" if closed else "booked"), why

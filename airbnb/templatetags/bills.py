"""Bills: the agreed lines as a guest reads them, nights of one price in one row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django import template

from airbnb.money import Money
from airbnb.templatetags.dates import WEEKDAYS, as_date, nights_count
from airbnb.templatetags.money import as_money, money, spoken_language
from airbnb.templatetags.texts import in_language

register = template.Library()

MOST_WEEKDAYS = 4  # more nights than this are told by their number alone


@dataclass(slots=True)
class Row:
    """One row of a bill. ``unit`` and ``count`` are there for nights; ``count`` is 1 for all else."""

    kind: str
    amount: Money
    label: str = ""
    unit: Money | None = None
    nights: list[date] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many nights, or one."""
        return len(self.nights) or 1


@register.filter
def bill_lines(lines: Iterable[Any]) -> list[Row]:
    """Rows for ``components/bill.html`` and receipts, from lines of a quote or as a reservation keeps them (JSON)."""
    rows: list[Row] = []
    by_price: dict[Money, Row] = {}
    for line in lines:
        kind, amount, night, label = _parts(line)
        if kind != "night" or night is None:
            rows.append(Row(kind, amount, in_language(label)))
        elif amount in by_price:
            row = by_price[amount]
            row.nights.append(night)
            row.amount = row.amount + amount
        else:
            by_price[amount] = Row(kind, amount, unit=amount, nights=[night])
            rows.append(by_price[amount])
    for row in by_price.values():
        row.label = _nights_label(row)
    return rows


def _parts(line: Any) -> tuple[str, Money, date | None, Any]:
    if isinstance(line, Mapping):
        amount = as_money(line["amount"])
        assert amount is not None
        return line["kind"], amount, as_date(line.get("date")), line.get("label_i18n") or line.get("label", "")
    return line.kind, line.amount, line.date, line.label_i18n


def _nights_label(row: Row) -> str:
    """``₩148,000 × 2박 (금·토)`` or ``₩148,000 × 2 nights (Fri, Sat)``."""
    text = f"{money(row.unit)} × {nights_count(row.count)}"
    if row.count > MOST_WEEKDAYS:
        return text
    language = spoken_language()
    days = [WEEKDAYS[language][night.weekday()] for night in row.nights]
    return f"{text} ({('·' if language == 'ko' else ', ').join(days)})"

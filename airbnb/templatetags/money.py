"""Sums in the reader's language: ``{{ total|money }}`` writes ``₩452,940``, ``{{ total|money_short }}`` ``₩45.3만``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from babel.numbers import format_currency
from django import template
from django.utils.translation import get_language

from airbnb.money import MINOR_DIGITS, Money

register = template.Library()

MINUS = "\N{MINUS SIGN}"
SYMBOLS = {"KRW": "₩", "JPY": "¥", "USD": "$", "EUR": "€"}
# Steps of a short sum: (least value, divisor, unit). Korean counts in ten thousands.
SHORT_STEPS = {
    "ko": ((100_000_000, 100_000_000, "억"), (10_000, 10_000, "만")),
    "en": ((1_000_000, 1_000_000, "M"), (1_000, 1_000, "k")),
}


def spoken_language() -> str:
    """``ko`` or ``en``: the language of the page being written."""
    return "ko" if (get_language() or "ko").startswith("ko") else "en"


def as_money(value: object) -> Money | None:
    """A ``Money`` from what templates hold: a Money, an ``(amount_minor, currency)`` pair, or its JSON shape."""
    if isinstance(value, Money):
        return value
    if isinstance(value, Mapping) and "amount" in value:
        return Money.from_json(value)
    if isinstance(value, Sequence) and not isinstance(value, str) and len(value) == 2:
        return Money(*value)
    return None


def write(sum_: Money, language: str) -> str:
    """A sum with its sign in front, as the design asks: ``−₩21,200``."""
    sign = MINUS if sum_.amount_minor < 0 else ""
    minor = abs(sum_.amount_minor)
    if sum_.currency == "KRW":  # most sums: written by hand, because Babel is slow on pages full of them
        return f"{sign}₩{minor:,}"
    amount = Decimal(minor).scaleb(-MINOR_DIGITS[sum_.currency])
    return sign + format_currency(amount, sum_.currency, locale="ko_KR" if language == "ko" else "en_GB")


def write_short(sum_: Money, language: str, *, symbol: bool = True) -> str:
    """A sum rounded for pins and calendar cells: ``₩45.3만`` or ``₩453k``; without ``symbol`` ``45.3만``."""
    sign = MINUS if sum_.amount_minor < 0 else ""
    mark = SYMBOLS[sum_.currency] if symbol else ""
    major = Decimal(abs(sum_.amount_minor)).scaleb(-MINOR_DIGITS[sum_.currency])
    for least, divisor, unit in SHORT_STEPS[language]:
        if major >= least:
            part = major / divisor
            digits = 0 if unit == "k" or part >= 1000 else 1
            return f"{sign}{mark}{part:,.{digits}f}{unit}"
    return f"{sign}{mark}{major:,.0f}"


@register.filter
def money(value: Any) -> str:
    """The sum in full, ``₩452,940``; nothing for what is no sum."""
    sum_ = as_money(value)
    return write(sum_, spoken_language()) if sum_ is not None else ""


@register.filter
def money_short(value: Any) -> str:
    """The sum for a pin or a chart, ``₩45.3만`` or ``₩453k``."""
    sum_ = as_money(value)
    return write_short(sum_, spoken_language()) if sum_ is not None else ""


@register.filter
def money_cell(value: Any) -> str:
    """The sum for a calendar cell, without its sign of currency: ``12.8만`` or ``128k``."""
    sum_ = as_money(value)
    return write_short(sum_, spoken_language(), symbol=False) if sum_ is not None else ""


@register.filter
def less(value: Any, other: Any) -> Money | None:
    """What is left of a sum without another: ``{{ new|less:old|money }}``."""
    sum_, taken = as_money(value), as_money(other)
    return sum_ - taken if sum_ is not None and taken is not None else None


@register.filter
def is_negative(value: Any) -> bool:
    """Whether a sum takes something off, as a discount does."""
    sum_ = as_money(value)
    return sum_ is not None and sum_.amount_minor < 0

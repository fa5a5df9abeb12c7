"""Money: integer minor units and a currency; nothing is ever rounded by accident."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Decimal places of each currency we sell in (ISO 4217).
MINOR_DIGITS = {"KRW": 0, "JPY": 0, "USD": 2, "EUR": 2}


class CurrencyMismatch(ValueError):
    """Two sums of different currencies met in one calculation."""


@dataclass(frozen=True, slots=True)
class Money:
    """A sum in minor units: ``Money(128000, "KRW")`` is 128,000 won, ``Money(1250, "USD")`` is 12.50 dollars."""

    amount_minor: int
    currency: str = "KRW"

    def __post_init__(self) -> None:
        if type(self.amount_minor) is not int:
            raise TypeError("amount_minor must be an int of minor units")
        if self.currency not in MINOR_DIGITS:
            raise ValueError(f"unknown currency {self.currency!r}")

    @classmethod
    def zero(cls, currency: str = "KRW") -> Money:
        """Nothing, in a currency."""
        return cls(0, currency)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Money:
        """The value that :meth:`as_json` wrote."""
        return cls(data["amount"], data["currency"])

    def as_json(self) -> dict[str, Any]:
        """``{"amount": minor units, "currency": code}``, the shape of the HTTP contract."""
        return {"amount": self.amount_minor, "currency": self.currency}

    @property
    def is_zero(self) -> bool:
        """Whether this is exactly nothing."""
        return self.amount_minor == 0

    def share(self, basis_points: int) -> Money:
        """This many hundredths of a percent, rounded half away from zero: ``share(500)`` is 5 %."""
        scaled = abs(self.amount_minor) * basis_points
        rounded = (scaled + 5000) // 10000
        return Money(rounded if self.amount_minor >= 0 else -rounded, self.currency)

    def _same(self, other: Money) -> int:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")
        return other.amount_minor

    def __add__(self, other: Money) -> Money:
        return Money(self.amount_minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount_minor - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount_minor, self.currency)

    def __mul__(self, times: int) -> Money:
        return Money(self.amount_minor * times, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.amount_minor < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.amount_minor <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.amount_minor > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.amount_minor >= self._same(other)

    def __bool__(self) -> bool:
        return self.amount_minor != 0


def total(sums: list[Money], currency: str = "KRW") -> Money:
    """The sum of all; zero of ``currency`` for none."""
    result = Money.zero(sums[0].currency if sums else currency)
    for each in sums:
        result = result + each
    return result

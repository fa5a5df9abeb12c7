"""Prices of a stay: one line per night with its reason, at most one discount, fees; pure and in integer money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from airbnb.money import Money, total
from airbnb.stays import Stay
from rooms.texts import Texts, texts

# ISO weekdays of the nights that cost the weekend price: Friday and Saturday (Korean lodging custom).
WEEKEND = frozenset({5, 6})

REASONS: dict[str, Texts] = {
    "date": texts("이 날 요금", "price of this date"),
    "season": texts("시즌 요금", "season price"),
    "weekend": texts("주말 요금", "weekend price"),
    "base": texts("기본 요금", "base price"),
}
DISCOUNTS: dict[str, Texts] = {
    "length_of_stay": texts("연박 할인", "Length-of-stay discount"),
    "early_bird": texts("일찍 예약 할인", "Early-bird discount"),
    "last_minute": texts("막바지 할인", "Last-minute discount"),
}
FEES: dict[str, Texts] = {
    "cleaning": texts("청소비", "Cleaning fee"),
    "extra_guest": texts("추가 인원", "Extra guests"),
    "service": texts("서비스 수수료", "Service fee"),
    "tax": texts("세금", "Tax"),
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Discount:
    """A share of the nights off (basis points) when a threshold is met.

    ``length_of_stay``: at least ``threshold`` nights. ``early_bird``: at least that many days between today and
    check-in. ``last_minute``: at most that many.
    """

    kind: str
    threshold: int
    share_bp: int

    def applies(self, *, nights: int, days_ahead: int) -> bool:
        """Whether a stay of ``nights`` booked ``days_ahead`` of its check-in earns it."""
        if self.kind == "length_of_stay":
            return nights >= self.threshold
        if self.kind == "early_bird":
            return days_ahead >= self.threshold
        return days_ahead <= self.threshold


@dataclass(frozen=True, slots=True)
class Rates:
    """Everything that decides a price, in minor units of ``currency``."""

    currency: str
    base_minor: int
    weekend_minor: int | None = None
    cleaning_minor: int = 0
    extra_guest_minor: int = 0
    included_guests: int = 0
    date_prices: Mapping[date, int] = field(default_factory=dict)
    season_prices: Mapping[date, int] = field(default_factory=dict)
    discounts: tuple[Discount, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a bill; discounts are negative. ``reason`` says which rule made it."""

    kind: str
    amount: Money
    reason: str = ""
    date: date | None = None

    @property
    def label_i18n(self) -> Texts:
        """What the line is called, in both languages."""
        if self.kind == "night" and self.date is not None:
            return _night_label(self.date, self.reason)
        return DISCOUNTS[self.reason] if self.kind == "discount" else FEES[self.kind]

    def as_json(self) -> dict[str, object]:
        """The shape that events and frozen reservations carry."""
        return {
            "kind": self.kind,
            "date": self.date.isoformat() if self.date else None,
            "label_i18n": self.label_i18n,
            "amount": self.amount.as_json(),
        }


def _night_label(night: date, reason: str) -> Texts:
    why = REASONS[reason]
    ko, en = f"{night.month}월 {night.day}일 밤", f"Night of {night.day} {_MONTHS[night.month - 1]}"
    return texts(ko, en) if reason == "base" else texts(f"{ko} ({why['ko']})", f"{en} ({why['en']})")


def is_weekend(night: date) -> bool:
    """Whether the night begins on a Friday or a Saturday."""
    return night.isoweekday() in WEEKEND


def night_price(rates: Rates, night: date) -> tuple[int, str]:
    """``(minor units, reason)`` of one night: date over season over weekend over base (domain.md, section 5)."""
    if night in rates.date_prices:
        return rates.date_prices[night], "date"
    if night in rates.season_prices:
        return rates.season_prices[night], "season"
    if rates.weekend_minor is not None and is_weekend(night):
        return rates.weekend_minor, "weekend"
    return rates.base_minor, "base"


def best_discount(rates: Rates, stay: Stay, today: date) -> Discount | None:
    """The one discount that saves the guest most; discounts never add up."""
    ahead = (stay.check_in - today).days
    earned = [d for d in rates.discounts if d.share_bp > 0 and d.applies(nights=stay.length, days_ahead=ahead)]
    return max(earned, key=lambda d: d.share_bp, default=None)


def price_stay(rates: Rates, stay: Stay, guests: int, *, today: date, guest_fee_bp: int) -> list[Line]:
    """The lines of a stay in order: nights, discount, cleaning, extra guests, service fee; no empty lines.

    The service fee is a share of the nights after the discount. Tax is nothing: Korean prices include VAT.
    """
    cur = rates.currency
    lines = []
    for night in stay.nights:
        price, reason = night_price(rates, night)
        lines.append(Line("night", Money(price, cur), reason, night))
    nights = total([line.amount for line in lines], cur)
    discount = best_discount(rates, stay, today)
    if discount:
        off = nights.share(discount.share_bp)
        nights = nights - off
        lines.append(Line("discount", -off, discount.kind))
    lines += _fees(rates, stay, guests)
    lines.append(Line("service", nights.share(guest_fee_bp)))
    return [line for line in lines if line.kind == "night" or not line.amount.is_zero]


def _fees(rates: Rates, stay: Stay, guests: int) -> list[Line]:
    extra = max(0, guests - rates.included_guests) if rates.included_guests else 0
    return [
        Line("cleaning", Money(rates.cleaning_minor, rates.currency)),
        Line("extra_guest", Money(rates.extra_guest_minor * extra * stay.length, rates.currency)),
    ]


def host_payout(lines: list[Line], host_fee_bp: int) -> Money:
    """What the host receives: nights, discount, cleaning and extra guests, less the host's fee on that sum."""
    earned = total([line.amount for line in lines if line.kind not in ("service", "tax")])
    return earned - earned.share(host_fee_bp)

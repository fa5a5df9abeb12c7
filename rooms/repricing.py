"""The price of an altered stay: kept nights as they were agreed, added ones by today's rates; pure, integer money.

What was agreed stays agreed: the price of each kept night, the cleaning fee, and the extra guests of kept nights while
their number is the same. The service fee is worked out anew over all nights. There is one discount for the whole new
stay, the best of those that it earns: by today's rules, with the days ahead counted from the day of booking so that an
early-bird stays one, or the agreed one, where the new stay earns it as surely as the old stay did.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from airbnb.money import Money, total
from airbnb.stays import Stay
from rooms.pricing import DISCOUNTS, REASONS, Discount, Line, Rates, night_price


@dataclass(frozen=True, slots=True)
class Agreed:
    """A stay as it was booked: its lines, its people, and the day of booking in the room's zone."""

    stay: Stay
    guests: int
    lines: tuple[Line, ...]
    booked_on: date
    currency: str

    @property
    def total(self) -> Money:
        """What the lines sum to."""
        return total([line.amount for line in self.lines], self.currency)

    def of(self, kind: str) -> Money:
        """The sum of one kind of line."""
        return total([line.amount for line in self.lines if line.kind == kind], self.currency)

    def night(self, night: date) -> Line | None:
        """The agreed line of a night, if the stay has it."""
        return next((line for line in self.lines if line.kind == "night" and line.date == night), None)


def reprice(agreed: Agreed, rates: Rates, stay: Stay, guests: int, *, guest_fee_bp: int) -> list[Line]:
    """The lines of the new stay in the order of every bill; they sum to its total, and none is empty but a night.

    Raises CurrencyMismatch when the room is let in another currency by now: the stay's rules refuse that before.
    """
    nights = [agreed.night(night) or _todays(rates, night) for night in stay.nights]
    gross = total([line.amount for line in nights], agreed.currency)
    lines, net = list(nights), gross
    discount = one_discount(agreed, rates, stay)
    if discount is not None:
        off = gross.share(discount.share_bp)
        net = gross - off
        lines.append(Line("discount", -off, discount.kind))
    lines.append(Line("cleaning", agreed.of("cleaning")))
    lines.append(Line("extra_guest", _extra_guests(agreed, rates, stay, guests)))
    lines.append(Line("service", net.share(guest_fee_bp)))
    lines.append(Line("tax", agreed.of("tax")))
    return [line for line in lines if line.kind == "night" or not line.amount.is_zero]


def one_discount(agreed: Agreed, rates: Rates, stay: Stay) -> Discount | None:
    """The best discount that the new stay earns; of equal ones the agreed one."""
    ahead = (stay.check_in - agreed.booked_on).days
    earned = [each for each in rates.discounts if each.applies(nights=stay.length, days_ahead=ahead)]
    kept = agreed_discount(agreed)
    if kept is not None and _still_earned(kept.kind, agreed.stay, stay):
        earned.insert(0, kept)
    return max((each for each in earned if each.share_bp > 0), key=lambda each: each.share_bp, default=None)


def agreed_discount(agreed: Agreed) -> Discount | None:
    """The discount of the agreed bill with its share in basis points; its threshold was not kept and reads 0."""
    line = next((each for each in agreed.lines if each.kind == "discount"), None)
    gross = agreed.of("night").amount_minor
    if line is None or not gross:
        return None
    share = (2 * -line.amount.amount_minor * 10_000 + gross) // (2 * gross)
    return Discount(line.reason, 0, share)


def _still_earned(kind: str, old: Stay, new: Stay) -> bool:
    """Whether the new stay meets any threshold that the old one met, since none was kept."""
    if kind == "length_of_stay":
        return new.length >= old.length
    if kind == "early_bird":
        return new.check_in >= old.check_in
    return kind == "last_minute" and new.check_in <= old.check_in


def _todays(rates: Rates, night: date) -> Line:
    price, reason = night_price(rates, night)
    return Line("night", Money(price, rates.currency), reason, night)


def _extra_guests(agreed: Agreed, rates: Rates, stay: Stay, guests: int) -> Money:
    """By today's rate for each night and extra guest; kept nights as agreed while as many stay."""
    extra = max(0, guests - rates.included_guests) if rates.included_guests else 0
    today = Money(rates.extra_guest_minor * extra, agreed.currency)
    if guests != agreed.guests:
        return today * stay.length
    kept = sum(agreed.night(night) is not None for night in stay.nights)
    if kept == stay.length == agreed.stay.length:
        return agreed.of("extra_guest")
    per_night = agreed.of("extra_guest").amount_minor // agreed.stay.length
    return Money(per_night * kept, agreed.currency) + today * (stay.length - kept)


def line_of(data: dict[str, Any]) -> Line:
    """A line from what :meth:`Line.as_json` wrote; its reason was not kept and is read from its label."""
    night = date.fromisoformat(data["date"]) if data["date"] else None
    return Line(data["kind"], Money.from_json(data["amount"]), _reason_in(data), night)


def _reason_in(data: dict[str, Any]) -> str:
    label = data["label_i18n"]["en"]
    if data["kind"] == "discount":
        return next((name for name, words in DISCOUNTS.items() if words["en"] == label), "length_of_stay")
    if data["kind"] == "night":
        return next((name for name, words in REASONS.items() if f"({words['en']})" in label), "base")
    return ""

"""What comes back when a reservation is cancelled: one pure function for preview, mail, API and ledger.

Sources: domain.md, section 6; for ``korea-standard`` the lodging part of the Korea Fair Trade Commission's consumer
dispute settlement standards (peak and off-peak tables, and the free day after contract since 2024-12-27).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from airbnb.money import Money
from airbnb.money import total as sum_of
from reservations import grace
from reservations.holidays import is_peak, is_weekend_night

FULL = 10_000
GRACE = timedelta(hours=24)
GRACE_NEEDS = timedelta(days=7)
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Agreement:
    """What decides a refund: the agreed ``lines`` as JSON, ``graced`` ones that went back already, aware instants."""

    policy: str
    check_in: date
    check_out: date
    check_in_at: datetime
    time_zone: str
    confirmed_at: datetime
    lines: tuple[dict[str, Any], ...]
    currency: str
    graced: tuple[dict[str, Any], ...] = ()

    @property
    def nights(self) -> list[date]:
        """Each night by the date on which it begins."""
        return [self.check_in + timedelta(days=n) for n in range((self.check_out - self.check_in).days)]

    @property
    def paid(self) -> Money:
        """All that was agreed and paid."""
        return sum_of([_amount(line) for line in self.lines], self.currency)

    @property
    def left(self) -> Money:
        """What of it has not gone back beyond the terms."""
        return Money(max(0, self.paid.amount_minor - grace.sum_of(self.graced)), self.currency)

    def days_before(self, days: int) -> datetime:
        """The check-in time, ``days`` days earlier by the calendar of the room's zone."""
        zone = ZoneInfo(self.time_zone)
        local = self.check_in_at.astimezone(zone)
        return (local.replace(tzinfo=None) - timedelta(days=days)).replace(tzinfo=zone)

    def midnight(self, day: date) -> datetime:
        """When ``day`` begins in the room's zone."""
        return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.time_zone))

    def local_date(self, at: datetime) -> date:
        """The date of an instant in the room's zone."""
        return at.astimezone(ZoneInfo(self.time_zone)).date()


@dataclass(frozen=True, slots=True)
class Refund:
    """What comes back: its lines (kinds as agreed), their sum, and the name of the rule that gave it.

    ``by_terms`` are the lines as the rule alone gives them, where some of it has gone back already.
    """

    amount: Money
    lines: tuple[dict[str, Any], ...]
    rule: str
    by_terms: tuple[dict[str, Any], ...] | None = None

    @property
    def terms_lines(self) -> tuple[dict[str, Any], ...]:
        """What the rule gives, whatever has gone back before."""
        return self.lines if self.by_terms is None else self.by_terms


@dataclass(frozen=True, slots=True)
class Step:
    """For display: up to and including ``until`` (None: from then on), ``amount`` comes back by ``rule``."""

    until: datetime | None
    amount: Money
    rule: str
    note: str


@dataclass(frozen=True, slots=True)
class Shares:
    """What part of each line comes back, in basis points; ``nights`` by date."""

    nights: dict[date, int]
    cleaning: int
    rest: int | None = None  # service and tax; None: the service fee only with a full refund


def refund_for(agreement: Agreement, *, at: datetime, by: str = "guest") -> Refund:
    """What comes back when ``by`` (guest, host or operator) cancels at ``at``.

    A host's or operator's cancellation returns everything. For a guest, each rule that applies is worked out and
    the best one wins. What has gone back beyond the terms does not go back again; 0 <= refund <= what is left always.
    """
    if by != "guest":
        return _less_grace(agreement, _work_out(agreement, _everything(agreement), f"cancelled_by_{by}"))
    offers = [_work_out(agreement, shares, rule) for rule, shares in _offers(agreement, at)]
    return _less_grace(agreement, max(offers, key=lambda offer: offer.amount.amount_minor))


def _less_grace(agreement: Agreement, refund: Refund) -> Refund:
    if not agreement.graced:
        return refund
    left = agreement.left.amount_minor
    lines = grace.less_what_went(refund.lines, agreement.lines, agreement.graced, left)
    return Refund(Money(grace.sum_of(lines), agreement.currency), tuple(lines), refund.rule, refund.lines)


def host_keeps(agreement: Agreement, refund: Refund, payout: Money) -> Money:
    """What the host still gets of the agreed ``payout``: the share of nights, cleaning and extra guests that is kept.

    The host's fee falls with it. Nothing when everything goes back; 0 <= kept <= payout always.
    """
    earned, back = _earned(agreement.lines), _earned(refund.terms_lines)
    kept = min(max(0, earned - back), earned)
    return Money(_part(payout.amount_minor, kept, earned), payout.currency)


def tax_of(lines: Iterable[dict[str, Any]]) -> int:
    """The tax in a bill or a refund, in minor units."""
    return sum(int(line["amount"]["amount"]) for line in lines if line["kind"] == "tax")


def _earned(lines: Iterable[dict[str, Any]]) -> int:
    """What of a bill is the host's before the fee, in minor units."""
    return sum(int(line["amount"]["amount"]) for line in lines if line["kind"] not in ("service", "tax"))


def steps_of(agreement: Agreement) -> list[Step]:
    """How the refund falls, from confirmation to check-in, as a table for people; equal neighbours are joined."""
    steps: list[Step] = []
    for until, inclusive in sorted(_breakpoints(agreement)):
        if until <= agreement.confirmed_at:
            continue
        refund = refund_for(agreement, at=until if inclusive else until - _INSTANT)
        _append(steps, Step(until, refund.amount, refund.rule, _note(agreement, refund)))
    last = refund_for(agreement, at=max(agreement.check_in_at, agreement.confirmed_at) + _INSTANT)
    _append(steps, Step(None, last.amount, last.rule, _note(agreement, last)))
    return steps


def next_deadline(agreement: Agreement, at: datetime) -> datetime | None:
    """Until when the refund of this moment stays as it is; None when it changes no more before check-in."""
    return next((step.until for step in steps_of(agreement) if step.until and step.until >= at), None)


def _append(steps: list[Step], step: Step) -> None:
    if steps and steps[-1].amount == step.amount:
        steps[-1] = replace(steps[-1], until=step.until)
    else:
        steps.append(step)


def _note(agreement: Agreement, refund: Refund) -> str:
    if refund.amount == agreement.left:
        return "everything"
    return "part" if refund.amount else "nothing"


def _offers(agreement: Agreement, at: datetime) -> Iterable[tuple[str, Shares]]:
    yield agreement.policy, POLICIES[agreement.policy](agreement, at)
    if at <= _grace_end(agreement):
        yield "grace_24h", _everything(agreement)
    if agreement.policy == "korea-standard" and at < _korean_free_end(agreement):
        yield "korea_free_day", _everything(agreement)


def _grace_end(agreement: Agreement) -> datetime:
    """24 hours after confirmation, given at least 7 days to check-in; otherwise there is no grace."""
    if agreement.check_in_at - agreement.confirmed_at >= GRACE_NEEDS:
        return agreement.confirmed_at + GRACE
    return agreement.confirmed_at - _INSTANT


def _korean_free_end(agreement: Agreement) -> datetime:
    """24 hours after contract, but never past 00:00 of the first day of the stay (KFTC, since 2024-12-27)."""
    return min(agreement.confirmed_at + GRACE, agreement.midnight(agreement.check_in))


def _everything(agreement: Agreement) -> Shares:
    return Shares(dict.fromkeys(agreement.nights, FULL), FULL, FULL)


def _even(agreement: Agreement, share: int, at: datetime) -> Shares:
    return Shares(dict.fromkeys(agreement.nights, share), _cleaning(agreement, at))


def _cleaning(agreement: Agreement, at: datetime) -> int:
    return FULL if at < agreement.check_in_at else 0


def _first_nights_kept(agreement: Agreement, at: datetime, rest: int) -> Shares:
    """Nights spent and one more are kept; of the others ``rest`` comes back. Before check-in one night is kept."""
    spent = max(0, (agreement.local_date(at) - agreement.check_in).days) if at >= agreement.check_in_at else 0
    kept = spent + 1
    nights = {night: 0 if n < kept else rest for n, night in enumerate(agreement.nights)}
    return Shares(nights, _cleaning(agreement, at))


def _flexible(agreement: Agreement, at: datetime) -> Shares:
    if at <= agreement.check_in_at - timedelta(hours=24):
        return _everything(agreement)
    return _first_nights_kept(agreement, at, FULL)


def _moderate(agreement: Agreement, at: datetime) -> Shares:
    if at <= agreement.days_before(5):
        return _everything(agreement)
    return _first_nights_kept(agreement, at, FULL // 2)


def _tiered(full_days: int, half_days: int) -> Callable[[Agreement, datetime], Shares]:
    def shares(agreement: Agreement, at: datetime) -> Shares:
        if at <= agreement.days_before(full_days):
            return _everything(agreement)
        return _even(agreement, FULL // 2 if at <= agreement.days_before(half_days) else 0, at)

    return shares


def _non_refundable(agreement: Agreement, at: datetime) -> Shares:
    return _even(agreement, 0, at)


# Days before the stay, at least; then the deduction in percent on a weekday and on a weekend night.
_PEAK = ((10, 0, 0), (7, 10, 20), (5, 30, 40), (3, 50, 60), (0, 80, 90))
_OFF_PEAK = ((2, 0, 0), (1, 10, 20), (0, 20, 30))


def _korea_standard(agreement: Agreement, at: datetime) -> Shares:
    """A deduction from the total, by the season and the first night; not arriving counts as the same day.

    Two days before in peak season has no row of its own and is read as the last one. Once nights are spent they are
    kept whole, and only the others follow the table.
    """
    today = agreement.local_date(at)
    days, spent = max(0, (agreement.check_in - today).days), max(0, (today - agreement.check_in).days)
    table = _PEAK if is_peak(agreement.check_in) else _OFF_PEAK
    weekday, weekend = next((low, high) for least, low, high in table if days >= least)
    share = FULL - 100 * (weekend if is_weekend_night(agreement.check_in) else weekday)
    nights = {night: 0 if n < spent else share for n, night in enumerate(agreement.nights)}
    if spent:
        return Shares(nights, 0)
    return Shares(nights, max(share, _cleaning(agreement, at)), share)


POLICIES: dict[str, Callable[[Agreement, datetime], Shares]] = {
    "flexible": _flexible,
    "moderate": _moderate,
    "limited": _tiered(14, 7),
    "firm": _tiered(30, 7),
    "non-refundable": _non_refundable,
    "korea-standard": _korea_standard,
}


def _breakpoints(agreement: Agreement) -> set[tuple[datetime, bool]]:
    """Instants at which the refund may fall, and whether the instant itself still has the better terms."""
    points = {(_grace_end(agreement), True), (agreement.check_in_at, False)}
    if agreement.policy == "flexible":
        points.add((agreement.check_in_at - timedelta(hours=24), True))
    if agreement.policy == "korea-standard":
        days = {least for table in (_PEAK, _OFF_PEAK) for least, *_ in table if least}
        points |= {(agreement.midnight(agreement.check_in - timedelta(days=least - 1)), False) for least in days}
        points.add((_korean_free_end(agreement), False))
    by_policy = {"moderate": (5,), "limited": (14, 7), "firm": (30, 7)}
    points |= {(agreement.days_before(days), True) for days in by_policy.get(agreement.policy, ())}
    return points


def _work_out(agreement: Agreement, shares: Shares, rule: str) -> Refund:
    """Turn shares into lines: what belongs to all nights (discount, extra guests) follows the nights' mean."""
    gross = back = 0
    for line in agreement.lines:
        if line["kind"] == "night":
            gross += line["amount"]["amount"]
            back += _part(line["amount"]["amount"], _night_share(shares, line), FULL)
    full = all(share == FULL for share in shares.nights.values()) and shares.cleaning == FULL
    lines = []
    for line in agreement.lines:
        minor = _line_back(line, shares, (back, gross), full)
        if minor:
            lines.append({**line, "amount": Money(minor, agreement.currency).as_json()})
    amount = sum_of([_amount(line) for line in lines], agreement.currency)
    return _within(agreement, Refund(amount, tuple(lines), rule))


def _line_back(line: dict[str, Any], shares: Shares, mean: tuple[int, int], full: bool) -> int:
    minor, kind = line["amount"]["amount"], line["kind"]
    if full:
        return int(minor)
    if kind == "night":
        return _part(minor, _night_share(shares, line), FULL)
    if kind == "cleaning":
        return _part(minor, shares.cleaning, FULL)
    if kind == "service":
        return _part(minor, shares.rest or 0, FULL)
    if kind == "tax" and shares.rest is not None:
        return _part(minor, shares.rest, FULL)
    return _part(minor, *mean)


def _night_share(shares: Shares, line: dict[str, Any]) -> int:
    return shares.nights[date.fromisoformat(line["date"])]


def _part(minor: int, numerator: int, denominator: int) -> int:
    """``minor`` × numerator ÷ denominator, rounded half away from zero, in integers only."""
    if not denominator:
        return 0
    rounded = (2 * abs(minor) * numerator + denominator) // (2 * denominator)
    return rounded if minor >= 0 else -rounded


def _within(agreement: Agreement, refund: Refund) -> Refund:
    """Never less than nothing (a discount larger than what is left), never more than was paid."""
    if 0 <= refund.amount.amount_minor <= agreement.paid.amount_minor:
        return refund
    if refund.amount.amount_minor > agreement.paid.amount_minor:
        return Refund(agreement.paid, agreement.lines, refund.rule)
    return Refund(Money.zero(agreement.currency), (), refund.rule)


def _amount(line: dict[str, Any]) -> Money:
    return Money.from_json(line["amount"])

"""An altered stay is priced by what was agreed and today's rates, and its lines always sum to its total."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airbnb.money import Money, total
from airbnb.stays import Stay
from rooms.pricing import Discount, Line, Rates, price_stay
from rooms.repricing import Agreed, agreed_discount, line_of, one_discount, reprice
from rooms.stay_rules import Rules, refusals_of_change

FIRST = date(2027, 4, 12)  # a Monday
BOOKED = date(2027, 3, 1)
FEE = 500
RATES = Rates("KRW", 100_000, cleaning_minor=30_000, extra_guest_minor=10_000, included_guests=2)
RULES = Rules(listed=True, capacity=4, min_nights=2, max_nights=10, notice_days=1, window_days=365)


def stay(start: int, nights: int) -> Stay:
    first = FIRST + timedelta(days=start)
    return Stay(first, first + timedelta(days=nights))


def agreed(rates: Rates = RATES, nights: int = 3, guests: int = 2, booked: date = BOOKED) -> Agreed:
    old = stay(0, nights)
    lines = price_stay(rates, old, guests, today=booked, guest_fee_bp=FEE)
    kept = tuple(line_of(line.as_json()) for line in lines)  # type: ignore[arg-type]
    return Agreed(old, guests, kept, booked, rates.currency)


def sums(lines: list[Line]) -> dict[str, int]:
    kinds = dict.fromkeys(line.kind for line in lines)
    return {kind: sum(line.amount.amount_minor for line in lines if line.kind == kind) for kind in kinds}


def test_kept_nights_keep_their_price_and_added_ones_cost_todays() -> None:
    dearer = Rates("KRW", 150_000, cleaning_minor=90_000)
    new = reprice(agreed(), dearer, stay(0, 4), 2, guest_fee_bp=FEE)
    nights = [line.amount.amount_minor for line in new if line.kind == "night"]
    assert nights == [100_000, 100_000, 100_000, 150_000]
    assert sums(new) == {"night": 450_000, "cleaning": 30_000, "service": 22_500}


def test_moved_away_entirely_costs_todays_but_is_cleaned_once_as_agreed() -> None:
    new = reprice(agreed(), Rates("KRW", 80_000, cleaning_minor=90_000), stay(20, 2), 2, guest_fee_bp=FEE)
    assert sums(new) == {"night": 160_000, "cleaning": 30_000, "service": 8_000}


def test_more_guests_pay_todays_rate_for_every_night() -> None:
    new = reprice(agreed(), Rates("KRW", 1, extra_guest_minor=7_000, included_guests=2), stay(0, 3), 4, guest_fee_bp=0)
    assert sums(new)["extra_guest"] == 7_000 * 2 * 3
    assert sums(new)["night"] == 300_000


def test_as_many_guests_keep_the_agreed_rate_on_kept_nights() -> None:
    dearer = Rates("KRW", 100_000, extra_guest_minor=50_000, included_guests=2)
    new = reprice(agreed(guests=3), dearer, stay(1, 3), 3, guest_fee_bp=0)
    assert sums(new)["extra_guest"] == 2 * 10_000 + 50_000


WEEKLY = Rates("KRW", 100_000, discounts=(Discount("length_of_stay", 7, 1_000),))


def test_a_shortened_stay_loses_its_length_discount() -> None:
    old = agreed(WEEKLY, nights=7)
    assert agreed_discount(old) == Discount("length_of_stay", 0, 1_000)
    assert one_discount(old, WEEKLY, stay(0, 6)) is None
    assert sums(reprice(old, WEEKLY, stay(0, 6), 2, guest_fee_bp=0)) == {"night": 600_000}


def test_a_longer_stay_keeps_a_discount_that_the_host_gives_no_more() -> None:
    old = agreed(WEEKLY, nights=7)
    new = reprice(old, Rates("KRW", 100_000), stay(0, 8), 2, guest_fee_bp=0)
    assert sums(new) == {"night": 800_000, "discount": -80_000}


def test_a_stay_that_becomes_long_enough_earns_the_discount_once() -> None:
    old = agreed(WEEKLY, nights=6)
    new = reprice(old, WEEKLY, stay(0, 7), 2, guest_fee_bp=0)
    assert sums(new) == {"night": 700_000, "discount": -70_000}
    assert [line.reason for line in new if line.kind == "discount"] == ["length_of_stay"]


def test_an_early_bird_counts_from_the_day_of_booking() -> None:
    early = Rates("KRW", 100_000, discounts=(Discount("early_bird", 30, 500),))
    old = agreed(early)
    assert one_discount(old, early, stay(1, 3)) is not None
    assert one_discount(old, Rates("KRW", 100_000), stay(-20, 3)) is None  # sooner, and given no more: not provable
    assert one_discount(old, Rates("KRW", 100_000), stay(5, 3)) == Discount("early_bird", 0, 500)


@pytest.mark.parametrize(("kind", "reason"), [("night", "season"), ("night", "base"), ("discount", "last_minute")])
def test_a_frozen_line_is_read_back_with_its_reason(kind: str, reason: str) -> None:
    line = Line(kind, Money(-5 if kind == "discount" else 5), reason, FIRST if kind == "night" else None)
    assert line_of(line.as_json()) == line  # type: ignore[arg-type]


shares = st.integers(0, 9_999)
prices = st.integers(10_000, 900_000)
kinds = st.sampled_from(["length_of_stay", "early_bird", "last_minute"])
discounts = st.lists(st.builds(Discount, kinds, st.integers(0, 60), shares), max_size=3).map(tuple)
rates = st.builds(
    Rates,
    st.just("KRW"),
    prices,
    weekend_minor=st.none() | prices,
    cleaning_minor=st.integers(0, 90_000),
    extra_guest_minor=st.integers(0, 30_000),
    included_guests=st.integers(0, 3),
    discounts=discounts,
)


@settings(max_examples=200, deadline=None)
@given(rates, rates, st.integers(1, 12), st.integers(-15, 15), st.integers(1, 12), st.integers(1, 5), st.integers(1, 5))
def test_lines_sum_and_kept_nights_are_kept(
    then: Rates, now: Rates, nights: int, shift: int, new_nights: int, guests: int, new_guests: int
) -> None:
    old, new = agreed(then, nights, guests), stay(shift, new_nights)
    lines = reprice(old, now, new, new_guests, guest_fee_bp=FEE)
    assert [line.date for line in lines if line.kind == "night"] == new.nights
    assert sum(line.kind == "discount" for line in lines) <= 1
    for line in lines:
        frozen = old.night(line.date) if line.kind == "night" and line.date else None
        assert frozen is None or frozen == line
    gross, off = sums(lines)["night"], sums(lines).get("discount", 0)
    assert sums(lines).get("service", 0) == Money(gross + off).share(FEE).amount_minor
    assert total([line.amount for line in lines]).amount_minor == sum(sums(lines).values()) >= 0


@settings(max_examples=100, deadline=None)
@given(rates, rates, st.integers(1, 12), st.integers(1, 5))
def test_altering_nothing_costs_nothing(then: Rates, now: Rates, nights: int, guests: int) -> None:
    """With today's discounts switched off, the same stay has the very bill that was agreed."""
    old = agreed(then, nights, guests)
    same = reprice(old, Rates("KRW", now.base_minor), old.stay, guests, guest_fee_bp=FEE)
    assert [line.as_json() for line in same] == [line.as_json() for line in old.lines]


def refused(new: Stay, guests: int = 2, *, today: date = BOOKED, begun: bool = False, by_host: bool = False) -> list:
    old = stay(0, 3)
    broken = refusals_of_change(RULES, old, new, guests, today=today, begun=begun, by_host=by_host)
    return [each.code for each in broken]


def test_the_rooms_rules_bind_a_guest_and_not_its_host() -> None:
    assert refused(stay(0, 1)) == ["min_nights"]
    assert refused(stay(0, 1), by_host=True) == []
    assert refused(stay(0, 11)) == ["max_nights"]
    assert refused(stay(0, 3), guests=5, by_host=True) == ["too_many_guests"]
    assert refused(stay(-42, 3)) == ["needs_notice"]
    assert refused(stay(-43, 3), by_host=True) == ["in_the_past"]
    assert refused(stay(400, 3)) == ["beyond_window"]


def test_a_stay_that_has_begun_only_moves_its_end() -> None:
    during = FIRST + timedelta(days=1)
    assert refused(stay(0, 4), today=during, begun=True) == []
    assert "stay_begun" in refused(stay(1, 3), today=during, begun=True)
    assert refused(stay(0, 1), today=during + timedelta(days=1), begun=True, by_host=True) == ["nights_spent"]

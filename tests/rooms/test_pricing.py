"""Prices: the reason of every night, one discount, fees, and sums that are exact."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airbnb.money import Money, total
from airbnb.stays import Stay
from rooms.pricing import Discount, Rates, best_discount, host_payout, price_stay
from rooms.queries.home import next_friday

THURSDAY = date(2026, 12, 3)


def bill(rates: Rates, nights: int = 4, guests: int = 1, first: date = THURSDAY, today: date = date(2026, 11, 25)):
    return price_stay(rates, Stay(first, first + timedelta(days=nights)), guests, today=today, guest_fee_bp=500)


def reasons(rates: Rates) -> list[str]:
    return [line.reason for line in bill(rates) if line.kind == "night"]


def test_weekend_is_friday_and_saturday_night() -> None:
    rates = Rates("KRW", 100, weekend_minor=150)
    assert reasons(rates) == ["base", "weekend", "weekend", "base"]


def test_date_goes_before_season_before_weekend_before_base() -> None:
    rates = Rates("KRW", 100, weekend_minor=150)
    friday, saturday = THURSDAY + timedelta(days=1), THURSDAY + timedelta(days=2)
    season = dict.fromkeys([friday, saturday], 200)
    rates = Rates("KRW", 100, weekend_minor=150, season_prices=season, date_prices={saturday: 90})
    nights = [(line.amount.amount_minor, line.reason) for line in bill(rates) if line.kind == "night"]
    assert nights == [(100, "base"), (200, "season"), (90, "date"), (100, "base")]


def test_the_worked_example_of_the_room_page() -> None:
    rates = Rates(
        "KRW",
        128_000,
        weekend_minor=148_000,
        cleaning_minor=30_000,
        discounts=(Discount("length_of_stay", 3, 500),),
    )
    lines = bill(rates, nights=3, first=date(2026, 10, 23), today=date(2026, 10, 1))
    assert [(line.kind, line.amount.amount_minor) for line in lines] == [
        ("night", 148_000),
        ("night", 148_000),
        ("night", 128_000),
        ("discount", -21_200),
        ("cleaning", 30_000),
        ("service", 20_140),
    ]
    assert total([line.amount for line in lines]) == Money(452_940)
    assert host_payout(lines, 300) == Money(419_816)


@pytest.mark.parametrize(
    ("nights", "ahead", "winner"),
    [
        (2, 10, None),
        (7, 10, ("length_of_stay", 1000)),
        (28, 10, ("length_of_stay", 2500)),
        (7, 60, ("early_bird", 1200)),
        (28, 60, ("length_of_stay", 2500)),
        (2, 3, ("last_minute", 700)),
        (7, 3, ("length_of_stay", 1000)),
    ],
)
def test_only_the_best_discount_counts(nights: int, ahead: int, winner: tuple[str, int] | None) -> None:
    rules = (
        Discount("length_of_stay", 7, 1000),
        Discount("length_of_stay", 28, 2500),
        Discount("early_bird", 60, 1200),
        Discount("last_minute", 3, 700),
    )
    rates = Rates("KRW", 100, discounts=rules)
    stay = Stay(THURSDAY, THURSDAY + timedelta(days=nights))
    best = best_discount(rates, stay, THURSDAY - timedelta(days=ahead))
    assert (best and (best.kind, best.share_bp)) == winner


def test_extra_guests_cost_per_night_beyond_those_included() -> None:
    rates = Rates("KRW", 100_000, extra_guest_minor=10_000, included_guests=2)
    extra = {
        guests: [line.amount.amount_minor for line in bill(rates, 3, guests) if line.kind == "extra_guest"]
        for guests in (1, 2, 3, 5)
    }
    assert extra == {1: [], 2: [], 3: [30_000], 5: [90_000]}


def test_labels_are_in_both_languages() -> None:
    night, *_rest = bill(Rates("KRW", 100, weekend_minor=1), 1, first=date(2026, 12, 25))
    assert night.label_i18n == {"ko": "12월 25일 밤 (주말 요금)", "en": "Night of 25 Dec (weekend price)"}


money = st.integers(0, 10**9)
rates_of_all_sorts = st.builds(
    Rates,
    currency=st.sampled_from(["KRW", "USD"]),
    base_minor=money,
    weekend_minor=st.none() | money,
    cleaning_minor=money,
    extra_guest_minor=money,
    included_guests=st.integers(0, 4),
    date_prices=st.dictionaries(st.dates(date(2026, 12, 1), date(2026, 12, 31)), money, max_size=5),
    season_prices=st.dictionaries(st.dates(date(2026, 12, 1), date(2026, 12, 31)), money, max_size=5),
    discounts=st.lists(
        st.builds(
            Discount,
            kind=st.sampled_from(["length_of_stay", "early_bird", "last_minute"]),
            threshold=st.integers(0, 60),
            share_bp=st.integers(1, 9000),
        ),
        max_size=4,
    ).map(tuple),
)


@given(rates_of_all_sorts, st.integers(1, 40), st.integers(1, 8), st.integers(0, 400))
def test_lines_add_up_whatever_the_rates(rates: Rates, nights: int, guests: int, ahead: int) -> None:
    stay = Stay(date(2026, 12, 1), date(2026, 12, 1) + timedelta(days=nights))
    lines = price_stay(rates, stay, guests, today=stay.check_in - timedelta(days=ahead), guest_fee_bp=500)
    sums = {
        kind: sum(line.amount.amount_minor for line in lines if line.kind == kind)
        for kind in ("night", "discount", "cleaning", "extra_guest", "service")
    }
    whole = total([line.amount for line in lines], rates.currency)
    assert whole.amount_minor == sum(sums.values())
    assert [line.date for line in lines if line.kind == "night"] == stay.nights
    assert -sums["night"] <= sums["discount"] <= 0
    assert sum(line.kind == "discount" for line in lines) <= 1
    assert sums["service"] == Money(sums["night"] + sums["discount"]).share(500).amount_minor
    assert Money(0, rates.currency) <= host_payout(lines, 300) <= whole


@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)))
def test_the_coming_friday_can_always_be_booked_with_a_days_notice(today: date) -> None:
    friday = next_friday(today)
    assert friday.isoweekday() == 5
    assert 1 <= (friday - today).days <= 7

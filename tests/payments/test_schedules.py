"""When hosts are paid and how much each time: rules without a database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airbnb.money import Money
from payments import ledger
from payments.schedules import Split, instalments, spread, taken_back

CHECK_IN = date(2027, 3, 1)
AT = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)  # 15:00 in Seoul


def nights_of(nights: int) -> list[tuple[int, int]]:
    planned = instalments(CHECK_IN, CHECK_IN + timedelta(days=nights), AT, "Asia/Seoul")
    return [(each.nights, (each.due_at - AT).days) for each in planned]


@pytest.mark.parametrize(
    ("nights", "parts"),
    [
        (1, [(1, 1)]),
        (27, [(27, 1)]),
        (28, [(28, 1)]),
        (30, [(30, 1)]),
        (31, [(30, 1), (1, 31)]),
        (65, [(30, 1), (30, 31), (5, 61)]),
    ],
)
def test_long_stays_are_paid_in_instalments_of_thirty_nights(nights: int, parts: list[tuple[int, int]]) -> None:
    assert nights_of(nights) == parts


def test_an_instalment_begins_at_the_rooms_own_check_in_time() -> None:
    """In New York the clocks change on 14 March 2027: a later instalment keeps the time of day, not the offset."""
    at = datetime(2027, 3, 1, 20, 0, tzinfo=UTC)  # 15:00
    second = instalments(CHECK_IN, CHECK_IN + timedelta(days=40), at, "America/New_York")[1]
    assert (second.due_at - timedelta(hours=24)).astimezone(UTC) == datetime(2027, 3, 31, 19, 0, tzinfo=UTC)


def test_a_day_is_twenty_four_hours_even_when_the_clocks_change() -> None:
    at = datetime(2027, 3, 13, 20, 0, tzinfo=UTC)  # 15:00 in New York, hours before the night that lacks one
    first = instalments(date(2027, 3, 13), date(2027, 3, 15), at, "America/New_York")[0]
    assert first.due_at.astimezone(UTC) - at == timedelta(hours=24)


amounts = st.integers(min_value=0, max_value=10**9)
splits = st.tuples(amounts, amounts, amounts).map(lambda each: Split(sum(each), each[1], each[2]))


@given(whole=splits, nights=st.lists(st.integers(min_value=1, max_value=30), min_size=1, max_size=13))
def test_the_parts_sum_to_the_whole_and_none_is_below_zero(whole: Split, nights: list[int]) -> None:
    parts = spread(whole, nights)
    assert sum(parts, Split()) == whole
    assert all(min(each.gross, each.host, each.tax) >= 0 for each in parts)
    assert all(each.fees >= -1 for each in parts), "rounding moves one unit at most"


def test_what_a_division_leaves_over_goes_to_the_later_part() -> None:
    assert spread(Split(100, 100), [30, 30, 30]) == [Split(33, 33), Split(33, 33), Split(34, 34)]


@given(released=splits, kept=splits, amount=st.integers(min_value=1, max_value=10**9))
def test_a_host_never_bears_more_than_was_released_beyond_what_is_kept(
    released: Split, kept: Split, amount: int
) -> None:
    back = taken_back(released, kept, amount)
    assert back.gross == amount
    assert 0 <= back.host <= max(0, released.host - kept.host)
    assert 0 <= back.tax <= max(0, released.tax - kept.tax)
    assert back.fees >= 0


@given(part=splits, held=st.integers(min_value=1, max_value=10**9), amount=st.integers(min_value=1, max_value=10**9))
def test_every_posting_of_a_payout_sums_to_zero(part: Split, held: int, amount: int) -> None:
    back = taken_back(part, Split(), amount)
    for entries in (
        ledger.released(Money(held), part, 7),
        ledger.refund_promised(Money(amount), back=back, host_id=7),
        ledger.payout_begun(Money(amount), 7),
        ledger.payout_settled(Money(amount), "stripe"),
        ledger.payout_failed(Money(amount), 7),
    ):
        assert sum(each.amount.amount_minor for each in entries) == 0
        assert all(not each.amount.is_zero for each in entries)

"""Money, stays, codes and the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from airbnb import clock, db, http
from airbnb.codes import new_code, new_id
from airbnb.money import CurrencyMismatch, Money, total
from airbnb.stays import InvalidStay, Stay

sums = st.integers(-(10**12), 10**12)
days = st.dates(date(2020, 1, 1), date(2040, 1, 1))


@given(sums, sums)
def test_adding_and_taking_away_are_exact(a: int, b: int) -> None:
    assert Money(a) + Money(b) - Money(b) == Money(a)
    assert Money.from_json(Money(a, "USD").as_json()) == Money(a, "USD")


@given(sums, st.integers(0, 10_000))
def test_a_share_and_its_rest_make_the_whole(a: int, points: int) -> None:
    share = Money(a).share(points)
    assert share + (Money(a) - share) == Money(a)
    assert abs(share.amount_minor * 10_000 - a * points) <= 5_000
    assert (-Money(a)).share(points) == -share


def test_currencies_do_not_mix_and_fractions_are_no_money() -> None:
    with pytest.raises(CurrencyMismatch):
        Money(1, "KRW") + Money(1, "USD")
    with pytest.raises(CurrencyMismatch):
        assert Money(1, "KRW") < Money(1, "USD")
    with pytest.raises(TypeError):
        Money(1.0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="unknown currency"):
        Money(1, "XXX")
    assert total([], "USD") == Money(0, "USD")
    assert total([Money(1), Money(2)]) == Money(3)


@given(days, st.integers(1, 60), days, st.integers(1, 60))
def test_stays_overlap_exactly_when_they_share_a_night(a: date, n: int, b: date, m: int) -> None:
    one, two = Stay(a, a + timedelta(days=n)), Stay(b, b + timedelta(days=m))
    assert one.overlaps(two) == bool(set(one.nights) & set(two.nights)) == two.overlaps(one)
    assert len(one.nights) == one.length == n


def test_a_check_out_and_a_check_in_share_a_day() -> None:
    first = Stay(date(2027, 1, 1), date(2027, 1, 3))
    assert not first.overlaps(Stay(date(2027, 1, 3), date(2027, 1, 4)))
    for wrong in (date(2027, 1, 1), date(2026, 12, 31)):
        with pytest.raises(InvalidStay):
            Stay(date(2027, 1, 1), wrong)


def test_codes_can_be_read_out_and_ids_sort_by_time() -> None:
    codes = {new_code("BB") for _ in range(1000)}
    assert len(codes) == 1000
    assert not set("".join(codes)[2:]) & set("ILOUilou")
    first = new_id()
    assert first.version == 7
    ids = [new_id() for _ in range(50)]
    assert all(isinstance(each, UUID) for each in ids)
    assert ids[-1].int >> 80 >= first.int >> 80


@pytest.mark.django_db
def test_the_database_tells_the_time_and_tests_can_move_it() -> None:
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
    moment = datetime(2027, 3, 1, 12, tzinfo=UTC)
    with clock.frozen(moment):
        assert clock.now() == moment
        with clock.shifted(timedelta(hours=1)):
            assert clock.now() == moment + timedelta(hours=1)
    with clock.shifted(timedelta(days=1)):
        assert clock.now() - datetime.now(UTC) > timedelta(hours=23)


@pytest.mark.parametrize(
    ("zone", "utc"),
    [
        ("Asia/Seoul", datetime(2027, 7, 1, 6, tzinfo=UTC)),
        ("Asia/Kathmandu", datetime(2027, 7, 1, 9, 15, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2027, 7, 1, 4, 30, tzinfo=UTC)),
        ("America/New_York", datetime(2027, 7, 1, 19, tzinfo=UTC)),
    ],
)
def test_a_time_of_day_is_read_in_the_rooms_zone(zone: str, utc: datetime) -> None:
    assert clock.at_local(date(2027, 7, 1), "15:00", zone) == utc
    assert clock.today_in(zone, utc) == date(2027, 7, 1)


@pytest.mark.django_db(transaction=True)
def test_nothing_goes_out_while_a_transaction_is_open() -> None:
    """The control: outside a transaction the same call gets as far as the network."""
    import httpx

    with http.client("somewhere", timeout_s=0.2) as client:
        with transaction.atomic(), pytest.raises(db.NetworkInTransaction):
            client.get("http://127.0.0.1:9/")
        with pytest.raises(httpx.ConnectError):
            client.get("http://127.0.0.1:9/")


@pytest.mark.django_db(transaction=True)
def test_locks_need_a_transaction() -> None:
    with pytest.raises(db.NoTransaction):
        db.reservation_lock("BB1")
    with transaction.atomic():
        db.lock("b", "a", "a")

"""The refund rules of domain.md, section 6: every policy, each side of each deadline."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from airbnb.money import Money
from reservations.cancellation import POLICIES, Agreement, refund_for, steps_of
from reservations.holidays import is_holiday, is_peak, is_weekend_night

SEOUL = ZoneInfo("Asia/Seoul")
MOMENT = timedelta(microseconds=1)


def line(kind: str, amount: int, day: date | None = None) -> dict:
    return {
        "kind": kind,
        "date": day.isoformat() if day else None,
        "label_i18n": {"ko": kind, "en": kind},
        "amount": {"amount": amount, "currency": "KRW"},
    }


def agreement(
    policy: str,
    check_in: date = date(2027, 4, 12),
    nights: int = 3,
    confirmed: datetime | None = None,
    extras: tuple[dict, ...] = (),
    zone: str = "Asia/Seoul",
) -> Agreement:
    days = [check_in + timedelta(days=n) for n in range(nights)]
    local = ZoneInfo(zone)
    return Agreement(
        policy=policy,
        check_in=check_in,
        check_out=check_in + timedelta(days=nights),
        check_in_at=datetime(check_in.year, check_in.month, check_in.day, 15, tzinfo=local),
        time_zone=zone,
        confirmed_at=confirmed or datetime(2027, 1, 4, 3, tzinfo=UTC),
        lines=(
            *(line("night", 100_000, day) for day in days),
            line("cleaning", 30_000),
            line("service", 16_500),
            *extras,
        ),
        currency="KRW",
    )


PAID = 346_500


def back(terms: Agreement, at: datetime, by: str = "guest") -> int:
    return refund_for(terms, at=at, by=by).amount.amount_minor


def before(terms: Agreement, **away: float) -> datetime:
    return terms.check_in_at - timedelta(**away)


def test_flexible_gives_everything_until_24_hours_before_check_in() -> None:
    terms = agreement("flexible")
    assert back(terms, before(terms, hours=24)) == PAID
    # then the first night is kept, the cleaning is not needed, the service fee stays
    assert back(terms, before(terms, hours=24) + MOMENT) == 200_000 + 30_000
    assert back(terms, before(terms) - MOMENT) == 200_000 + 30_000


def test_flexible_after_check_in_keeps_nights_spent_and_one_more() -> None:
    terms = agreement("flexible")
    assert back(terms, terms.check_in_at) == 200_000
    assert back(terms, terms.check_in_at + timedelta(hours=24)) == 100_000
    assert back(terms, terms.check_in_at + timedelta(hours=48)) == 0


def test_moderate_keeps_the_first_night_and_half_of_the_others_within_five_days() -> None:
    terms = agreement("moderate")
    assert back(terms, before(terms, days=5)) == PAID
    assert back(terms, before(terms, days=5) + MOMENT) == 100_000 + 30_000
    assert back(terms, terms.check_in_at + timedelta(hours=24)) == 50_000


@pytest.mark.parametrize(("policy", "full", "half"), [("limited", 14, 7), ("firm", 30, 7)])
def test_limited_and_firm_fall_to_half_and_to_nothing(policy: str, full: int, half: int) -> None:
    terms = agreement(policy)
    assert back(terms, before(terms, days=full)) == PAID
    assert back(terms, before(terms, days=full) + MOMENT) == 150_000 + 30_000
    assert back(terms, before(terms, days=half)) == 150_000 + 30_000
    assert back(terms, before(terms, days=half) + MOMENT) == 30_000
    assert back(terms, terms.check_in_at + MOMENT) == 0


def test_non_refundable_gives_back_only_cleaning_and_only_before_the_stay() -> None:
    terms = agreement("non-refundable")
    assert back(terms, before(terms, days=60)) == 30_000
    assert back(terms, terms.check_in_at) == 0


@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_24_hours_after_confirmation_everything_comes_back_if_check_in_is_a_week_away(policy: str) -> None:
    start = date(2027, 7, 20)
    terms = agreement(policy, start, confirmed=datetime(2027, 7, 13, 15, tzinfo=SEOUL))
    at_the_end = refund_for(terms, at=terms.confirmed_at + timedelta(hours=24))
    assert at_the_end.amount.amount_minor == PAID
    assert back(terms, terms.confirmed_at + timedelta(hours=24) + MOMENT) <= PAID
    late = agreement("non-refundable", start, confirmed=datetime(2027, 7, 13, 15, tzinfo=SEOUL) + MOMENT)
    assert back(late, late.confirmed_at) == 30_000


def test_the_best_rule_wins_and_is_named() -> None:
    terms = agreement("firm", confirmed=datetime(2027, 4, 1, tzinfo=UTC))
    grace = refund_for(terms, at=terms.confirmed_at + timedelta(hours=1))
    assert (grace.rule, grace.amount.amount_minor) == ("grace_24h", PAID)
    later = refund_for(terms, at=terms.confirmed_at + timedelta(hours=25))
    assert (later.rule, later.amount.amount_minor) == ("firm", 180_000)


@pytest.mark.parametrize("by", ["host", "operator"])
@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_host_and_operator_give_everything_even_in_the_stay(policy: str, by: str) -> None:
    terms = agreement(policy)
    refund = refund_for(terms, at=terms.check_in_at + timedelta(days=2), by=by)
    assert (refund.amount.amount_minor, refund.rule) == (PAID, f"cancelled_by_{by}")


# 2027-08-02 is a Monday in peak season, 2027-08-06 a Friday; 2027-04-12 a Monday off peak, 2027-04-16 a Friday.
PEAK = {
    10: (0, 0),
    9: (10, 20),
    7: (10, 20),
    6: (30, 40),
    5: (30, 40),
    4: (50, 60),
    3: (50, 60),
    2: (80, 90),
    1: (80, 90),
    0: (80, 90),
}
OFF_PEAK = {10: (0, 0), 2: (0, 0), 1: (10, 20), 0: (20, 30)}


@pytest.mark.parametrize("days", sorted(PEAK))
@pytest.mark.parametrize(("start", "column"), [(date(2027, 8, 2), 0), (date(2027, 8, 6), 1)])
def test_korea_standard_in_peak_season(days: int, start: date, column: int) -> None:
    terms = agreement("korea-standard", start)
    at = datetime(start.year, start.month, start.day, 0, 30, tzinfo=SEOUL) - timedelta(days=days)
    share = 100 - PEAK[days][column]
    assert back(terms, at) == 3_000 * share + 165 * share + 30_000


@pytest.mark.parametrize("days", sorted(OFF_PEAK))
@pytest.mark.parametrize(("start", "column"), [(date(2027, 4, 12), 0), (date(2027, 4, 16), 1)])
def test_korea_standard_off_peak(days: int, start: date, column: int) -> None:
    terms = agreement("korea-standard", start)
    at = datetime(start.year, start.month, start.day, 0, 30, tzinfo=SEOUL) - timedelta(days=days)
    share = 100 - OFF_PEAK[days][column]
    assert back(terms, at) == 3_000 * share + 165 * share + 30_000


def test_korea_standard_days_change_at_midnight_in_the_zone_of_the_room() -> None:
    terms = agreement("korea-standard")
    last_free = datetime(2027, 4, 10, 23, 59, 59, 999_999, tzinfo=SEOUL)
    assert back(terms, last_free) == PAID
    assert back(terms, last_free + MOMENT) < PAID


def test_korea_standard_not_arriving_is_a_same_day_cancellation_and_spent_nights_are_kept() -> None:
    terms = agreement("korea-standard")
    assert back(terms, datetime(2027, 4, 12, 23, tzinfo=SEOUL)) == 240_000 + 13_200 + 24_000
    assert back(terms, datetime(2027, 4, 13, 9, tzinfo=SEOUL)) == 160_000


def test_korea_standard_is_free_for_a_day_but_never_on_the_day_of_the_stay() -> None:
    start = date(2027, 8, 2)
    terms = agreement("korea-standard", start, confirmed=datetime(2027, 7, 30, 12, tzinfo=SEOUL))
    free = refund_for(terms, at=terms.confirmed_at + timedelta(hours=23))
    assert (free.amount.amount_minor, free.rule) == (PAID, "korea_free_day")
    assert back(terms, terms.confirmed_at + timedelta(hours=24)) < PAID
    eve = agreement("korea-standard", start, confirmed=datetime(2027, 8, 1, 20, tzinfo=SEOUL))
    assert back(eve, datetime(2027, 8, 1, 23, 59, tzinfo=SEOUL)) == PAID
    assert back(eve, datetime(2027, 8, 2, 0, 0, tzinfo=SEOUL)) < PAID


def test_seasons_weekends_and_eves_of_holidays() -> None:
    assert [is_peak(date(2027, *day)) for day in ((7, 14), (7, 15), (8, 24), (8, 25), (12, 19), (12, 20))] == [
        False, True, True, False, False, True,
    ]  # fmt: skip
    assert is_peak(date(2027, 2, 20))
    assert not is_peak(date(2027, 2, 21))
    assert is_holiday(date(2027, 2, 7))
    assert is_weekend_night(date(2027, 9, 13))  # Monday, before Chuseok
    assert is_weekend_night(date(2027, 4, 17))  # Saturday
    assert not is_weekend_night(date(2027, 4, 18))


def test_discount_and_extra_guests_follow_the_nights() -> None:
    terms = agreement("limited", extras=(line("discount", -30_000), line("extra_guest", 60_000)))
    refund = refund_for(terms, at=before(terms, days=10))
    by_kind = {each["kind"]: each["amount"]["amount"] for each in refund.lines if each["kind"] != "night"}
    assert by_kind == {"cleaning": 30_000, "discount": -15_000, "extra_guest": 30_000}
    assert refund.amount == Money(195_000)


def test_service_fee_comes_back_only_with_everything() -> None:
    terms = agreement("moderate")
    kinds = lambda at: {each["kind"] for each in refund_for(terms, at=at).lines}  # noqa: E731
    assert "service" in kinds(before(terms, days=6))
    assert "service" not in kinds(before(terms, days=4))


@pytest.mark.parametrize("policy", sorted(POLICIES))
@pytest.mark.parametrize("extras", [(), (line("discount", -299_999),), (line("tax", 33_333), line("discount", -7))])
def test_a_refund_is_never_below_nothing_nor_above_what_was_paid_and_only_falls(policy: str, extras: tuple) -> None:
    terms = agreement(policy, date(2027, 7, 30), nights=5, extras=extras)
    previous = terms.paid.amount_minor
    for hour in range(-24 * 40, 24 * 5, 5):
        refund = refund_for(terms, at=terms.check_in_at + timedelta(hours=hour))
        assert 0 <= refund.amount.amount_minor <= terms.paid.amount_minor
        assert sum(each["amount"]["amount"] for each in refund.lines) == refund.amount.amount_minor
        assert refund.amount.amount_minor <= previous
        previous = refund.amount.amount_minor


@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_the_steps_say_exactly_what_the_function_does(policy: str) -> None:
    terms = agreement(policy, date(2027, 8, 6), confirmed=datetime(2027, 6, 1, 9, tzinfo=UTC))
    steps = steps_of(terms)
    assert steps[-1].until is None
    assert [step.amount for step in steps] == sorted((step.amount for step in steps), reverse=True)
    start = terms.confirmed_at
    for step in steps[:-1]:
        assert step.until is not None
        middle = start + (step.until - start) / 2
        assert refund_for(terms, at=middle).amount == step.amount
        assert refund_for(terms, at=step.until + MOMENT).amount < step.amount
        start = step.until
    assert {step.note for step in steps} <= {"everything", "part", "nothing"}


def test_deadlines_keep_the_clock_time_over_a_change_of_clocks() -> None:
    # Berlin's clocks go forward on 2027-03-28: five days before 15:00 on the 30th is 15:00 on the 25th, local time.
    terms = agreement("moderate", date(2027, 3, 30), zone="Europe/Berlin")
    deadline = datetime(2027, 3, 25, 15, tzinfo=ZoneInfo("Europe/Berlin"))
    assert back(terms, deadline) == PAID
    assert back(terms, deadline + MOMENT) < PAID

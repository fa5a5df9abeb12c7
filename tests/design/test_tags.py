"""Sums, days and words as people read them, in both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.template import engines
from django.utils import timezone, translation

from airbnb import clock
from airbnb.money import Money
from airbnb.templatetags import dates, money, texts


def written(source: str, language: str, **values: object) -> str:
    """A snippet of a template in a language."""
    with translation.override(language):
        return engines["django"].from_string(source).render(values)


@pytest.mark.parametrize(
    ("sum_", "ko", "en"),
    [
        (Money(452940), "₩452,940", "₩452,940"),
        (Money(0), "₩0", "₩0"),
        (Money(-21200), "−₩21,200", "−₩21,200"),
        (Money(1250, "USD"), "US$12.50", "US$12.50"),
        (Money(-5, "USD"), "−US$0.05", "−US$0.05"),
        (Money(99900, "JPY"), "JP¥99,900", "JP¥99,900"),
        (Money(1000, "EUR"), "€10.00", "€10.00"),
    ],
)
def test_money_has_its_sign_and_its_minor_units(sum_: Money, ko: str, en: str) -> None:
    assert written("{{ m|money }}", "ko", m=sum_) == ko
    assert written("{{ m|money }}", "en", m=sum_) == en


@pytest.mark.parametrize("value", [(452940, "KRW"), {"amount": 452940, "currency": "KRW"}, Money(452940)])
def test_money_is_read_from_each_shape_templates_hold(value: object) -> None:
    assert written("{{ m|money }}", "ko", m=value) == "₩452,940"


def test_what_is_no_sum_is_written_as_nothing() -> None:
    assert written("[{{ m|money }}{{ m|money_short }}{{ m|money_cell }}]", "ko", m=None) == "[]"


@pytest.mark.parametrize(
    ("minor", "ko", "en"),
    [
        (9500, "₩9,500", "₩10k"),
        (452940, "₩45.3만", "₩453k"),
        (170000, "₩17.0만", "₩170k"),
        (23_140_000, "₩2,314만", "₩23.1M"),
        (120_000_000, "₩1.2억", "₩120.0M"),
        (900, "₩900", "₩900"),
    ],
)
def test_short_sums_count_in_the_readers_way(minor: int, ko: str, en: str) -> None:
    assert money.write_short(Money(minor), "ko") == ko
    assert money.write_short(Money(minor), "en") == en


def test_calendar_cells_leave_the_currency_out() -> None:
    assert written("{{ m|money_cell }}", "ko", m=Money(128000)) == "12.8만"
    assert written("{{ m|money_cell }}", "en", m=Money(128000)) == "128k"


def test_days_carry_their_weekday() -> None:
    on = date(2026, 10, 23)
    assert written("{{ d|day }}/{{ d|day_short }}/{{ d|day_year }}", "ko", d=on) == (
        "10월 23일(금)/10.23 금/2026년 10월 23일(금)"
    )
    assert written("{{ d|day }}/{{ d|day_short }}/{{ d|day_year }}", "en", d=on) == (
        "Fri 23 Oct/Fri 23 Oct/Fri 23 Oct 2026"
    )
    assert written("{{ d|day }}", "ko", d="2026-10-25") == "10월 25일(일)"
    assert written("{{ d|month_name }}", "en", d=on) == "October 2026"


def test_moments_are_told_in_the_zone_of_the_room() -> None:
    at = datetime(2026, 10, 18, 6, 0, tzinfo=UTC)
    assert written('{{ at|moment:"Asia/Seoul" }}', "ko", at=at) == "10월 18일(일) 15:00"
    assert written('{{ at|moment:"Asia/Seoul" }}', "en", at=at) == "Sun 18 Oct, 15:00"
    assert written('{{ at|moment:"Europe/Lisbon" }}', "en", at=at) == "Sun 18 Oct, 07:00"
    assert written('{{ at|clock_time:"Asia/Seoul" }}', "ko", at=at) == "15:00"
    late = datetime(2026, 10, 18, 16, 0, tzinfo=UTC)  # already Monday in Seoul
    assert written('{{ at|moment:"Asia/Seoul" }}', "en", at=late) == "Mon 19 Oct, 01:00"


@pytest.mark.parametrize(
    ("left", "shown"),
    [
        (timedelta(seconds=-5), "0:00"),
        (timedelta(0), "0:00"),
        (timedelta(milliseconds=1), "0:01"),
        (timedelta(minutes=14, seconds=59), "14:59"),
        (timedelta(minutes=59, seconds=59, milliseconds=500), "1:00:00"),
        (timedelta(hours=23, minutes=5, seconds=9), "23:05:09"),
        (timedelta(hours=48), "48:00:00"),
    ],
)
def test_the_time_left_is_written_to_the_second(left: timedelta, shown: str) -> None:
    now = datetime(2026, 10, 18, 6, 0, tzinfo=UTC)
    with clock.frozen(now):
        assert written("{{ at|time_left }}", "en", at=now + left) == shown
        assert written("{% server_now %}", "en") == "2026-10-18T06:00:00.000+00:00"
    assert written("{{ at|time_left }}", "en", at=None) == ""


def test_a_deadline_names_its_day_when_that_is_not_today() -> None:
    evening = datetime(2026, 10, 18, 14, 50, tzinfo=UTC)  # ten to midnight in Seoul
    with clock.frozen(evening):
        source = '{{ at|deadline:"Asia/Seoul" }}'
        assert written(source, "en", at=evening + timedelta(minutes=5)) == "23:55"
        assert written(source, "en", at=evening + timedelta(minutes=15)) == "Mon 19 Oct, 00:05"
        assert written(source, "ko", at=evening + timedelta(minutes=15)) == "10월 19일(월) 00:05"
        assert written('{{ at|deadline:"Europe/Lisbon" }}', "en", at=evening + timedelta(minutes=15)) == "16:05"


def test_a_stay_names_its_month_once() -> None:
    source = "{% stay_range a b %}"
    assert written(source, "ko", a=date(2026, 10, 23), b=date(2026, 10, 26)) == "10월 23일(금) – 26일(월)"
    assert written(source, "en", a=date(2026, 10, 23), b=date(2026, 10, 26)) == "Fri 23 – Mon 26 Oct"
    assert written(source, "ko", a=date(2026, 10, 30), b=date(2026, 11, 2)) == "10월 30일(금) – 11월 2일(월)"
    assert written(source, "en", a=date(2026, 12, 30), b=date(2027, 1, 2)) == "Wed 30 Dec – Sat 2 Jan"


def test_nights_are_counted_between_the_days() -> None:
    source = "{% stay_length a b %}"
    assert written(source, "ko", a=date(2026, 10, 23), b=date(2026, 10, 26)) == "3박"
    assert written(source, "en", a=date(2026, 10, 23), b=date(2026, 10, 24)) == "1 night"


def test_a_long_stay_folds_its_middle_and_loses_no_night() -> None:
    cells = dates.night_cells(date(2026, 10, 23), date(2026, 11, 10))
    days = [cell for cell in cells if isinstance(cell, date)]
    folded = [cell for cell in cells if not isinstance(cell, date)]
    assert len(days) + sum(folded) == 18
    assert (days[0], days[-1]) == (date(2026, 10, 23), date(2026, 11, 9))


@pytest.mark.parametrize(("year", "month"), [(2026, 2), (2026, 10), (2026, 11), (2028, 2)])
def test_weeks_begin_on_sunday_and_hold_each_day_once(year: int, month: int) -> None:
    first = date(year, month, 1)
    days = [{"date": first + timedelta(n)} for n in range(31) if (first + timedelta(n)).month == month]
    rows = dates.weeks(days)
    assert all(len(row) == 7 for row in rows)
    assert [cell for row in rows for cell in row if cell] == days
    for row in rows:
        for column, cell in enumerate(row):
            assert cell is None or (cell["date"].weekday() + 1) % 7 == column


def test_how_long_ago_is_told_until_a_week_has_gone() -> None:
    now = timezone.now()
    assert written("{{ at|ago }}", "ko", at=now) == "방금"
    assert written("{{ at|ago }}", "ko", at=now - timedelta(minutes=5)) == "5분 전"
    assert written("{{ at|ago }}", "en", at=now - timedelta(hours=3)) == "3 hours ago"
    old = now - timedelta(days=20)
    assert written("{{ at|ago }}", "en", at=old) == dates.write_day(dates.as_moment(old).date(), "en")


@pytest.mark.parametrize(
    ("word", "pair", "right"),
    [
        ("느티채", "을/를", "느티채를"),
        ("귤밭 돌집", "을/를", "귤밭 돌집을"),
        ("서울", "으로/로", "서울로"),
        ("부산", "으로/로", "부산으로"),
        ("제주", "으로/로", "제주로"),
        ("서윤", "이/가", "서윤이"),
        ("정미", "은/는", "정미는"),
        ("Maya", "이/가", "Maya가"),
        ("Tom", "을/를", "Tom을"),
        ("Paul", "으로/로", "Paul로"),
        ("방 3", "을/를", "방 3을"),
        ("방 2", "을/를", "방 2를"),
        ("돌집(별채)", "은/는", "돌집(별채)는"),
        ("★", "을/를", "★을(를)"),
    ],
)
def test_particles_follow_how_the_word_ends(word: str, pair: str, right: str) -> None:
    with translation.override("ko"):
        assert texts.josa(word, pair) == right
    with translation.override("en"):
        assert texts.josa(word, pair) == word


def test_a_text_falls_back_to_the_other_language_and_says_so() -> None:
    both, only_ko = {"ko": "느티채", "en": "Zelkova House"}, {"ko": "느티채", "en": ""}
    assert written("{{ t|in_language }}[{{ t|other_language }}]", "en", t=both) == "Zelkova House[]"
    assert written("{{ t|in_language }}[{{ t|other_language }}]", "en", t=only_ko) == "느티채[ko]"
    assert written("{{ t|in_language }}[{{ t|other_language }}]", "ko", t=only_ko) == "느티채[]"

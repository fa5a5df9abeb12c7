"""Why a stay is refused: each rule at its edge."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from airbnb.stays import Stay
from rooms.stay_rules import REASONS, Rules, reason, refusals

TODAY = date(2026, 11, 25)
RULES = Rules(listed=True, capacity=4, min_nights=2, max_nights=10, notice_days=1, window_days=90)


def codes(ahead: int, nights: int, guests: int = 2, taken: bool = False, rules: Rules = RULES) -> list[str]:
    first = TODAY + timedelta(days=ahead)
    stay = Stay(first, first + timedelta(days=nights))
    return [each.code for each in refusals(rules, stay, guests, today=TODAY, taken=taken)]


@pytest.mark.parametrize(
    ("ahead", "nights", "expected"),
    [
        (-1, 3, ["in_the_past"]),
        (0, 3, ["needs_notice"]),
        (1, 2, []),
        (5, 1, ["min_nights"]),
        (5, 10, []),
        (5, 11, ["max_nights"]),
        (80, 10, []),
        (81, 10, ["beyond_window"]),
    ],
)
def test_dates_and_lengths_at_their_edges(ahead: int, nights: int, expected: list[str]) -> None:
    assert codes(ahead, nights) == expected


@pytest.mark.parametrize(("guests", "expected"), [(0, ["no_guests"]), (4, []), (5, ["too_many_guests"])])
def test_guests(guests: int, expected: list[str]) -> None:
    assert codes(5, 3, guests) == expected


def test_no_notice_lets_guests_come_today() -> None:
    assert codes(0, 2, rules=replace(RULES, notice_days=0)) == []


def test_the_least_stay_is_judged_by_the_arrival_day_alone() -> None:
    arrival = TODAY + timedelta(days=5)
    rules = replace(RULES, day_min_nights={arrival: 4, arrival + timedelta(days=1): 1})
    assert codes(5, 3, rules=rules) == ["min_nights"]
    assert codes(6, 1, rules=rules) == []
    assert codes(4, 3, rules=rules) == []


def test_all_reasons_are_told_at_once() -> None:
    assert codes(0, 1, 9, taken=True, rules=replace(RULES, listed=False)) == [
        "not_listed",
        "needs_notice",
        "min_nights",
        "too_many_guests",
        "taken",
    ]


def test_reasons_speak_both_languages_with_their_numbers() -> None:
    assert reason("min_nights", nights=3).text_i18n == {
        "ko": "이 날 체크인하면 3박부터예요",
        "en": "At least 3 nights when arriving this day",
    }
    assert all(set(text) == {"ko", "en"} for text in REASONS.values())

"""Public holidays of Korea that make the night before them a weekend night (KFTC lodging standard)."""

from __future__ import annotations

from datetime import date, timedelta

# Fixed by the solar calendar: month and day.
_FIXED = ((1, 1), (3, 1), (5, 5), (6, 6), (8, 15), (10, 3), (10, 9), (12, 25))

# Fixed by the lunar calendar, with the substitute days announced for them: Seollal, Buddha's Birthday, Chuseok.
_MOVING = frozenset(
    date.fromisoformat(day)
    for day in [
        "2026-02-16",
        "2026-02-17",
        "2026-02-18",
        "2026-05-24",
        "2026-05-25",
        "2026-09-24",
        "2026-09-25",
        "2026-09-26",
        "2027-02-06",
        "2027-02-07",
        "2027-02-08",
        "2027-02-09",
        "2027-05-13",
        "2027-09-14",
        "2027-09-15",
        "2027-09-16",
        "2028-01-26",
        "2028-01-27",
        "2028-01-28",
        "2028-05-02",
        "2028-10-02",
        "2028-10-03",
        "2028-10-04",
        "2028-10-05",
    ]
)


def is_holiday(day: date) -> bool:
    """Whether ``day`` is a public holiday in Korea."""
    return (day.month, day.day) in _FIXED or day in _MOVING


def is_weekend_night(day: date) -> bool:
    """Friday and Saturday nights, and the night before a public holiday."""
    return day.weekday() in (4, 5) or is_holiday(day + timedelta(days=1))


def is_peak(day: date) -> bool:
    """15 July to 24 August, and 20 December to 20 February, unless the host's terms differ (KFTC standard)."""
    month_day = (day.month, day.day)
    return (7, 15) <= month_day <= (8, 24) or month_day >= (12, 20) or month_day <= (2, 20)

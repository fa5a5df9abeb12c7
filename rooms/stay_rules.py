"""May this stay be booked: one set of rules for calendar, search, quote and checkout, each refusal with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from airbnb.stays import Stay
from rooms.texts import Texts, texts

# Hosts answer requests until a day before check-in at the latest, and need an hour at least: with less time than both
# there is no asking any more. The reservations keep the same day.
ANSWER_BEFORE_CHECK_IN = timedelta(hours=24)
ASKED_AHEAD = ANSWER_BEFORE_CHECK_IN + timedelta(hours=1)

REASONS: dict[str, Texts] = {
    "not_listed": texts("지금은 예약을 받지 않는 방이에요", "This room is not taking bookings now"),
    "in_the_past": texts("지난 날짜예요", "This date has passed"),
    "needs_notice": texts("적어도 {days}일 전에 예약해야 해요", "Needs booking at least {days} days ahead"),
    "needs_answer": texts(
        "호스트가 답할 시간이 필요해서 체크인 {hours}시간 전까지만 요청할 수 있어요",
        "The host needs time to answer: ask at least {hours} hours before check-in",
    ),
    "beyond_window": texts("{days}일 뒤까지만 예약을 받아요", "Bookings open {days} days ahead"),
    "min_nights": texts("이 날 체크인하면 {nights}박부터예요", "At least {nights} nights when arriving this day"),
    "max_nights": texts("{nights}박까지 머물 수 있어요", "At most {nights} nights"),
    "too_many_guests": texts("{guests}명까지 머물 수 있어요", "Sleeps at most {guests}"),
    "no_guests": texts("한 명은 머물러야 해요", "At least one guest must stay"),
    "taken": texts("이미 예약된 밤이 있어요", "Some of these nights are taken"),
    "blocked": texts("호스트가 닫은 날이에요", "Closed by the host"),
    "stay_begun": texts("이미 시작한 숙박은 체크인을 바꿀 수 없어요", "The stay has begun, its check-in stays"),
    "nights_spent": texts("이미 지난 밤은 뺄 수 없어요", "Nights that are over cannot be given back"),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why not: a stable code and a text in both languages."""

    code: str
    text_i18n: Texts


def reason(code: str, **values: int) -> Reason:
    """The reason of this code with its numbers filled in."""
    return Reason(code, {language: text.format(**values) for language, text in REASONS[code].items()})


@dataclass(frozen=True, slots=True)
class Rules:
    """A room's rules; ``day_min_nights`` holds arrival dates with a least stay of their own (most specific wins).

    ``asks_from`` is the first arrival that leaves the host of a room on request ``ask_hours`` before check-in; None
    where bookings stand at once.
    """

    listed: bool
    capacity: int
    min_nights: int
    max_nights: int
    notice_days: int
    window_days: int
    day_min_nights: Mapping[date, int] = field(default_factory=dict)
    asks_from: date | None = None
    ask_hours: int = 0

    def earliest_arrival(self, today: date) -> date:
        """Arrivals from tomorrow on by default; ``notice_days`` 0 allows the same day, where no host must answer."""
        noticed = today + timedelta(days=self.notice_days)
        return max(noticed, self.asks_from) if self.asks_from else noticed

    def too_soon(self, arrival: date, today: date) -> Reason | None:
        """Why an arrival on this day comes too early, if it does."""
        if arrival >= self.earliest_arrival(today):
            return None
        if arrival < today + timedelta(days=self.notice_days):
            return reason("needs_notice", days=self.notice_days)
        return reason("needs_answer", hours=self.ask_hours)

    def last_departure(self, today: date) -> date:
        """The last day on which a stay may end: the booking window in days from today."""
        return today + timedelta(days=self.window_days)

    def least_nights(self, arrival: date) -> int:
        """The least stay for an arrival on this day: judged by the arrival night alone."""
        return self.day_min_nights.get(arrival, self.min_nights)


def refusals(rules: Rules, stay: Stay, guests: int, *, today: date, taken: bool) -> list[Reason]:
    """Every rule the stay breaks, in the order people should hear them; empty means it can be booked."""
    broken = [] if rules.listed else [reason("not_listed")]
    broken += _by_dates(rules, stay, today) + _by_length(rules, stay) + _by_guests(rules, guests)
    return [*broken, reason("taken")] if taken else broken


def refusals_of_change(
    rules: Rules, old: Stay, new: Stay, guests: int, *, today: date, begun: bool, by_host: bool
) -> list[Reason]:
    """Every rule that an altered stay breaks; only what changes is judged, and taking the nights decides the rest.

    A host who proposes is not bound by their own least and longest stay, notice and window. ``begun``: the guest is
    in the room, so only the check-out may move, to today at the earliest.
    """
    broken = []
    if begun and new.check_in != old.check_in:
        broken.append(reason("stay_begun"))
    elif new.check_in != old.check_in and new.check_in < today:
        broken.append(reason("in_the_past"))
    if begun and new.check_out < max(today, old.check_in + timedelta(days=1)):
        broken.append(reason("nights_spent"))
    if not by_host:
        broken += _by_own_rules(rules, old, new, today, begun)
    return broken + _by_guests(rules, guests)


def _by_own_rules(rules: Rules, old: Stay, new: Stay, today: date, begun: bool) -> list[Reason]:
    """What binds a guest who proposes: notice where the arrival moves, length where it changes, window where it ends
    later, and a room that takes bookings where nights are added."""
    broken = [] if rules.listed or set(new.nights) <= set(old.nights) else [reason("not_listed")]
    if not begun and today <= new.check_in != old.check_in and new.check_in < rules.earliest_arrival(today):
        broken.append(reason("needs_notice", days=rules.notice_days))
    if new.check_out > max(old.check_out, rules.last_departure(today)):
        broken.append(reason("beyond_window", days=rules.window_days))
    return broken + (_by_length(rules, new) if (new.length, new.check_in) != (old.length, old.check_in) else [])


def _by_dates(rules: Rules, stay: Stay, today: date) -> list[Reason]:
    if stay.check_in < today:
        return [reason("in_the_past")]
    if early := rules.too_soon(stay.check_in, today):
        return [early]
    if stay.check_out > rules.last_departure(today):
        return [reason("beyond_window", days=rules.window_days)]
    return []


def _by_length(rules: Rules, stay: Stay) -> list[Reason]:
    if stay.length < rules.least_nights(stay.check_in):
        return [reason("min_nights", nights=rules.least_nights(stay.check_in))]
    return [reason("max_nights", nights=rules.max_nights)] if stay.length > rules.max_nights else []


def _by_guests(rules: Rules, guests: int) -> list[Reason]:
    if guests < 1:
        return [reason("no_guests")]
    return [reason("too_many_guests", guests=rules.capacity)] if guests > rules.capacity else []

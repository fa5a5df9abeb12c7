"""What everybody in a storm was told that is done. At the end it must be so: what is not is a lost update."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from threading import Lock
from typing import Any

from reservations.models import Alteration, Reservation
from reservations.states import LIVE
from rooms.models import DayRule, Night, Room
from tests.storms.report import Storm

Terms = tuple[date, date, int, int]

# What may have become of a reservation since somebody was told of a state.
FOLLOWS = {
    "held": {*LIVE, "expired", "declined", "cancelled"},
    "requested": {"requested", "confirmed", "declined", "expired", "cancelled"},
    "accepted": {"requested", "confirmed", "cancelled"},
    "confirmed": {"confirmed", "cancelled"},
    "expired": {"expired"},
    "declined": {"declined"},
    "cancelled": {"cancelled"},
}
# The same for a proposal of other dates or guests.
OPEN = {"proposed", "accepted", "paying"}
AFTER_PROPOSAL = {
    "proposed": {*OPEN, "applied", "declined", "withdrawn", "expired", "overtaken"},
    "accepted": {"accepted", "paying", "applied", "withdrawn", "expired", "overtaken"},
    "applied": {"applied"},
    "declined": {"declined"},
    "withdrawn": {"withdrawn"},
}


def terms_of(agreed: Any) -> Terms:
    """Of a reservation, or what a proposal would make of it."""
    return agreed.check_in, agreed.check_out, agreed.guests, agreed.total_minor


@dataclass
class Journal:
    """Each day's price, each closed day and each room's state has one writer; reservations and proposals have many."""

    prices: dict[tuple[int, date], int] = field(default_factory=dict)
    closed: dict[tuple[int, date], bool] = field(default_factory=dict)
    rooms: dict[int, str] = field(default_factory=dict)
    stays: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    proposals: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    terms: dict[str, Terms] = field(default_factory=dict)
    refunds: dict[str, int] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def stay(self, code: str, state: str) -> None:
        """Somebody was told that this reservation is in this state."""
        with self.lock:
            self.stays[code].append(state)

    def proposal(self, code: str, state: str) -> None:
        """The same of a proposal."""
        with self.lock:
            self.proposals[code].append(state)

    def compare(self, storm: Storm) -> None:
        """Every promise against its row."""
        for wrong in (*self._calendar(), *self._stays(), *self._proposals()):
            storm.complain(f"lost update: {wrong}")

    def _calendar(self) -> Iterator[str]:
        for (room, day), price in self.prices.items():
            rule = DayRule.objects.filter(room_id=room, day=day, kind=DayRule.Kind.DATE).first()
            now = rule.price_minor if rule is not None else None
            if now != price:
                yield f"room {room} on {day} costs {now}, its host was told {price}"
        for (room, day), closed in self.closed.items():
            is_closed = Night.objects.filter(room_id=room, night=day, kind=Night.Kind.BLOCKED).exists()
            if is_closed != closed:
                yield f"room {room} on {day}: closed is {is_closed}, its host was told {closed}"
        for room, status in self.rooms.items():
            state = Room.objects.get(pk=room).status
            if state != status:
                yield f"room {room} is {state}, its host was told {status}"

    def _stays(self) -> Iterator[str]:
        for stay in Reservation.objects.filter(code__in=self.stays):
            told = self.stays[stay.code]
            if any(stay.status not in FOLLOWS[each] for each in told):
                yield f"reservation {stay.code} is {stay.status}, its people were told {told}"
            due = self.refunds.get(stay.code, stay.refund_due_minor)
            if due != stay.refund_due_minor:
                yield f"reservation {stay.code}: {stay.refund_due_minor} is due back, {due} was promised"
            last = stay.alterations.filter(status="applied").order_by("-applied_revision").first()
            agreed = self.terms.get(last.code if last is not None else stay.code)
            if terms_of(stay) != agreed:
                yield f"reservation {stay.code} is {terms_of(stay)}, agreed was {agreed}"

    def _proposals(self) -> Iterator[str]:
        for one in Alteration.objects.filter(code__in=self.proposals):
            told = self.proposals[one.code]
            if any(one.status not in AFTER_PROPOSAL[each] for each in told):
                yield f"proposal {one.code} is {one.status}, its people were told {told}"

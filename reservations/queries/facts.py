"""The facts of one stay, for contexts above: reviews and notifications."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from airbnb.errors import NotFound
from airbnb.money import Money
from reservations.models import Reservation


@dataclass(frozen=True, slots=True)
class StayFacts:
    """Who stays where and when, and where the reservation stands; ``completed_at`` is None until the stay is over."""

    code: str
    status: str
    guest_id: int
    host_id: int
    room_id: int
    room_code: str
    room_slug: str
    room_title_i18n: dict[str, str]
    check_in: date
    check_out: date
    check_in_at: datetime
    check_out_at: datetime
    guests: int
    total: Money
    time_zone: str
    completed_at: datetime | None

    @property
    def nights(self) -> int:
        """How many."""
        return (self.check_out - self.check_in).days

    def has_party(self, user_id: int) -> bool:
        """Whether this person is its guest or its host."""
        return user_id in (self.guest_id, self.host_id)


_SAME = [
    "code",
    "status",
    "guest_id",
    "host_id",
    "room_id",
    "room_code",
    "room_slug",
    "room_title_i18n",
    "check_in",
    "check_out",
    "check_in_at",
    "check_out_at",
    "guests",
    "total",
    "time_zone",
    "completed_at",
]


def stay_facts(code: str) -> StayFacts:
    """By code, whatever its state; raises NotFound."""
    found = Reservation.objects.filter(code=code).first()
    if found is None:
        raise NotFound()
    return StayFacts(**{name: getattr(found, name) for name in _SAME})

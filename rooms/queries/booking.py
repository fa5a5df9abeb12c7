"""All that a hold needs to know of a room, in one statement (two more where the room has day rules and discounts)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Now

from airbnb import clock
from airbnb.errors import NotFound
from airbnb.stays import Stay
from rooms.models import Photo, Room
from rooms.queries.quoting import price
from rooms.queries.terms import Terms, terms_of, with_index
from rooms.quotes import Quote, StayRefused
from rooms.stay_rules import refusals
from rooms.texts import Texts, both

_COVER = Photo.objects.filter(room=OuterRef("pk"), state=Photo.State.READY).order_by("position", "pk")


@dataclass(frozen=True, slots=True)
class BookedRoom:
    """A room as a reservation keeps it; times "HH:MM" in its zone."""

    id: int
    code: str
    slug: str
    host_id: int
    title_i18n: Texts
    cover: dict[str, str]
    house_rules_i18n: Texts
    time_zone: str
    check_in_from: str
    check_out_until: str
    instant: bool


@dataclass(frozen=True, slots=True)
class Booking:
    """The room and its terms for one stay, and ``at``: the database's instant at which both were read."""

    room: BookedRoom
    stay: Stay
    terms: Terms
    at: datetime

    def quote(self, guests: int) -> Quote:
        """The price; raises :class:`StayRefused`. Whether the nights are free, taking them decides."""
        broken = refusals(self.terms.rules, self.stay, guests, today=self.terms.today, taken=False)
        if broken:
            raise StayRefused(broken)
        return price(self.terms, self.stay, guests)


def booking(room_id: int, stay: Stay) -> Booking:
    """What a hold of these nights is judged and priced by; raises NotFound."""
    row = (
        with_index()
        .annotate(cover_sizes=Subquery(_COVER.values("sizes")[:1]), read_at=Now())
        .filter(pk=room_id)
        .first()
    )
    if row is None:
        raise NotFound()
    at = clock.override() or row.read_at
    known = terms_of(row, stay.check_in, stay.check_out, now=at)
    return Booking(_booked(row), stay, known, at)


def _booked(row: Room) -> BookedRoom:
    sizes = getattr(row, "cover_sizes", None) or {}
    return BookedRoom(
        id=row.pk,
        code=row.code,
        slug=row.slug,
        host_id=row.host_id,
        title_i18n=both(row.title_i18n),
        cover=Photo(sizes=sizes).addresses,
        house_rules_i18n=both(row.house_rules_i18n),
        time_zone=row.time_zone,
        check_in_from=row.check_in_from.strftime("%H:%M"),
        check_out_until=row.check_out_until.strftime("%H:%M"),
        instant=row.instant_book,
    )

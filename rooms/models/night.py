"""The one guard of the calendar: a row per taken night, unique by room and night."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Self

from django.db import connection, models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from airbnb.stays import Stay
from rooms.models.index import MARK
from rooms.models.room import Room

# One statement takes all nights in date order: even without the calendar's lock two callers would meet at the first
# night they share, so neither could hold what the other waits for. A night that is taken is skipped; the caller counts.
_TAKE = """
    INSERT INTO rooms_night (room_id, night, kind, reservation, settled, note)
    SELECT %(room)s, day::date, %(kind)s, %(reservation)s, false, %(note)s
    FROM generate_series(%(first)s::date, %(last)s::date - 1, interval '1 day') AS day
    ORDER BY day
    ON CONFLICT (room_id, night) DO NOTHING
    RETURNING night
"""

# The same, and if all were free their bits in the search index, whose row the caller has locked before.
_TAKE_AND_MARK = f"""
    WITH won AS ({_TAKE}), marked AS ({MARK} AND (SELECT count(*) FROM won) = %(length)s)
    SELECT night FROM won
"""  # noqa: S608 - two statements of our own


class NightQuerySet(models.QuerySet["Night"]):
    """Taken nights by room, time and holder."""

    def of(self, room_id: int, stay: Stay) -> Self:
        """The taken nights of a room within these dates, in order."""
        return self.filter(room_id=room_id, night__gte=stay.check_in, night__lt=stay.check_out).order_by("night")

    def held_by(self, *holders: str) -> Self:
        """The nights of one reservation, or of several holders, in order."""
        return self.filter(kind=Night.Kind.RESERVED, reservation__in=holders).order_by("night")

    def reserved_from(self, day: date) -> Self:
        """Nights of reservations on or after ``day``."""
        return self.filter(kind=Night.Kind.RESERVED, night__gte=day)

    def take(self, room_id: int, stay: Stay, *, kind: str, reservation: str = "", note: str = "") -> list[date]:
        """Insert the nights that are free, in date order, in one statement; returns those that were."""
        values: dict[str, Any] = {
            "room": room_id,
            "first": stay.check_in,
            "last": stay.check_out,
            "kind": kind,
            "reservation": reservation,
            "note": note,
        }
        return self._won(_TAKE, values)

    def take_and_mark(self, room_id: int, stay: Stay, *, reservation: str) -> list[date]:
        """Take the nights for a reservation; the search index follows in the same statement if all were free."""
        values: dict[str, Any] = {
            "room": room_id,
            "first": stay.check_in,
            "last": stay.check_out,
            "length": stay.length,
            "kind": Night.Kind.RESERVED,
            "reservation": reservation,
            "note": "",
        }
        return self._won(_TAKE_AND_MARK, values)

    def _won(self, statement: str, values: dict[str, Any]) -> list[date]:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return sorted(row[0] for row in cursor.fetchall())

    def settle(self) -> int:
        """Mark nights as taken for good; returns how many were not yet."""
        return self.filter(settled=False).update(settled=True)

    def close(self, note: str) -> int:
        """Turn nights of a reservation into nights the host keeps closed."""
        return self.update(kind=Night.Kind.BLOCKED, reservation="", settled=False, note=note)


class Night(models.Model):
    """A night that cannot be sold: the date on which it begins, in the room's zone, and why."""

    class Kind(models.TextChoices):
        RESERVED = "reserved", _("Reserved")
        BLOCKED = "blocked", _("Closed by the host")
        IMPORTED = "imported", _("Taken elsewhere")
        PREPARATION = "preparation", _("Preparation")

    pk = models.CompositePrimaryKey("room_id", "night")
    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="nights")
    night = models.DateField()
    kind = models.CharField(max_length=12, choices=Kind)
    reservation = models.CharField(max_length=20, blank=True, default="")
    settled = models.BooleanField(default=False)
    note = models.CharField(max_length=200, blank=True, default="")
    taken_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[Any] = NightQuerySet.as_manager()

    class Meta:
        verbose_name = _("taken night")
        verbose_name_plural = _("taken nights")
        indexes = (models.Index(fields=["reservation"], condition=~Q(reservation=""), name="night_by_reservation"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(kind__in=["reserved", "blocked", "imported", "preparation"]), name="night_kind_known"
            ),
            models.CheckConstraint(
                condition=(Q(kind="reserved") & ~Q(reservation=""))
                | (Q(kind__in=["blocked", "imported"]) & Q(reservation=""))
                | Q(kind="preparation"),
                name="night_reserved_names_its_reservation",
            ),
            models.CheckConstraint(condition=Q(settled=False) | Q(kind="reserved"), name="night_settled_is_reserved"),
        )

    def __str__(self) -> str:
        return f"{self.night} {self.kind}"

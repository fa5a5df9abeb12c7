"""The trip: the read model that guest and host look at, made only from events."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from reservations.models.record import SELDOM, copy_of

if TYPE_CHECKING:
    from reservations.models.reservation import Reservation


# What trip and record both have; the rest of a record only its own snapshot tells.
_SHARED = (
    "status",
    "guest_id",
    "host_id",
    "room_id",
    "room_code",
    "check_in",
    "check_out",
    "time_zone",
    "guests",
    "total_minor",
    "host_payout_minor",
    "currency",
    "created_at",
)


def _instant(record: dict[str, Any], name: str) -> datetime | None:
    value = record.get(name)
    return datetime.fromisoformat(value) if value else None


class TripQuerySet(models.QuerySet["Trip"]):
    """Filters over trips. A row that has only seen payments yet belongs to nobody and is never shown."""

    def of_guest(self, user_id: int) -> Self:
        """The trips this person makes."""
        return self.filter(guest_id=user_id)

    def of_host(self, user_id: int) -> Self:
        """The stays in this person's rooms."""
        return self.filter(host_id=user_id)

    def of_role(self, user_id: int, role: str) -> Self:
        """Those in which this person is the guest, or with role "host" the host, latest first."""
        return self.filter(**{f"{role}_id": user_id}).order_by("-created_at", "-pk")

    def of_party(self, user_id: int) -> Self:
        """Either."""
        return self.filter(Q(guest_id=user_id) | Q(host_id=user_id))

    def upcoming(self, on: date) -> Self:
        """Standing or being made, and not over on that day."""
        return self.filter(status__in=["held", "paying", "requested", "confirmed", "in_stay"], check_out__gte=on)

    def past(self, on: date) -> Self:
        """All others."""
        return self.exclude(pk__in=self.upcoming(on).values("pk"))


class Trip(models.Model):
    """One reservation as it is shown: room, dates, money, and what happened, in order."""

    reservation = models.OneToOneField(
        "Reservation",
        to_field="code",
        db_column="code",
        primary_key=True,
        db_constraint=False,
        on_delete=models.DO_NOTHING,
        related_name="trip",
    )
    revision = models.PositiveIntegerField(default=0)
    status = models.CharField(max_length=10, blank=True)
    guest = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        db_constraint=False,
        db_index=False,
        on_delete=models.DO_NOTHING,
        related_name="+",
    )
    host_id = models.BigIntegerField(null=True)
    room_id = models.BigIntegerField(null=True)
    room_code = models.CharField(max_length=16, blank=True)
    room_slug = models.CharField(max_length=120, blank=True)
    room_title_i18n = models.JSONField(default=dict)
    room_cover = models.JSONField(default=dict)
    room_as_of = models.DateTimeField(null=True)
    check_in = models.DateField(null=True)
    check_out = models.DateField(null=True)
    time_zone = models.CharField(max_length=64, blank=True)
    guests = models.PositiveSmallIntegerField(default=1)
    # A request to book: whether the host is asked, until when, and since when they have said yes.
    instant = models.BooleanField(default=True, db_default=True)
    answer_by = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    total_minor = models.BigIntegerField(default=0)
    host_payout_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, default="KRW")
    payment_status = models.CharField(max_length=20, default="none")
    payment_as_of = models.DateTimeField(null=True)
    payment_rank = models.PositiveSmallIntegerField(default=0)
    action_url = models.TextField(blank=True)
    captured_minor = models.BigIntegerField(default=0)
    refund_minor = models.BigIntegerField(null=True)
    refund_rule = models.CharField(max_length=40, blank=True)
    refunded_minor = models.BigIntegerField(default=0)
    refused_minor = models.BigIntegerField(default=0)
    refund_failed = models.BooleanField(default=False)
    # The payment that made it stand, and what is known of the refunds of each payment; empty in rows of old releases.
    paid_by = models.CharField(max_length=36, blank=True, default="", db_default="")
    refunds = models.JSONField(default=dict, null=True, blank=True)
    # What each applied alteration took or gave back: {code: {"payment", "captured", "returned"}}.
    altered = models.JSONField(default=dict, null=True, blank=True)
    cancelled_by = models.CharField(max_length=10, blank=True)
    timeline = models.JSONField(default=list)
    created_at = models.DateTimeField(null=True)
    last_event_at = models.DateTimeField(null=True)
    # The record as the latest revision told it; of its long fields the latest that were told, and at which revision.
    record = models.JSONField(default=dict, null=True, blank=True)
    seldom = models.JSONField(default=dict, null=True, blank=True)
    seldom_as_of = models.JSONField(default=dict, null=True, blank=True)
    # Of the record, what lists look for.
    hold_expires_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    contact_name = models.CharField(max_length=80, blank=True, default="", db_default="")
    # Which version of the projection made the row, and how often it was written: a page that is open compares that.
    schema = models.PositiveSmallIntegerField(default=0, db_default=0)
    changes = models.PositiveIntegerField(default=0, db_default=0)

    objects: ClassVar[models.Manager[Trip]] = TripQuerySet.as_manager()

    class Meta:
        verbose_name = _("trip")
        verbose_name_plural = _("trips")
        indexes = (
            models.Index(fields=["guest_id", "-check_in"], name="trip_by_guest"),
            models.Index(fields=["host_id", "check_in"], name="trip_by_host"),
            models.Index(fields=["room_id"], name="trip_by_room"),
            models.Index(fields=["host_id", "last_event_at"], name="trip_by_host_news"),
            models.Index(fields=["schema"], name="trip_by_schema"),
        )

    def __str__(self) -> str:
        return self.reservation_id

    def keep_record(self, revision: int, record: dict[str, Any]) -> bool:
        """Take over what an event told of the record; False when something newer is known of its present state."""
        told, as_of = dict(self.seldom or {}), dict(self.seldom_as_of or {})
        for name in SELDOM & record.keys():
            if revision >= as_of.get(name, 0):
                told[name], as_of[name] = record[name], revision
        self.seldom, self.seldom_as_of = told, as_of
        self.contact_name = told.get("contact_name", "")
        if not record or revision < self.revision:
            return False
        self.record = {name: value for name, value in record.items() if name not in SELDOM}
        self.hold_expires_at, self.cancelled_at = _instant(record, "hold_expires_at"), _instant(record, "cancelled_at")
        self.host_payout_minor, self.created_at = record["host_payout_minor"], _instant(record, "created_at")
        return True

    def standing(self) -> Reservation:
        """A copy of the record as events told it, not the record: it has no number and is never saved.

        What later events of an older release told (state, dates, sum) is laid over it.
        """
        from reservations.models.reservation import Reservation

        told = {"lines": [], **(self.record or {}), **(self.seldom or {}), "code": self.pk}
        if told.get("version", 0) < self.revision:
            told |= {name: getattr(self, name) for name in _SHARED}
        copy = Reservation(
            **copy_of(told),
            room_slug=self.room_slug,
            room_title_i18n=self.room_title_i18n,
            room_cover=self.room_cover,
        )
        copy.trip = self
        if "guest" in self._state.fields_cache and self.guest is not None:
            copy.guest = self.guest
        return copy

    def note(self, entry: dict[str, str]) -> bool:
        """Add an entry to the timeline, in order of time; False when this event was noted before."""
        if any(known["id"] == entry["id"] for known in self.timeline):
            return False
        self.timeline = sorted([*self.timeline, entry], key=lambda each: (each["at"], each["id"]))
        return True

    def latest(self, event: str) -> str:
        """The id of the last thing of this kind that happened, in whatever order these were told; empty when none."""
        return next((str(each["id"]) for each in reversed(self.timeline) if each["event"] == event), "")

    def counts(self, payment_id: str) -> bool:
        """Whether the reservation stands on this payment; as long as none has made it stand, each counts."""
        return self.paid_by in ("", payment_id) or payment_id in self.own_payments

    @property
    def own_payments(self) -> set[str]:
        """The payment that made it stand and those of its alterations."""
        return {self.paid_by} | {each["payment"] for each in (self.altered or {}).values() if each["payment"]}

    def note_alteration(self, code: str, *, payment: str, difference: int) -> None:
        """Remember what an applied alteration took or gave back; again changes nothing."""
        money = {"payment": payment, "captured": max(0, difference), "returned": max(0, -difference)}
        self.altered = {**(self.altered or {}), code: money}

    def note_refund(self, payment_id: str, refund_id: str, *, at: str, minor: int, captured: int, ok: bool) -> None:
        """Remember that of a payment ``minor`` of ``captured`` has gone back by ``at`` (ISO, to the microsecond).

        Of two that went back at one instant the greater sum is the later one, in whichever order they are told.
        """
        refunds = dict(self.refunds or {})
        known = refunds.get(payment_id, {"at": "", "each": {}})
        each = dict(known["each"])
        if at >= each.get(refund_id, {"at": ""})["at"]:
            each[refund_id] = {"at": at, "ok": ok}
        is_newer = (at, minor) >= (known["at"], known.get("minor", 0))
        newer = {"at": at, "minor": minor, "captured": captured} if is_newer else {}
        refunds[payment_id] = {**known, **newer, "each": each}
        self.refunds = refunds

    @property
    def own_refund(self) -> dict[str, Any] | None:
        """What has gone back of all that it stands on; of the latest payment where none made it stand."""
        refunds = self.refunds or {}
        if self.paid_by:
            return self._together([refunds[each] for each in sorted(self.own_payments) if each in refunds])
        return max(refunds.values(), key=lambda known: known["at"], default=None)

    def _together(self, known: list[dict[str, Any]]) -> dict[str, Any] | None:
        """The refunds of several payments as one; ``captured`` is all that was taken for the reservation."""
        if not known or not self.altered:
            return known[0] if known else None
        return {
            "at": max(each["at"] for each in known),
            "minor": sum(each["minor"] for each in known),
            "captured": self.captured_minor + sum(each["captured"] for each in self.altered.values()),
            "each": {name: one for each in known for name, one in each["each"].items()},
        }


class ShownRoom(models.Model):
    """The latest title and picture of a room, so that a trip that is built later than a change shows them too."""

    room_id = models.BigIntegerField(primary_key=True)
    room_slug = models.CharField(max_length=120)
    room_title_i18n = models.JSONField(default=dict)
    room_cover = models.JSONField(default=dict)
    as_of = models.DateTimeField()

    class Meta:
        verbose_name = _("shown room")
        verbose_name_plural = _("shown rooms")

    def __str__(self) -> str:
        return self.room_slug

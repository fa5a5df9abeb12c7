"""The alteration: other dates or guests that one side proposes, frozen with its price, and what became of it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Self
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from airbnb.money import Money
from airbnb.stays import Stay
from reservations.models.reservation import Reservation
from reservations.states import MovedOn


class AlterationStatus(StrEnum):
    """Where a proposal stands. Accepted: the host agrees and the guest has yet to pay the difference."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    PAYING = "paying"
    APPLIED = "applied"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    OVERTAKEN = "overtaken"


ALTERATION_STATUSES = [each.value for each in AlterationStatus]
ALTERATION_LABELS: dict[AlterationStatus, Promise] = {
    AlterationStatus.PROPOSED: _("Waiting for an answer"),
    AlterationStatus.ACCEPTED: _("Waiting for the payment"),
    AlterationStatus.PAYING: _("Payment under way"),
    AlterationStatus.APPLIED: _("Done"),
    AlterationStatus.DECLINED: _("Declined"),
    AlterationStatus.WITHDRAWN: _("Withdrawn"),
    AlterationStatus.EXPIRED: _("Not answered in time"),
    AlterationStatus.OVERTAKEN: _("The booking itself has ended"),
}
# These keep the nights of both stays; a reservation has one of them at most.
OPEN_ALTERATION = (AlterationStatus.PROPOSED, AlterationStatus.ACCEPTED, AlterationStatus.PAYING)
# These end by themselves when their time is over. PAYING is pinned until its outcome is known.
WAITING = (AlterationStatus.PROPOSED, AlterationStatus.ACCEPTED)
_TIMES = ("check_in_at", "check_out_at", "created_at", "expires_at", "accepted_at", "decided_at")
_DATES = ("check_in", "check_out", "old_check_in", "old_check_out")


class AlterationQuerySet(models.QuerySet["Alteration"]):
    """Filters by state and time."""

    def open(self) -> Self:
        """Those that keep nights."""
        return self.filter(status__in=OPEN_ALTERATION)

    def as_read(self) -> Self:
        """With ``read_at``, the database's instant of reading, and whether payments are waited for."""
        return self.select_related("wait").annotate(read_at=Now())

    def overdue(self, at: datetime | Now) -> Self:
        """Those whose time is over but which still stand; a payment under way is waited for."""
        return self.filter(status__in=WAITING, expires_at__lte=at)


class Alteration(models.Model):
    """A proposal by ``proposed_by`` (guest or host). Everything but where it stands is frozen when it is made.

    Sums are minor units of ``currency``; ``difference_minor`` is new less old. ``applied_revision`` is the version of
    the reservation that it made. Its added nights stand in the calendar under its own ``code``.
    """

    code = models.CharField(_("code"), max_length=16, unique=True)
    reservation = models.ForeignKey(Reservation, on_delete=models.PROTECT, related_name="alterations")
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=[(each.value, ALTERATION_LABELS[each]) for each in AlterationStatus],
        default=AlterationStatus.PROPOSED.value,
    )
    version = models.PositiveIntegerField(default=1)
    proposed_by = models.CharField(_("proposed by"), max_length=10)
    message = models.CharField(_("message"), max_length=500, blank=True)

    old_check_in = models.DateField()
    old_check_out = models.DateField()
    old_guests = models.PositiveSmallIntegerField()
    old_lines = models.JSONField()
    old_total_minor = models.BigIntegerField()
    old_host_payout_minor = models.BigIntegerField()

    check_in = models.DateField(_("check-in"))
    check_out = models.DateField(_("check-out"))
    check_in_at = models.DateTimeField()
    check_out_at = models.DateTimeField()
    guests = models.PositiveSmallIntegerField(_("guests"))
    lines = models.JSONField()
    total_minor = models.BigIntegerField(_("total"))
    host_payout_minor = models.BigIntegerField()
    difference_minor = models.BigIntegerField(_("difference"))
    discount_lost = models.BooleanField(default=False)
    currency = models.CharField(max_length=3)

    created_at = models.DateTimeField(_("created"))
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=10, blank=True)
    payment_id = models.UUIDField(null=True, blank=True)
    declined_payments = models.PositiveSmallIntegerField(default=0)
    applied_revision = models.PositiveIntegerField(null=True, blank=True)

    objects: ClassVar[Any] = AlterationQuerySet.as_manager()

    class Meta:
        verbose_name = _("alteration")
        verbose_name_plural = _("alterations")
        constraints = (
            models.CheckConstraint(
                condition=Q(status__in=[each.value for each in AlterationStatus]), name="alteration_status_known"
            ),
            models.CheckConstraint(condition=Q(proposed_by__in=["guest", "host"]), name="alteration_of_a_party"),
            models.CheckConstraint(
                condition=Q(check_out__gt=F("check_in"), check_out_at__gt=F("check_in_at"), guests__gte=1),
                name="alteration_stay_not_empty",
            ),
            models.CheckConstraint(
                condition=Q(total_minor__gt=0, difference_minor=F("total_minor") - F("old_total_minor")),
                name="alteration_difference_is_exact",
            ),
            models.CheckConstraint(
                condition=~Q(check_in=F("old_check_in"), check_out=F("old_check_out"), guests=F("old_guests")),
                name="alteration_changes_something",
            ),
            models.CheckConstraint(
                condition=Q(status="applied", applied_revision__isnull=False)
                | (~Q(status="applied") & Q(applied_revision__isnull=True)),
                name="alteration_applied_once",
            ),
            models.CheckConstraint(
                condition=~Q(status="applied") | Q(difference_minor__lte=0) | Q(payment_id__isnull=False),
                name="alteration_applied_only_paid",
            ),
            models.CheckConstraint(
                condition=~Q(status="paying") | Q(payment_id__isnull=False), name="alteration_paying_names_payment"
            ),
            models.CheckConstraint(
                condition=~Q(status="accepted") | Q(accepted_at__isnull=False, difference_minor__gt=0),
                name="alteration_accepted_waits_for_money",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[each.value for each in OPEN_ALTERATION]) | Q(decided_at__isnull=False),
                name="alteration_decided_has_time",
            ),
            models.UniqueConstraint(
                fields=["reservation"],
                condition=Q(status__in=[each.value for each in OPEN_ALTERATION]),
                name="alteration_one_open",
            ),
            models.UniqueConstraint(
                fields=["reservation", "applied_revision"],
                condition=Q(applied_revision__isnull=False),
                name="alteration_one_per_revision",
            ),
        )
        indexes = (
            models.Index(
                fields=["expires_at"], condition=Q(status__in=[each.value for each in WAITING]), name="alteration_due"
            ),
        )

    def __str__(self) -> str:
        return self.code

    @property
    def stay(self) -> Stay:
        """The proposed nights, half-open."""
        return Stay(self.check_in, self.check_out)

    @property
    def old_stay(self) -> Stay:
        """The nights as they were."""
        return Stay(self.old_check_in, self.old_check_out)

    @property
    def added(self) -> list[date]:
        """The nights that the old stay has not: taken under this alteration's code while it is open."""
        return [night for night in self.stay.nights if night not in self.old_stay.nights]

    @property
    def difference(self) -> Money:
        """New total less the old one: what the guest pays, or when negative gets back."""
        return Money(self.difference_minor, self.currency)

    @property
    def is_open(self) -> bool:
        """Whether it keeps nights and may yet come true."""
        return self.status in OPEN_ALTERATION

    @property
    def purpose(self) -> str:
        """What its payment is for, in the payments' words."""
        return f"alteration:{self.code}"

    @property
    def answered_by(self) -> str:
        """The side that decides: guest or host."""
        return "host" if self.proposed_by == "guest" else "guest"

    def is_over(self, at: datetime) -> bool:
        """Whether it died at or before ``at``, swept or not."""
        return self.status in WAITING and self.expires_at <= at

    def accept(self, *, at: datetime, until: datetime) -> None:
        """PROPOSED → ACCEPTED: the guest has until ``until`` to pay."""
        self._change(AlterationStatus.ACCEPTED, accepted_at=at, expires_at=until)

    def prolong(self, *, until: datetime) -> None:
        """Its guest wants to pay and cannot: it is kept until then."""
        self._change(self.status, expires_at=until)

    def begin_payment(self, payment_id: UUID) -> None:
        """→ PAYING under this payment."""
        self._change(AlterationStatus.PAYING, payment_id=payment_id)

    def resume(self, *, until: datetime, declined: bool) -> None:
        """PAYING → where it was before, after a payment that came to nothing."""
        before = AlterationStatus.ACCEPTED if self.accepted_at else AlterationStatus.PROPOSED
        tries = self.declined_payments + int(declined)
        self._change(before, payment_id=None, expires_at=until, declined_payments=tries)

    def apply(self, *, revision: int, at: datetime) -> None:
        """→ APPLIED as this version of the reservation; the reservation itself changes next, in one transaction."""
        self._change(
            AlterationStatus.APPLIED, applied_revision=revision, decided_at=at, accepted_at=self.accepted_at or at
        )

    def close(self, outcome: str, *, by: str, at: datetime) -> None:
        """→ DECLINED, WITHDRAWN, EXPIRED or OVERTAKEN."""
        self._change(AlterationStatus(outcome), decided_at=at, closed_by=by)

    def move_back(self, by: timedelta, days: int) -> None:
        """Everything that has a time moves earlier: for the local stack alone."""
        whole = timedelta(days=days)
        fields: dict[str, Any] = {name: getattr(self, name) - by for name in _TIMES if getattr(self, name)}
        fields |= {name: getattr(self, name) - whole for name in _DATES}
        fields |= {name: _earlier(getattr(self, name), whole) for name in ("lines", "old_lines")}
        self._change(self.status, **fields)

    def _change(self, to: str, **fields: Any) -> None:
        """Compare and set: nothing is written when the row is not what this object says. Raises MovedOn."""
        fields |= {"status": str(to), "version": self.version + 1}
        mine = type(self).objects.filter(pk=self.pk, version=self.version, status=self.status)
        if not mine.update(**fields):
            raise MovedOn()
        for name, value in fields.items():
            setattr(self, name, value)


def _earlier(lines: list[dict[str, Any]], by: timedelta) -> list[dict[str, Any]]:
    return [
        {**line, "date": (date.fromisoformat(line["date"]) - by).isoformat() if line["date"] else None}
        for line in lines
    ]

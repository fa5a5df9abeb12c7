"""The reservation: what was agreed, frozen, and where it stands; it changes only through its own verbs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from airbnb import correlation
from airbnb.money import Money
from airbnb.stays import Stay
from reservations import grace
from reservations.cancellation import Agreement
from reservations.models import asking
from reservations.states import LABELS, LIVE, OPEN, PAID, MovedOn, Status, require_allowed


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changes a reservation: ``kind`` is guest, host, operator, gateway or system."""

    kind: str
    id: int | None = None


# Why the diary has a line that changes no state: the stay was altered.
ALTERED = "altered"
SYSTEM = Actor("system")
GATEWAY = Actor("gateway")


_TIMES = (
    "check_in_at",
    "check_out_at",
    "quoted_until",
    "hold_expires_at",
    "hold_extended_at",
    "answer_by",
    "accepted_at",
    "created_at",
    "confirmed_at",
    "completed_at",
    "cancelled_at",
)


def _earlier(day: str | None, by: timedelta) -> str | None:
    return (date.fromisoformat(day) - by).isoformat() if day else None


class ReservationQuerySet(models.QuerySet["Reservation"]):
    """Filters by state and time."""

    def live(self) -> Self:
        """Those that have their nights in the calendar."""
        return self.filter(status__in=LIVE)

    def open_holds(self, at: datetime) -> Self:
        """Holds that count against a guest at ``at``: not yet over, or being paid."""
        return self.filter(Q(status=Status.PAYING) | Q(status=Status.HELD, hold_expires_at__gt=at))

    def unanswered(self, at: datetime) -> Self:
        """Requests whose host did not answer in time."""
        return self.filter(status=Status.REQUESTED, accepted_at__isnull=True, answer_by__lte=at)

    def stale(self, at: datetime) -> Self:
        """Holds whose time is over but which still stand."""
        return self.filter(status=Status.HELD, hold_expires_at__lte=at)

    def of_role(self, user_id: int, role: str) -> Self:
        """Those in which this person is the guest, or with role "host" the host, latest first."""
        mine = self.filter(**{"host_id" if role == "host" else "guest_id": user_id})
        return mine.order_by("-created_at", "-pk")

    def of_party(self, user_id: int) -> Self:
        """Those in which this person is guest or host."""
        return self.filter(Q(guest_id=user_id) | Q(host_id=user_id))


class Reservation(asking.Asked):
    """A stay of one guest in one room. Agreed lines, policy and rules never change after the hold."""

    code = models.CharField(_("code"), max_length=16, unique=True)
    version = models.PositiveIntegerField(default=1)
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=[(each.value, LABELS[each]) for each in Status],
        default=Status.HELD.value,
    )
    guest = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("guest")
    )
    host = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("host")
    )
    room_id = models.BigIntegerField()
    room_code = models.CharField(_("room"), max_length=16)
    room_slug = models.CharField(max_length=120)
    room_title_i18n = models.JSONField(default=dict)
    room_cover = models.JSONField(default=dict, blank=True)
    check_in = models.DateField(_("check-in"))
    check_out = models.DateField(_("check-out"))
    check_in_at = models.DateTimeField()
    check_out_at = models.DateTimeField()
    time_zone = models.CharField(max_length=64)
    guests = models.PositiveSmallIntegerField(_("guests"))

    lines = models.JSONField()
    total_minor = models.BigIntegerField()
    host_payout_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    cancellation_policy = models.CharField(_("cancellation policy"), max_length=20)
    house_rules_i18n = models.JSONField(default=dict, blank=True)
    quoted_until = models.DateTimeField()

    hold_expires_at = models.DateTimeField(null=True)
    hold_extended_at = models.DateTimeField(null=True, blank=True)
    pay_later = models.BooleanField(default=False)
    payment_id = models.UUIDField(null=True, blank=True)
    # All that was taken for it, alterations included, and what of that alterations gave back.
    captured_minor = models.BigIntegerField(default=0)
    returned_minor = models.BigIntegerField(default=0, db_default=0)

    contact_name = models.CharField(_("name"), max_length=80, blank=True)
    contact_phone = models.CharField(_("telephone"), max_length=24, blank=True)
    message = models.TextField(_("message to the host"), blank=True)

    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.CharField(max_length=10, blank=True)
    cancel_reason = models.CharField(max_length=300, blank=True)
    refund_due_minor = models.BigIntegerField(default=0)
    refund_rule = models.CharField(max_length=40, blank=True)
    refund_lines = models.JSONField(default=list, blank=True)
    # What operators gave back although no terms do, line by line.
    graced_lines = models.JSONField(default=list, db_default=[], blank=True)

    # Who made the latest change; the database copies these into the diary.
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=10)
    changed_by_id = models.BigIntegerField(null=True, blank=True)
    changed_why = models.CharField(max_length=300, blank=True)
    changed_under = models.CharField(max_length=64, blank=True)

    objects: ClassVar[models.Manager[Reservation]] = ReservationQuerySet.as_manager()
    # Names of the fields that this object has written since it was read: events tell long ones only then.
    just_set: frozenset[str] = frozenset()

    class Meta:
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")
        constraints = (
            models.CheckConstraint(
                condition=Q(status__in=[each.value for each in Status]), name="reservation_status_known"
            ),
            models.CheckConstraint(condition=Q(check_out__gt=F("check_in")), name="reservation_stay_not_empty"),
            models.CheckConstraint(condition=Q(check_out_at__gt=F("check_in_at")), name="reservation_times_in_order"),
            models.CheckConstraint(condition=Q(guests__gte=1), name="reservation_has_guests"),
            models.CheckConstraint(
                condition=Q(total_minor__gte=0, host_payout_minor__gte=0), name="reservation_total_not_negative"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[each.value for each in sorted(OPEN)]) | Q(hold_expires_at__isnull=False),
                name="reservation_hold_has_expiry",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[each.value for each in sorted(PAID)])
                | Q(
                    captured_minor=F("total_minor") + F("returned_minor"),
                    payment_id__isnull=False,
                    confirmed_at__isnull=False,
                ),
                name="reservation_stands_only_paid",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.PAYING.value) | Q(payment_id__isnull=False),
                name="reservation_paying_names_payment",
            ),
            models.CheckConstraint(
                condition=Q(
                    returned_minor__gte=0,
                    refund_due_minor__gte=0,
                    refund_due_minor__lte=F("captured_minor") - F("returned_minor"),
                ),
                name="reservation_refund_within_paid",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.CANCELLED.value) | (Q(cancelled_at__isnull=False) & ~Q(cancelled_by="")),
                name="reservation_cancelled_says_by_whom",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.COMPLETED.value) | Q(completed_at__isnull=False),
                name="reservation_completed_has_time",
            ),
            models.UniqueConstraint(
                fields=["guest", "room_id"],
                condition=Q(status__in=[each.value for each in sorted(OPEN)]),
                name="reservation_one_open_hold_per_room",
            ),
            *asking.CONSTRAINTS,
        )
        indexes = (
            models.Index(fields=["hold_expires_at"], condition=Q(status="held"), name="reservation_hold_due"),
            models.Index(fields=["check_in_at"], condition=Q(status="confirmed"), name="reservation_checkin_due"),
            models.Index(fields=["check_out_at"], condition=Q(status="in_stay"), name="reservation_checkout_due"),
            models.Index(
                fields=["room_id", "check_in"],
                condition=Q(status__in=[each.value for each in sorted(LIVE)]),
                name="reservation_live_by_room",
            ),
            models.Index(fields=["guest", "-check_in"], name="reservation_by_guest"),
            models.Index(fields=["host", "-check_in"], name="reservation_by_host"),
            *asking.INDEXES,
        )

    def __str__(self) -> str:
        return self.code

    @property
    def stay(self) -> Stay:
        """The nights, half-open."""
        return Stay(self.check_in, self.check_out)

    @property
    def total(self) -> Money:
        """What was agreed."""
        return Money(self.total_minor, self.currency)

    def agreement(self) -> Agreement:
        """The part that decides refunds. Before it is confirmed: as if it were confirmed at its latest change."""
        return Agreement(
            policy=self.cancellation_policy,
            check_in=self.check_in,
            check_out=self.check_out,
            check_in_at=self.check_in_at,
            time_zone=self.time_zone,
            confirmed_at=self.confirmed_at or self.changed_at,
            lines=tuple(self.lines),
            currency=self.currency,
            graced=tuple(self.graced_lines),
        )

    @property
    def left_minor(self) -> int:
        """What of all that was taken has neither gone back nor is due to; never below zero."""
        back = self.returned_minor + self.refund_due_minor + grace.sum_of(self.graced_lines)
        return max(0, self.captured_minor - back)

    @property
    def is_live(self) -> bool:
        """Whether its nights are in the calendar."""
        return self.status in LIVE

    def hold_is_over(self, at: datetime) -> bool:
        """Whether a hold died at or before ``at``, swept or not."""
        return self.status == Status.HELD and self.hold_expires_at is not None and self.hold_expires_at <= at

    def prolong(self, *, until: datetime, at: datetime, actor: Actor, pay_later: bool = False) -> None:
        """Keep a hold until ``until``; ``pay_later`` says that payments are down, else the one extension is used."""
        fields: dict[str, Any] = {"hold_expires_at": until, "pay_later": pay_later}
        if actor.kind == "guest":
            fields["hold_extended_at"] = at
        self._change(self.status, at=at, actor=actor, why="prolonged", **fields)

    def begin_payment(self, *, payment_id: UUID, at: datetime, actor: Actor) -> None:
        """HELD → PAYING under this payment."""
        self._change(Status.PAYING, at=at, actor=actor, payment_id=payment_id)

    def resume_hold(self, *, at: datetime, why: str, until: datetime | None = None, pay_later: bool = False) -> None:
        """→ HELD after a payment that came to nothing; the expiry stays unless ``until`` says more."""
        self._change(
            Status.HELD,
            at=at,
            actor=GATEWAY,
            why=why,
            payment_id=None,
            hold_expires_at=until or self.hold_expires_at,
            pay_later=pay_later,
        )

    def expire(self, *, at: datetime, actor: Actor, why: str = "expired") -> None:
        """HELD, PAYING or REQUESTED → EXPIRED."""
        self._change(Status.EXPIRED, at=at, actor=actor, why=why, payment_id=None)

    def confirm(self, *, payment_id: UUID, captured: Money, at: datetime, why: str = "") -> None:
        """→ CONFIRMED by captured money of exactly the total; anything else the database refuses too."""
        self._change(
            Status.CONFIRMED,
            at=at,
            actor=GATEWAY,
            why=why,
            payment_id=payment_id,
            captured_minor=captured.amount_minor,
            confirmed_at=at,
        )

    def alter(
        self,
        terms: dict[str, Any],
        *,
        difference: Money,
        graced: list[dict[str, Any]],
        at: datetime,
        actor: Actor,
    ) -> None:
        """Take over an applied alteration's terms; the difference was captured, or is owed back from here on.

        ``graced`` is what of the grace given is not part of that difference. ``terms``: check_in, check_out,
        check_in_at, check_out_at, guests, lines, total_minor, host_payout_minor. The database lets nothing else
        through than what the alteration of this version says.
        """
        more, less = max(0, difference.amount_minor), max(0, -difference.amount_minor)
        sums = {"captured_minor": self.captured_minor + more, "returned_minor": self.returned_minor + less}
        self._change(self.status, at=at, actor=actor, why=ALTERED, graced_lines=graced, **terms, **sums)

    def start_stay(self, *, at: datetime) -> None:
        """CONFIRMED → IN_STAY at the check-in time."""
        self._change(Status.IN_STAY, at=at, actor=SYSTEM)

    def complete(self, *, at: datetime) -> None:
        """IN_STAY → COMPLETED at the check-out time."""
        self._change(Status.COMPLETED, at=at, actor=SYSTEM, completed_at=at)

    def cancel(
        self,
        *,
        at: datetime,
        actor: Actor,
        reason: str,
        refund: Money,
        rule: str,
        lines: list[dict[str, Any]],
    ) -> None:
        """→ CANCELLED with the refund that is due, the rule that gave it and its lines."""
        self._change(
            Status.CANCELLED,
            at=at,
            actor=actor,
            why=reason,
            cancelled_at=at,
            cancelled_by=actor.kind,
            cancel_reason=reason,
            refund_due_minor=refund.amount_minor,
            refund_rule=rule,
            refund_lines=lines,
        )

    def give_back(self, lines: list[dict[str, Any]], *, at: datetime, actor: Actor, reason: str) -> None:
        """So much of these lines goes back beyond the terms; the stay and its price are as they were."""
        self._change(self.status, at=at, actor=actor, why=reason, graced_lines=[*self.graced_lines, *lines])

    def introduce(self, *, name: str, phone: str, message: str, at: datetime, actor: Actor) -> bool:
        """Keep how the guest wants to be called and reached, and a word to the host; False when that is known."""
        fields = {"contact_name": name, "contact_phone": phone, "message": message}
        if all(getattr(self, field) == value for field, value in fields.items()):
            return False
        self._change(self.status, at=at, actor=actor, why="introduced", **fields)
        return True

    def move_back(self, by: timedelta, days: int, *, at: datetime, actor: Actor) -> None:
        """Everything that has a time moves earlier by ``by``, dates by ``days``: for the local stack alone."""
        moved: dict[str, Any] = {name: getattr(self, name) - by for name in _TIMES if getattr(self, name)}
        whole = timedelta(days=days)
        for name in ("lines", "graced_lines"):
            moved[name] = [{**line, "date": _earlier(line["date"], whole)} for line in getattr(self, name)]
        moved |= {"check_in": self.check_in - whole, "check_out": self.check_out - whole}
        self._change(self.status, at=at, actor=actor, why="backdated", **moved)

    def _change(self, to: str, *, at: datetime, actor: Actor, why: str = "", **fields: Any) -> None:
        """Compare and set: nothing is written when the row is not what this object says. Raises MovedOn."""
        if to != self.status:
            require_allowed(self.status, to)
        fields |= {
            "status": str(to),
            "version": self.version + 1,
            "changed_at": at,
            "changed_by": actor.kind,
            "changed_by_id": actor.id,
            "changed_why": why[:300],
            "changed_under": correlation.current()[:64],
        }
        mine = type(self).objects.filter(pk=self.pk, version=self.version, status=self.status)
        if not mine.update(**fields):
            raise MovedOn()
        self._adopt(fields)

    def _adopt(self, fields: dict[str, Any]) -> None:
        self.just_set |= fields.keys()
        for name, value in fields.items():
            setattr(self, name, value)

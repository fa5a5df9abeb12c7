"""What stays bring their hosts, the payouts that pay it, and what is recovered of earlier ones."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from airbnb.codes import new_id
from airbnb.money import Money
from payments.models.payee import Payee
from payments.schedules import Split
from payments.states import HeldFor, PayoutStatus

# Waits before a payout is tried or looked for again, by attempts made.
RETRY_S = (5, 15, 60, 300, 900, 3600)
LEASE = timedelta(seconds=60)
# After so many refusals an operator decides.
MAX_REFUSALS = 6
# How often a payout that waits for bank details looks whether there are any; new details wake it at once.
LOOK_FOR_PAYEE = timedelta(hours=1)

TO_PAY = (PayoutStatus.READY, PayoutStatus.HELD, PayoutStatus.FAILED)
UNDER_WAY = (PayoutStatus.SENDING, PayoutStatus.UNKNOWN)
UNRELEASED = (PayoutStatus.SCHEDULED, PayoutStatus.CANCELLED)


class Earning(models.Model):
    """What one reservation brings its host: now agreed (``gross``, ``host``, ``tax``), and of it released so far.

    ``gross`` is what the guest pays and does not get back. Sums are minor units of ``currency``; what was taken back
    by a later refund no longer counts as released.
    """

    reservation = models.CharField(_("reservation"), max_length=24, unique=True)
    host = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    room_title_i18n = models.JSONField(default=dict)
    check_in = models.DateField(_("check-in"))
    check_out = models.DateField(_("check-out"))
    check_in_at = models.DateTimeField()
    time_zone = models.CharField(max_length=64)
    currency = models.CharField(max_length=3)
    gross_minor = models.BigIntegerField(_("paid by the guest"))
    host_minor = models.BigIntegerField(_("for the host"))
    tax_minor = models.BigIntegerField(default=0)
    released_gross_minor = models.BigIntegerField(default=0)
    released_host_minor = models.BigIntegerField(default=0)
    released_tax_minor = models.BigIntegerField(default=0)
    cancelled = models.BooleanField(default=False)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("earning")
        verbose_name_plural = _("earnings")
        constraints = [
            models.CheckConstraint(
                name="earning_not_negative", condition=Q(gross_minor__gte=0, host_minor__gte=0, tax_minor__gte=0)
            ),
            models.CheckConstraint(
                name="earning_released_not_negative", condition=Q(released_host_minor__gte=0, released_tax_minor__gte=0)
            ),
        ]
        indexes = [models.Index(fields=["host", "-check_in"], name="earning_of_host")]

    def __str__(self) -> str:
        return self.reservation

    @property
    def agreed(self) -> Split:
        """What the stay brings now."""
        return Split(self.gross_minor, self.host_minor, self.tax_minor)

    @property
    def released(self) -> Split:
        """What of it was released and not taken back."""
        return Split(self.released_gross_minor, self.released_host_minor, self.released_tax_minor)

    def agree(self, split: Split) -> None:
        """The stay brings this now."""
        self.gross_minor, self.host_minor, self.tax_minor = split.gross, split.host, split.tax

    def release(self, part: Split) -> None:
        """This much more is released; less, when ``part`` is negative."""
        now = self.released + part
        self.released_gross_minor, self.released_host_minor, self.released_tax_minor = now.gross, now.host, now.tax


class PayoutQuerySet(models.QuerySet["Payout"]):
    """Filters over payouts."""

    def to_release(self, at: datetime) -> Self:
        """Those whose time has come."""
        return self.filter(status=PayoutStatus.SCHEDULED, due_at__lte=at)

    def to_send(self, at: datetime) -> Self:
        """Those to be sent, looked for, or tried again now."""
        waiting = Q(status=PayoutStatus.HELD, held_for=HeldFor.NO_PAYEE)
        return self.filter(Q(status__in=[PayoutStatus.READY, *UNDER_WAY]) | waiting, next_attempt_at__lte=at)


class Payout(models.Model):
    """One line of a reservation's schedule: ``amount`` for the host, released at ``due_at`` and then sent once.

    ``gross`` and ``tax`` are the line's part of the guest's money. ``send_minor`` is what goes out: the amount less
    what is recovered. ``generation`` is part of the key and the ledger's source; it is raised only when it is certain
    that the earlier sending came to nothing.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    earning = models.ForeignKey(Earning, on_delete=models.PROTECT, related_name="payouts")
    reservation = models.CharField(_("reservation"), max_length=24)
    number = models.PositiveSmallIntegerField(_("line"))
    host = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(_("status"), max_length=10, choices=PayoutStatus.choices, default=PayoutStatus.SCHEDULED)
    gross_minor = models.BigIntegerField()
    amount_minor = models.BigIntegerField(_("amount"))
    tax_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    due_at = models.DateTimeField(_("released"))
    held_for = models.CharField(_("held for"), max_length=10, choices=HeldFor.choices, blank=True)
    hold_note = models.CharField(_("reason"), max_length=200, blank=True)
    payee = models.ForeignKey(Payee, on_delete=models.PROTECT, null=True, blank=True, related_name="payouts")
    send_minor = models.BigIntegerField(_("to send"), default=0)
    gateway_ref = models.CharField(max_length=80, blank=True)
    failure_code = models.CharField(_("failure"), max_length=60, blank=True)
    generation = models.PositiveSmallIntegerField(default=1)
    attempts = models.PositiveSmallIntegerField(default=0)
    refusals = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    correlation_id = models.CharField(max_length=64)
    created_at = models.DateTimeField(_("created"))
    released_at = models.DateTimeField(null=True, blank=True)
    intended_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    objects = PayoutQuerySet.as_manager()

    class Meta:
        verbose_name = _("payout")
        verbose_name_plural = _("payouts")
        constraints = [
            models.UniqueConstraint(fields=["reservation", "number"], name="payout_once_a_line"),
            models.UniqueConstraint(fields=["gateway_ref"], condition=~Q(gateway_ref=""), name="payout_gateway_ref"),
            models.CheckConstraint(
                name="payout_sums",
                condition=Q(
                    number__gte=1,
                    amount_minor__gte=0,
                    tax_minor__gte=0,
                    send_minor__gte=0,
                    send_minor__lte=F("amount_minor"),
                ),
            ),
            models.CheckConstraint(
                name="payout_released_first",
                condition=Q(status__in=UNRELEASED, released_at__isnull=True)
                | (~Q(status__in=UNRELEASED) & Q(released_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="payout_sent_somewhere",
                condition=~Q(status__in=[*UNDER_WAY, PayoutStatus.SENT])
                | Q(send_minor__gt=0, payee__isnull=False, intended_at__isnull=False),
            ),
            models.CheckConstraint(
                name="payout_held_for_a_reason", condition=~Q(status=PayoutStatus.HELD) | ~Q(held_for="")
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(status=PayoutStatus.SCHEDULED), name="payout_to_release"),
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(status__in=[PayoutStatus.READY, PayoutStatus.HELD, *UNDER_WAY]),
                name="payout_to_send",
            ),
            models.Index(fields=["host", "-due_at"], name="payout_of_host"),
        ]

    def __str__(self) -> str:
        return f"{self.reservation}/{self.number} {self.amount_minor} {self.currency}"

    @property
    def amount(self) -> Money:
        """The host's part."""
        return Money(self.amount_minor, self.currency)

    @property
    def sending(self) -> Money:
        """What goes out: the amount less what was recovered."""
        return Money(self.send_minor, self.currency)

    @property
    def split(self) -> Split:
        """The line's part of the guest's money."""
        return Split(self.gross_minor, self.amount_minor, self.tax_minor)

    @property
    def key(self) -> str:
        """Its idempotency key at the gateway."""
        return f"payout:{self.id}:{self.generation}"

    @property
    def source_id(self) -> str:
        """What the ledger knows one sending by."""
        return f"{self.id}:{self.generation}"

    def plan(self, part: Split, *, due_at: datetime, at: datetime) -> None:
        """Not released yet: this much, then, or at once where that has passed."""
        self.gross_minor, self.amount_minor, self.tax_minor = part.gross, part.host, part.tax
        self.status = PayoutStatus.SCHEDULED
        self.move(due_at, at=at)

    def move(self, due_at: datetime, *, at: datetime) -> None:
        """Not released yet: then instead. The timer is expected from then on, and not before ``at``."""
        self.due_at, self.next_attempt_at = due_at, max(due_at, at)

    def cancel(self) -> None:
        """Nothing of the stay is left for this line."""
        self.status = PayoutStatus.CANCELLED

    def release(self, *, at: datetime) -> None:
        """Owed to the host from now on; sent as soon as nothing keeps it."""
        self.released_at = self.next_attempt_at = at
        if self.amount_minor == 0:
            self.net(at=at)
        else:
            self.status = PayoutStatus.HELD if self.held_for else PayoutStatus.READY

    def net(self, *, at: datetime) -> None:
        """All of it is set off: nothing is left to send."""
        self.status, self.send_minor, self.sent_at, self.held_for = PayoutStatus.NETTED, 0, at, ""

    def wait_for_payee(self, *, at: datetime) -> bool:
        """There is no bank account to send it to; whether that is new."""
        fresh = self.status != PayoutStatus.HELD
        self.status, self.held_for = PayoutStatus.HELD, HeldFor.NO_PAYEE
        self.next_attempt_at = at + LOOK_FOR_PAYEE
        return fresh

    def begin(self, payee: Payee, send_minor: int, *, at: datetime) -> None:
        """It goes to this account now, under this generation's key."""
        self.status, self.held_for, self.hold_note = PayoutStatus.SENDING, "", ""
        self.payee, self.send_minor, self.intended_at = payee, send_minor, at
        self.try_once(at=at)

    def try_once(self, *, at: datetime) -> None:
        """A worker takes it on for as long as the lease lasts."""
        self.attempts += 1
        self.next_attempt_at = at + LEASE

    def arrive(self, gateway_ref: str, *, at: datetime) -> None:
        """The gateway has sent it."""
        self.status, self.gateway_ref, self.sent_at, self.failure_code = PayoutStatus.SENT, gateway_ref, at, ""

    def wait(self, *, known: bool, at: datetime) -> None:
        """Not reached, or (not ``known``) perhaps sent: looked for again later, never given up by waiting."""
        if not known:
            self.status = PayoutStatus.UNKNOWN
        self.next_attempt_at = at + timedelta(seconds=RETRY_S[min(self.attempts, len(RETRY_S)) - 1])

    def come_back(self, code: str, *, final: bool, at: datetime) -> None:
        """It is certain that nothing was sent: again later with a new key, or, when ``final``, an operator decides."""
        self.refusals += 1
        self.failure_code = code[:60]
        final = final or self.refusals >= MAX_REFUSALS
        self.status = PayoutStatus.FAILED if final else PayoutStatus.READY
        self.next_attempt_at = at + timedelta(seconds=RETRY_S[min(self.refusals, len(RETRY_S)) - 1])
        self.generation += 1
        self.attempts = 0

    def send_again(self, *, at: datetime) -> None:
        """An operator, or new bank details, put a failed or waiting payout back."""
        self.status, self.held_for, self.hold_note, self.failure_code = PayoutStatus.READY, "", "", ""
        self.refusals, self.next_attempt_at = 0, at

    def hold(self, note: str) -> None:
        """An operator keeps it from being sent; one that is not released yet is held when it is."""
        self.held_for, self.hold_note = HeldFor.OPERATOR, note[:200]
        if self.status != PayoutStatus.SCHEDULED:
            self.status = PayoutStatus.HELD

    def let_go(self, *, at: datetime) -> None:
        """The operator's hold is over."""
        self.held_for, self.hold_note = "", ""
        if self.status == PayoutStatus.HELD:
            self.status, self.next_attempt_at = PayoutStatus.READY, at


class Clawback(models.Model):
    """What a host owes back because a stay was refunded after its money was released; once per refund."""

    id = models.BigAutoField(primary_key=True)
    earning = models.ForeignKey(Earning, on_delete=models.PROTECT, related_name="clawbacks")
    host = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=80, unique=True)
    amount_minor = models.BigIntegerField(_("amount"))
    recovered_minor = models.BigIntegerField(_("recovered"), default=0)
    currency = models.CharField(max_length=3)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("clawback")
        verbose_name_plural = _("clawbacks")
        constraints = [
            models.CheckConstraint(
                name="clawback_sums",
                condition=Q(amount_minor__gt=0, recovered_minor__gte=0, recovered_minor__lte=F("amount_minor")),
            )
        ]
        indexes = [
            models.Index(
                fields=["host", "currency", "created_at"],
                condition=Q(recovered_minor__lt=F("amount_minor")),
                name="clawback_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.earning_id} {self.amount_minor} {self.currency}"

    @property
    def open_minor(self) -> int:
        """What is still owed."""
        return self.amount_minor - self.recovered_minor

    def recover(self, minor: int) -> None:
        """This much was kept back from a payout."""
        self.recovered_minor += minor


class Recovery(models.Model):
    """A line of a statement: this much of a payout was kept back for an earlier refund. Append-only."""

    id = models.BigAutoField(primary_key=True)
    payout = models.ForeignKey(Payout, on_delete=models.PROTECT, related_name="recoveries")
    clawback = models.ForeignKey(Clawback, on_delete=models.PROTECT, related_name="recoveries")
    amount_minor = models.BigIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("recovery")
        verbose_name_plural = _("recoveries")
        constraints = [models.CheckConstraint(name="recovery_above_zero", condition=Q(amount_minor__gt=0))]

    def __str__(self) -> str:
        return f"{self.payout_id} −{self.amount_minor}"

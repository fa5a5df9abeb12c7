"""What stays bring their hosts, and the payouts that pay it."""

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
from payments.refusals import RETURNED_CODE, Cause, cause_of
from payments.schedules import Split
from payments.states import ASK_EVERY, ASKED_FOR, HeldFor, PayoutStatus

# Waits before a payout is tried or looked for again, by attempts made.
RETRY_S = (5, 15, 60, 300, 900, 3600)
LEASE = timedelta(seconds=30)
# After so many refusals an operator decides; that we have too little at the gateway is none of the host's.
MAX_REFUSALS = 6
# How often a payout is tried for which we have too little at the gateway.
LOOK_FOR_FUNDS = timedelta(hours=1)
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

    def to_ask_again(self, at: datetime) -> Self:
        """Those sent of late, to be asked about now: they may have come back since."""
        return self._asked(at).filter(sent_at__gt=at - ASKED_FOR)

    def for_good(self, at: datetime) -> Self:
        """Those that would be asked about, had they not been sent too long ago."""
        return self._asked(at).filter(sent_at__lte=at - ASKED_FOR)

    def _asked(self, at: datetime) -> Self:
        return self.filter(status=PayoutStatus.SENT, next_attempt_at__lte=at)


class Payout(models.Model):
    """One line of a reservation's schedule: ``amount`` for the host, released at ``due_at`` and then sent once.

    ``gross`` and ``tax`` are the line's part of the guest's money. ``send_minor`` is what goes out: the amount less
    what is recovered. ``generation`` is part of the key and the ledger's source; it is raised only when it is certain
    that the earlier sending came to nothing. ``told_for`` is the reason that operators were told of last.
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
    told_for = models.CharField(max_length=60, blank=True, default="", db_default="")
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
            models.Index(fields=["sent_at"], condition=Q(status=PayoutStatus.SENT), name="payout_sent_when"),
            models.Index(fields=["next_attempt_at"], condition=Q(status=PayoutStatus.SENT), name="payout_to_ask_again"),
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

    @property
    def cause(self) -> Cause:
        """Whose matter its last refusal is."""
        return cause_of(self.failure_code)

    @property
    def is_short(self) -> bool:
        """Whether it waits for us to have enough at the gateway."""
        return self.status == PayoutStatus.READY and bool(self.failure_code) and self.cause == Cause.BALANCE

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

    def wait_for_books(self) -> None:
        """The books owe its host less than this: an operator looks into it."""
        self.status, self.held_for = PayoutStatus.HELD, HeldFor.BALANCE

    def tell(self, reason: str) -> bool:
        """Whether this reason is news to those who must act; it is not again until somebody did."""
        fresh = self.told_for != reason[:60]
        self.told_for = reason[:60]
        return fresh

    def begin(self, payee: Payee, send_minor: int, *, at: datetime) -> None:
        """It goes to this account now, under this generation's key."""
        self.status, self.held_for, self.hold_note = PayoutStatus.SENDING, "", ""
        self.payee, self.send_minor, self.intended_at, self.gateway_ref = payee, send_minor, at, ""
        self.try_once(at=at)

    def try_once(self, *, at: datetime) -> None:
        """A worker takes it on for as long as the lease lasts."""
        self.attempts += 1
        self.next_attempt_at = at + LEASE

    def arrive(self, gateway_ref: str, *, at: datetime) -> None:
        """The gateway has sent it."""
        self.status, self.gateway_ref, self.sent_at = PayoutStatus.SENT, gateway_ref, at
        self.failure_code = self.told_for = ""
        self.ask_again(at=at + ASK_EVERY)

    def ask_again(self, *, at: datetime) -> None:
        """The gateway is asked then whether what was sent has come back since."""
        self.next_attempt_at = at

    def be_returned(self, *, at: datetime) -> None:
        """It had arrived and came back: owed again, under a new generation, and an operator decides."""
        self.status, self.failure_code, self.sent_at = PayoutStatus.FAILED, RETURNED_CODE, None
        self.generation += 1
        self.attempts, self.next_attempt_at = 0, at

    def wait(self, *, known: bool, at: datetime) -> None:
        """Not reached, or (not ``known``) perhaps sent: looked for again later, never given up by waiting."""
        if not known:
            self.status = PayoutStatus.UNKNOWN
        self.next_attempt_at = at + timedelta(seconds=RETRY_S[min(self.attempts, len(RETRY_S)) - 1])

    def come_back(self, code: str, *, at: datetime) -> None:
        """It is certain that nothing was sent: again later with a new key, or somebody must decide (FAILED).

        Too little at the gateway is never the end of it, and never counts: it is tried every hour.
        """
        self.failure_code = code[:60]
        self.generation += 1
        self.attempts = 0
        if self.cause == Cause.BALANCE:
            self.status, self.next_attempt_at = PayoutStatus.READY, at + LOOK_FOR_FUNDS
            return
        self.refusals += 1
        again = self.cause == Cause.PASSING and self.refusals < MAX_REFUSALS
        self.status = PayoutStatus.READY if again else PayoutStatus.FAILED
        self.next_attempt_at = at + timedelta(seconds=RETRY_S[min(self.refusals, len(RETRY_S)) - 1])

    def send_again(self, *, at: datetime) -> None:
        """An operator, or new bank details, put a failed or waiting payout back."""
        self.status, self.held_for, self.hold_note, self.failure_code = PayoutStatus.READY, "", "", ""
        self.refusals, self.next_attempt_at, self.told_for = 0, at, ""

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

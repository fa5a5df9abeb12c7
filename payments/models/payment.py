"""A payment of one reservation, and every call to a gateway that it took."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from airbnb.codes import new_id
from airbnb.money import Money
from payments.states import DEAD, OPEN, PAID, SINGLE, CallState, Operation, PaymentStatus

# How long to wait before asking the gateway again, by the number of times it was asked.
LOOK_AGAIN_S = (3, 5, 10, 20, 30)
# Counted so far, or the column were full after eleven days of a gateway that is away; asked on for ever.
MOST_LOOKS = 30_000
# What a payment is for, unless it pays the difference of an alteration ("alteration:<code>").
BOOKING = "booking"
# How often a payment that waits for the guest's bank is looked at, in case they approve and never come back.
LOOK_AT_ACTION = timedelta(seconds=30)


class PaymentQuerySet(models.QuerySet["Payment"]):
    """Filters over payments."""

    def of(self, reservation: str) -> Self:
        """Those of one reservation, newest first."""
        return self.filter(reservation=reservation).order_by("-created_at", "-id")

    def to_look_at(self, at: datetime) -> Self:
        """Those whose outcome must be asked for now."""
        return self.filter(
            Q(status__in=OPEN)
            | Q(status=PaymentStatus.AUTHORIZED)
            & (Q(void_wanted=True) | Q(capture_wanted=True) | Q(capture_before__lte=at)),
            next_look_at__lte=at,
        )

    def rivals_of(self, payment: Payment) -> Self:
        """Others that count for the same purpose of the same reservation."""
        same = self.filter(reservation=payment.reservation, purpose=payment.purpose, surplus=False)
        return same.filter(status__in=SINGLE).exclude(pk=payment.pk)

    def ending(self, at: datetime) -> Self:
        """Authorisations that lapse by ``at`` and of which nothing was said yet."""
        undecided = self.filter(status=PaymentStatus.AUTHORIZED, void_wanted=False, capture_wanted=False)
        return undecided.filter(capture_before__lte=at, ending_told_at__isnull=True)


class Payment(models.Model):
    """One attempt to take what a reservation costs. Sums are minor units of ``currency``.

    ``captured_minor`` was taken, ``promised_minor`` of it is owed back, ``refunded_minor`` of that has gone back.
    ``purpose`` is booking or "alteration:<code>". ``surplus`` marks money beside another payment of the same purpose,
    or that the reservation could not take. ``capture_wanted`` and ``void_wanted`` say what is to become of money that
    is only authorised; a wish to let go wins. ``gateway_ref`` is the gateway's own id.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    reservation = models.CharField(_("reservation"), max_length=24)
    purpose = models.CharField(_("purpose"), max_length=40, default=BOOKING)
    guest = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(
        _("status"), max_length=20, choices=PaymentStatus.choices, default=PaymentStatus.PROCESSING
    )
    amount_minor = models.BigIntegerField(_("amount"))
    captured_minor = models.BigIntegerField(default=0)
    promised_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    gateway = models.CharField(_("gateway"), max_length=20)
    gateway_ref = models.CharField(max_length=200, blank=True)
    method = models.CharField(max_length=120)
    return_url = models.URLField(max_length=500)
    capture_now = models.BooleanField(default=True)
    card_brand = models.CharField(max_length=20, blank=True)
    card_last4 = models.CharField(max_length=4, blank=True)
    action_url = models.URLField(max_length=500, blank=True)
    failure_code = models.CharField(_("failure"), max_length=60, blank=True)
    surplus = models.BooleanField(default=False)
    void_wanted = models.BooleanField(default=False)
    capture_wanted = models.BooleanField(default=False)
    quarantined = models.CharField(max_length=60, blank=True)
    capture_before = models.DateTimeField(null=True, blank=True)
    ending_told_at = models.DateTimeField(null=True, blank=True)
    looks = models.PositiveSmallIntegerField(default=0)
    next_look_at = models.DateTimeField()
    correlation_id = models.CharField(max_length=64)
    created_at = models.DateTimeField(_("created"))
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints = [
            models.CheckConstraint(name="payment_sums", condition=Q(amount_minor__gt=0, captured_minor__gte=0)),
            models.CheckConstraint(
                name="payment_captured", condition=Q(captured_minor__lte=F("amount_minor")) | Q(surplus=True)
            ),
            models.CheckConstraint(
                name="payment_refunds",
                condition=Q(
                    promised_minor__gte=0,
                    promised_minor__lte=F("captured_minor"),
                    refunded_minor__gte=0,
                    refunded_minor__lte=F("promised_minor"),
                ),
            ),
            models.CheckConstraint(
                name="payment_paid_has_money",
                condition=Q(status__in=PAID, captured_minor__gt=0) | (~Q(status__in=PAID) & Q(captured_minor=0)),
            ),
            models.UniqueConstraint(
                fields=["reservation", "purpose"],
                condition=Q(status__in=SINGLE, surplus=False),
                name="payment_one_open_or_paid",
            ),
            models.UniqueConstraint(
                fields=["gateway", "gateway_ref"], condition=~Q(gateway_ref=""), name="payment_gateway_ref"
            ),
        ]
        indexes = [
            models.Index(fields=["reservation", "-created_at"], name="payment_of_reservation"),
            models.Index(
                fields=["gateway"], condition=Q(promised_minor__gt=F("refunded_minor")), name="payment_owes_refund"
            ),
            models.Index(
                fields=["next_look_at"],
                condition=Q(status__in=(*OPEN, PaymentStatus.AUTHORIZED)),
                name="payment_to_look_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reservation} {self.amount_minor} {self.currency}"

    @property
    def amount(self) -> Money:
        """What is to be taken."""
        return Money(self.amount_minor, self.currency)

    @property
    def captured(self) -> Money:
        """What was taken."""
        return Money(self.captured_minor, self.currency)

    @property
    def is_open(self) -> bool:
        """Whether nothing has been decided yet."""
        return self.status in OPEN

    @property
    def is_paid(self) -> bool:
        """Whether money was taken."""
        return self.status in PAID

    def capture(self, amount: Money, *, at: datetime) -> None:
        """The money is there. Also leads out of a dead payment: money is never overlooked."""
        self._decide(PaymentStatus.CAPTURED, at)
        self.captured_minor = amount.amount_minor
        self.failure_code = ""

    def authorize(self, *, capture_before: datetime | None, at: datetime) -> None:
        """The money is set aside on the card until ``capture_before``."""
        self._decide(PaymentStatus.AUTHORIZED, at)
        self.capture_before = capture_before
        self.next_look_at = capture_before or at

    def want_capture(self, *, look_at: datetime) -> None:
        """Its money is to be taken; the background sees to it from ``look_at`` on."""
        self.capture_wanted = True
        self.next_look_at = look_at

    def let_go_beside(self, *, at: datetime) -> None:
        """It no longer stands in another payment's way, and is given up as soon as the gateway agrees."""
        self.surplus, self.capture_wanted, self.void_wanted, self.next_look_at = True, False, True, at

    def tell_ending(self, *, at: datetime) -> None:
        """It was said that this authorisation lapses soon."""
        self.ending_told_at = at

    def decline(self, code: str, *, at: datetime) -> None:
        """The card said no."""
        self._decide(PaymentStatus.DECLINED, at)
        self.failure_code = code[:60]

    def void(self, code: str, *, at: datetime) -> None:
        """Nothing was taken and nothing will be."""
        self._decide(PaymentStatus.VOIDED, at)
        self.failure_code = code[:60]

    def require_action(self, url: str, *, at: datetime) -> None:
        """The guest must go to ``url`` first."""
        self.status = PaymentStatus.REQUIRES_ACTION
        self.action_url = url
        self.next_look_at = at + LOOK_AT_ACTION

    def lose_sight(self, *, at: datetime) -> None:
        """What became of it is not known: ask again soon, then ever less often."""
        if self.status == PaymentStatus.PROCESSING:
            self.status = PaymentStatus.UNKNOWN
        self.next_look_at = at + timedelta(seconds=LOOK_AGAIN_S[min(self.looks, len(LOOK_AGAIN_S) - 1)])
        self.looks = min(self.looks + 1, MOST_LOOKS)

    def _decide(self, status: PaymentStatus, at: datetime) -> None:
        self.status = status
        self.decided_at = at
        self.action_url = ""

    def promise_back(self, amount: Money) -> None:
        """This much is owed to the guest; the database refuses more than was captured."""
        self.promised_minor += amount.amount_minor

    def give_back(self, amount: Money) -> None:
        """This much has gone back to the guest."""
        self._set_refunded(self.refunded_minor + amount.amount_minor)

    def take_back(self, amount: Money) -> None:
        """This much came back from the guest's bank: the refund failed after all."""
        self._set_refunded(self.refunded_minor - amount.amount_minor)

    def _set_refunded(self, refunded_minor: int) -> None:
        self.refunded_minor = refunded_minor
        if refunded_minor == 0:
            self.status = PaymentStatus.CAPTURED
        elif refunded_minor < self.captured_minor:
            self.status = PaymentStatus.PARTIALLY_REFUNDED
        else:
            self.status = PaymentStatus.REFUNDED

    def want_void(self, *, at: datetime) -> bool:
        """Its reservation is over: give it up as soon as the gateway agrees. False when it is decided already."""
        if self.status in PAID or self.status in DEAD:
            return False
        self.void_wanted = True
        self.next_look_at = at
        return True


class GatewayCall(models.Model):
    """One call to a gateway, recorded before it is made and completed afterwards.

    ``key`` is its idempotency key: a repetition carries the same one, ``attempts`` counts up, and ``sent_at`` stays.
    """

    id = models.BigAutoField(primary_key=True)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="calls")
    operation = models.CharField(max_length=10, choices=Operation.choices)
    key = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=12, choices=CallState.choices, default=CallState.INTENDED)
    amount_minor = models.BigIntegerField()
    attempts = models.PositiveSmallIntegerField(default=0)
    answer = models.JSONField(default=dict, blank=True)
    correlation_id = models.CharField(max_length=64)
    intended_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    last_sent_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("gateway call")
        verbose_name_plural = _("gateway calls")

    def __str__(self) -> str:
        return f"{self.operation} {self.key}"

    def send(self, *, at: datetime) -> None:
        """It goes out now."""
        self.state = CallState.SENT
        self.attempts += 1
        self.sent_at, self.last_sent_at = self.sent_at or at, at

    def finish(self, state: CallState, answer: dict[str, object], *, at: datetime) -> None:
        """What came of it; a certain answer is never overwritten by an uncertain one, nor by a question unasked."""
        certain = (CallState.SUCCEEDED, CallState.REFUSED)
        if self.state in certain and state in (CallState.UNKNOWN, CallState.UNREACHABLE):
            return
        self.state = state
        self.answer = answer
        self.answered_at = at

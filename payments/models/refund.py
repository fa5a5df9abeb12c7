"""Money that goes back to a guest."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from airbnb.codes import new_id
from airbnb.money import Money
from payments.models.payment import Payment
from payments.states import ASK_EVERY, ASKED_FOR, RefundStatus

# Waits before a refund whose outcome is not known is sent again, by attempts made. In the first minutes never longer
# than one: a killed worker, a refused call and a short trouble at the gateway count as attempts too.
RETRY_S = (5, 15, 30, 60, 60, 60, 60, 60, 60, 60, 300, 900, 3600)
LEASE = timedelta(seconds=30)


class RefundQuerySet(models.QuerySet["Refund"]):
    """Filters over refunds."""

    def due(self, at: datetime) -> Self:
        """Those to be sent now."""
        return self.filter(status=RefundStatus.PENDING, next_attempt_at__lte=at)

    def to_ask_again(self, at: datetime) -> Self:
        """Those done of late, to be asked about now: the guest's bank may have sent them back since."""
        return self._asked(at).filter(done_at__gt=at - ASKED_FOR)

    def for_good(self, at: datetime) -> Self:
        """Those that would be asked about, had they not been done too long ago."""
        return self._asked(at).filter(done_at__lte=at - ASKED_FOR)

    def _asked(self, at: datetime) -> Self:
        return self.filter(status=RefundStatus.SUCCEEDED, next_attempt_at__lte=at)


class Refund(models.Model):
    """One refund of one payment, once per ``source`` (what it is for).

    ``generation`` is part of its idempotency key; it is raised only when the gateway itself has said that the
    earlier key will never do anything.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    source = models.CharField(max_length=80, unique=True)
    status = models.CharField(_("status"), max_length=10, choices=RefundStatus.choices, default=RefundStatus.PENDING)
    amount_minor = models.BigIntegerField(_("amount"))
    currency = models.CharField(max_length=3)
    reason = models.CharField(_("reason"), max_length=60)
    lines = models.JSONField(default=list, blank=True)
    gateway_ref = models.CharField(max_length=80, blank=True)
    failure_code = models.CharField(_("failure"), max_length=60, blank=True)
    generation = models.PositiveSmallIntegerField(default=1)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    correlation_id = models.CharField(max_length=64)
    created_at = models.DateTimeField(_("created"))
    done_at = models.DateTimeField(null=True, blank=True)

    objects = RefundQuerySet.as_manager()

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        constraints = [
            models.CheckConstraint(name="refund_above_zero", condition=Q(amount_minor__gt=0)),
            models.UniqueConstraint(fields=["gateway_ref"], condition=~Q(gateway_ref=""), name="refund_gateway_ref"),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"], condition=Q(status=RefundStatus.PENDING), name="refund_pending_due"
            ),
            models.Index(fields=["done_at"], condition=Q(status=RefundStatus.SUCCEEDED), name="refund_done_when"),
            models.Index(
                fields=["next_attempt_at"], condition=Q(status=RefundStatus.SUCCEEDED), name="refund_to_ask_again"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payment_id} −{self.amount_minor} {self.currency}"

    @property
    def amount(self) -> Money:
        """What goes back."""
        return Money(self.amount_minor, self.currency)

    @property
    def key(self) -> str:
        """Its idempotency key at the gateway."""
        return f"refund:{self.id}:{self.generation}"

    def begin(self, *, at: datetime) -> None:
        """A worker takes it on for as long as the lease lasts."""
        self.attempts += 1
        self.next_attempt_at = at + LEASE

    def succeed(self, gateway_ref: str, *, at: datetime) -> None:
        """The gateway has sent it."""
        self.status, self.gateway_ref, self.done_at, self.failure_code = RefundStatus.SUCCEEDED, gateway_ref, at, ""
        self.ask_again(at=at + ASK_EVERY)

    def ask_again(self, *, at: datetime) -> None:
        """The gateway is asked then whether what went back has come back since."""
        self.next_attempt_at = at

    def fail(self, code: str, *, at: datetime) -> None:
        """The gateway refuses it, or it came back: the debt stays and an operator is asked."""
        self.status, self.failure_code, self.done_at = RefundStatus.FAILED, code[:60], at

    def wait(self, *, at: datetime) -> None:
        """Not known or not reached: again later."""
        self.next_attempt_at = at + self._pause()

    def renew(self, *, at: datetime) -> None:
        """Its key is spent without effect: the next attempt carries a new one."""
        self.generation += 1
        self.next_attempt_at = at + self._pause()

    def _pause(self) -> timedelta:
        return timedelta(seconds=RETRY_S[min(max(self.attempts, 1), len(RETRY_S)) - 1])

    def try_again(self, *, at: datetime) -> None:
        """An operator wants a failed refund sent again."""
        self.status, self.failure_code, self.gateway_ref = RefundStatus.PENDING, "", ""
        self.generation += 1
        self.attempts, self.next_attempt_at, self.done_at = 0, at, None

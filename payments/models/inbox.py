"""Messages from gateways: stored when they come, worked on later, each once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from payments.states import MessageState

RETRY_S = (2, 5, 15, 60, 300, 900, 3600)
MAX_ATTEMPTS = 12
LEASE = timedelta(seconds=30)


class MessageQuerySet(models.QuerySet["WebhookMessage"]):
    """Filters over messages."""

    def due(self, at: datetime) -> Self:
        """Those to be worked on now."""
        return self.filter(state=MessageState.WAITING, next_attempt_at__lte=at)


class WebhookMessage(models.Model):
    """One signed message, unique by the gateway's own event id; its content only says what to ask about."""

    id = models.BigAutoField(primary_key=True)
    gateway = models.CharField(max_length=20)
    event_id = models.CharField(max_length=120)
    kind = models.CharField(max_length=80)
    payload = models.JSONField()
    state = models.CharField(max_length=10, choices=MessageState.choices, default=MessageState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    last_error = models.CharField(max_length=200, blank=True)
    received_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("gateway message")
        verbose_name_plural = _("gateway messages")
        constraints = [models.UniqueConstraint(fields=["gateway", "event_id"], name="webhook_message_once")]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=models.Q(state=MessageState.WAITING),
                name="webhook_message_due",
            ),
            models.Index(
                fields=["received_at"],
                condition=models.Q(state=MessageState.PARKED),
                name="webhook_message_parked",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.kind} {self.event_id}"

    def begin(self, *, at: datetime) -> None:
        """A worker takes it on."""
        self.attempts += 1
        self.next_attempt_at = at + LEASE

    def finish(self, *, at: datetime) -> None:
        """It has had its effect, or needs none."""
        self.state, self.done_at, self.last_error = MessageState.DONE, at, ""

    def postpone(self, error: str, *, at: datetime) -> None:
        """Again later; after the last attempt it is parked for an operator."""
        self.last_error = error[:200]
        self.next_attempt_at = at + timedelta(seconds=RETRY_S[min(self.attempts, len(RETRY_S)) - 1])
        if self.attempts >= MAX_ATTEMPTS:
            self.state = MessageState.PARKED

    def wait(self, until: datetime) -> None:
        """It is too early: this try does not count."""
        self.attempts, self.next_attempt_at = self.attempts - 1, until

    def park(self, why: str) -> None:
        """Nothing that we do by ourselves settles it."""
        self.state, self.last_error = MessageState.PARKED, why[:200]

    def work_again(self, *, at: datetime) -> None:
        """An operator wants it worked on once more."""
        self.state, self.attempts, self.next_attempt_at = MessageState.WAITING, 0, at

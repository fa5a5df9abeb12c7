"""How each gateway stands, and every change of that: what the breaker in Redis may forget and people must know."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

# What the watch writes down by itself, in the words of whoever reads it. Other reasons are a person's, or an error's.
ANSWERS_AGAIN, NOTICED = "it answers again", "found by the watch"
_REASONS = {ANSWERS_AGAIN: _("It answers again"), NOTICED: _("Noticed by the watch")}


def reason_in_words(reason: str) -> str:
    """A kept reason as operators read it."""
    return str(_REASONS.get(reason, reason))


class GatewayState(models.Model):
    """One gateway. ``state`` is what the breaker found, ``forced`` what an operator wants; the latter prevails.

    ``epoch`` grows with each change and is the breaker's own number: of two memories the greater one is right.
    ``since`` is when payments stopped or began again, ``rested_at`` when they stopped last.
    """

    class State(models.TextChoices):
        CLOSED = "closed", _("Takes payments")
        OPEN = "open", _("Rests")

    gateway = models.CharField(_("gateway"), max_length=20, primary_key=True)
    state = models.CharField(_("found"), max_length=6, choices=State.choices, default=State.CLOSED)
    epoch = models.PositiveBigIntegerField(default=0)
    since = models.DateTimeField(_("since"))
    rested_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    forced = models.CharField(_("forced"), max_length=6, choices=State.choices, blank=True)
    forced_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    forced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("gateway")
        verbose_name_plural = _("gateways")
        constraints = [
            models.CheckConstraint(
                name="gateway_forced_by_somebody",
                condition=Q(forced="", forced_by__isnull=True, forced_at__isnull=True)
                | (~Q(forced="") & Q(forced_by__isnull=False, forced_at__isnull=False) & ~Q(reason="")),
            ),
            models.CheckConstraint(name="gateway_state_known", condition=Q(state__in=("closed", "open"))),
        ]

    def __str__(self) -> str:
        return self.gateway

    @property
    def rests(self) -> bool:
        """Whether no payments are taken now."""
        return (self.forced or self.state) == self.State.OPEN

    def find(self, state: str, *, epoch: int, reason: str, at: datetime) -> None:
        """The breaker opened or closed."""
        rested = self.rests
        self.state, self.epoch = state, epoch
        self._reckon(rested, reason, at)

    def force(self, forced: str, *, by: int, reason: str, at: datetime) -> None:
        """An operator wants it open or closed, or leaves it to the breaker again (an empty word).

        What was forced open is left as found open: the next probe decides, not a guest's payment.
        """
        rested = self.rests
        if not forced and self.forced == self.State.OPEN:
            self.state = self.State.OPEN
        self.forced, self.epoch = forced, self.epoch + 1
        self.forced_by_id, self.forced_at = (by, at) if forced else (None, None)
        self._reckon(rested, reason, at)
        self.reason = reason[:200]

    def _reckon(self, rested: bool, reason: str, at: datetime) -> None:
        if self.rests != rested:
            self.since, self.reason = at, reason[:200]
            if self.rests:
                self.rested_at = at


class GatewayChange(models.Model):
    """One change of one gateway's standing; rows are only ever added."""

    gateway = models.ForeignKey(GatewayState, on_delete=models.PROTECT, related_name="changes")
    at = models.DateTimeField(_("at"))
    state = models.CharField(_("found"), max_length=6, choices=GatewayState.State.choices)
    forced = models.CharField(_("forced"), max_length=6, choices=GatewayState.State.choices, blank=True)
    rests = models.BooleanField(_("rests"))
    epoch = models.PositiveBigIntegerField()
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    correlation_id = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("change of a gateway")
        verbose_name_plural = _("changes of gateways")
        ordering = ("-id",)
        constraints = [models.UniqueConstraint(fields=["gateway", "epoch"], name="gateway_change_once")]

    def __str__(self) -> str:
        return f"{self.gateway_id} {self.forced or self.state}"

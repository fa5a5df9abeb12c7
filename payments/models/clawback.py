"""What hosts owe back of stays that were refunded after the release, and what was kept back for it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from payments.models.payout import Earning, Payout


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

"""The diary of every reservation, written by the database itself."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

# Why a payment came to nothing when the gateway was at fault: such tries are not the guest's and are not counted.
PAY_LATER = "pay_later"


class TransitionQuerySet(models.QuerySet["Transition"]):
    """Filters over the diary."""

    def declined(self) -> Self:
        """Payments that came to nothing by the card or its holder; those that the gateway could not take are not."""
        ended = self.filter(from_status="paying", to_status="held")
        return ended.exclude(reason=PAY_LATER)


class Transition(models.Model):
    """One change of one reservation. Written by a trigger; UPDATE and DELETE are refused by the database.

    ``from_status`` is empty for the beginning and equals ``to_status`` when only the hold was prolonged.
    """

    reservation = models.ForeignKey("Reservation", on_delete=models.PROTECT, related_name="transitions")
    version = models.PositiveIntegerField()
    from_status = models.CharField(max_length=10, blank=True)
    to_status = models.CharField(max_length=10)
    at = models.DateTimeField()
    actor = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=300, blank=True)
    correlation_id = models.CharField(max_length=64, blank=True)

    objects: ClassVar[models.Manager[Transition]] = TransitionQuerySet.as_manager()

    class Meta:
        verbose_name = _("transition")
        verbose_name_plural = _("transitions")
        ordering = ("version",)
        constraints = (models.UniqueConstraint(fields=["reservation", "version"], name="transition_once_per_version"),)

    def __str__(self) -> str:
        return f"{self.from_status or '·'} → {self.to_status}"

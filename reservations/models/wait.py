"""A hold that waits for a gateway to be back: since when, and whether its guest was asked to pay now."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from reservations.models.reservation import Reservation
from reservations.states import Status


class PaymentWaitQuerySet(models.QuerySet["PaymentWait"]):
    """Filters over waits."""

    def to_ask(self, at: datetime) -> Self:
        """Those whose guests can be asked to pay, who holds longest first: their time ends first, too."""
        waiting = Q(reservation__status=Status.HELD, reservation__pay_later=True, reservation__hold_expires_at__gt=at)
        return self.filter(waiting, asked_at=None).order_by("reservation__created_at", "reservation__code")


class PaymentWait(models.Model):
    """One for each hold that waits or has waited; a second outage begins it anew.

    ``held_until`` is the end that the hold had by itself: it is never shortened by having waited.
    """

    reservation = models.OneToOneField(Reservation, on_delete=models.CASCADE, primary_key=True, related_name="wait")
    began_at = models.DateTimeField(_("began"))
    held_until = models.DateTimeField()
    asked_at = models.DateTimeField(_("asked to pay"), null=True, blank=True)

    objects = PaymentWaitQuerySet.as_manager()

    class Meta:
        verbose_name = _("wait for payments")
        verbose_name_plural = _("waits for payments")
        constraints = [
            models.CheckConstraint(
                name="payment_wait_asked_after_it_began", condition=Q(asked_at=None) | Q(asked_at__gte=F("began_at"))
            )
        ]
        indexes = [models.Index(fields=["asked_at"], name="payment_wait_asked")]

    def __str__(self) -> str:
        return str(self.reservation_id)

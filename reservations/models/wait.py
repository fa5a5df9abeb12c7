"""Who waits for a gateway to be back: since when, and whether they were asked to pay now."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from reservations.models.alteration import WAITING, Alteration
from reservations.models.reservation import Reservation
from reservations.states import Status


class WaitQuerySet(models.QuerySet[Any]):
    """Filters over waits."""

    def asked_since(self, at: datetime, gateway: str) -> Self:
        """Those who were asked since then to pay through this gateway."""
        return self.filter(gateway=gateway, asked_at__gt=at)


class PaymentWaitQuerySet(WaitQuerySet):
    """Filters over waiting holds."""

    def to_ask(self, at: datetime) -> Self:
        """Those whose guests can be asked to pay, who holds longest first: their time ends first, too."""
        waiting = Q(reservation__status=Status.HELD, reservation__pay_later=True, reservation__hold_expires_at__gt=at)
        return self.filter(waiting, asked_at=None, began_at__lte=at).order_by(
            "reservation__created_at", "reservation__code"
        )


class AlterationWaitQuerySet(WaitQuerySet):
    """Filters over waiting changes."""

    def to_ask(self, at: datetime) -> Self:
        """Those whose guests can be asked to pay, who waits longest first."""
        waiting = Q(alteration__status__in=WAITING, alteration__expires_at__gt=at)
        return self.filter(waiting, asked_at=None, began_at__lte=at).order_by("began_at", "alteration__code")


class Wait(models.Model):
    """``gateway`` is the one that the guest was asked to pay through when it was back: what it is spared a burst by."""

    began_at = models.DateTimeField(_("began"))
    asked_at = models.DateTimeField(_("asked to pay"), null=True, blank=True)
    gateway = models.CharField(max_length=20, blank=True, default="", db_default="")

    class Meta:
        abstract = True

    def ask(self, gateway: str, at: datetime) -> None:
        """Its guest is asked to pay through this gateway now."""
        self.gateway, self.asked_at = gateway, at
        self.save(update_fields=["gateway", "asked_at"])


class PaymentWait(Wait):
    """One for each hold that waits or has waited; a second outage begins it anew.

    ``held_until`` is the end that the hold had by itself: it is never shortened by having waited.
    """

    reservation = models.OneToOneField(Reservation, on_delete=models.CASCADE, primary_key=True, related_name="wait")
    held_until = models.DateTimeField()

    objects: ClassVar[Any] = PaymentWaitQuerySet.as_manager()

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


class AlterationWait(Wait):
    """One for each change whose guest wanted to pay while it could not be; a second outage begins it anew."""

    alteration = models.OneToOneField(Alteration, on_delete=models.CASCADE, primary_key=True, related_name="wait")

    objects: ClassVar[Any] = AlterationWaitQuerySet.as_manager()

    class Meta:
        verbose_name = _("wait to pay for a change")
        verbose_name_plural = _("waits to pay for changes")
        constraints = [
            models.CheckConstraint(
                name="alteration_wait_asked_after_it_began", condition=Q(asked_at=None) | Q(asked_at__gte=F("began_at"))
            )
        ]
        indexes = [models.Index(fields=["asked_at"], name="alteration_wait_asked")]

    def __str__(self) -> str:
        return str(self.alteration_id)

    @classmethod
    def note(cls, alteration: Alteration, at: datetime) -> tuple[AlterationWait, bool]:
        """The wait that goes on, or one that begins ``at``, and whether it begins. The alteration is locked."""
        wait, made = cls.objects.get_or_create(alteration=alteration, defaults={"began_at": at})
        if made or wait.asked_at is None:
            return wait, made
        wait.began_at, wait.asked_at, wait.gateway = at, None, ""
        wait.save()
        return wait, True

"""Where a host's money goes: bank accounts as the gateway knows them. The whole number is never kept."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from airbnb.codes import new_id
from payments.states import PayeeStatus


class PayeeQuerySet(models.QuerySet["Payee"]):
    """Filters over payees."""

    def of(self, host_id: int) -> Self:
        """A host's known accounts, the latest to come into force first."""
        found = self.filter(host_id=host_id, status=PayeeStatus.REGISTERED)
        return found.order_by("-in_force_from", "-created_at")

    def in_force(self, host_id: int, at: datetime) -> Payee | None:
        """The account that money is sent to at that instant."""
        return self.of(host_id).filter(in_force_from__lte=at).first()

    def coming(self, host_id: int, at: datetime) -> Payee | None:
        """The account that has been given and still waits."""
        return self.of(host_id).filter(in_force_from__gt=at).first()


class Payee(models.Model):
    """One bank account of one host. ``destination`` is the gateway's name for it.

    It comes into force at ``in_force_from``; until then the one before it stays in force.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    host = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(_("status"), max_length=10, choices=PayeeStatus.choices, default=PayeeStatus.PENDING)
    gateway = models.CharField(_("gateway"), max_length=20)
    destination = models.CharField(max_length=80, blank=True)
    bank = models.CharField(_("bank"), max_length=8)
    last4 = models.CharField(_("last digits"), max_length=4)
    holder = models.CharField(_("account holder"), max_length=80)
    country = models.CharField(max_length=2, default="KR")
    currency = models.CharField(max_length=3, default="KRW")
    failure_code = models.CharField(_("failure"), max_length=60, blank=True)
    in_force_from = models.DateTimeField(_("in force from"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"))

    objects = PayeeQuerySet.as_manager()

    class Meta:
        verbose_name = _("bank account")
        verbose_name_plural = _("bank accounts")
        constraints = [
            models.CheckConstraint(name="payee_last_digits_only", condition=Q(last4__regex=r"^\d{4}$")),
            models.CheckConstraint(
                name="payee_registered_has_destination",
                condition=~Q(status=PayeeStatus.REGISTERED) | (~Q(destination="") & Q(in_force_from__isnull=False)),
            ),
            models.UniqueConstraint(
                fields=["gateway", "destination"], condition=~Q(destination=""), name="payee_destination_once"
            ),
        ]
        indexes = [models.Index(fields=["host", "-in_force_from"], name="payee_of_host")]

    def __str__(self) -> str:
        return f"{self.bank} •••• {self.last4}"

    def register(self, destination: str, *, in_force_from: datetime) -> None:
        """The gateway knows it by this name."""
        self.status, self.destination, self.in_force_from = PayeeStatus.REGISTERED, destination, in_force_from

    def refuse(self, code: str) -> None:
        """The gateway does not take it."""
        self.status, self.failure_code = PayeeStatus.REFUSED, code[:60]

    def withdraw(self) -> None:
        """It never comes into force: it was replaced or taken back before its time."""
        self.status = PayeeStatus.WITHDRAWN

"""What a gateway keeps as its fee, and what moves between it and the house's own bank account."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from airbnb.money import Money
from payments.models.payment import Payment


class GatewayFee(models.Model):
    """A fee as the gateway told it, under its own name for it; negative where it gave some back. Append-only.

    One for the taking of a payment, one for each refund that has any, others without a payment. Booked once
    (source ``fee``).
    """

    class About(models.TextChoices):
        """What the gateway takes it for."""

        PAYMENT = "payment", _("Payment")
        REFUND = "refund", _("Refund")
        OTHER = "other", _("Other")

    id = models.BigAutoField(primary_key=True)
    gateway = models.CharField(_("gateway"), max_length=20)
    gateway_id = models.CharField(max_length=80)
    about = models.CharField(_("what for"), max_length=10, choices=About.choices)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, null=True, blank=True, related_name="fees")
    amount_minor = models.BigIntegerField(_("amount"))
    currency = models.CharField(max_length=3)
    at = models.DateTimeField(_("at"))
    created_at = models.DateTimeField(_("learnt"))

    class Meta:
        verbose_name = _("gateway's fee")
        verbose_name_plural = _("gateways' fees")
        constraints = [
            models.UniqueConstraint(fields=["gateway", "gateway_id"], name="gateway_fee_once"),
            models.UniqueConstraint(fields=["payment"], condition=Q(about="payment"), name="gateway_fee_of_payment"),
            models.CheckConstraint(name="gateway_fee_not_zero", condition=~Q(amount_minor=0)),
            models.CheckConstraint(
                name="gateway_fee_of_something", condition=Q(about="other") | Q(payment__isnull=False)
            ),
        ]
        indexes = [models.Index(fields=["-at"], name="gateway_fee_newest")]

    def __str__(self) -> str:
        return f"{self.gateway} {self.amount_minor} {self.currency}"

    @property
    def amount(self) -> Money:
        """What it kept; negative: what it gave back."""
        return Money(self.amount_minor, self.currency)


class BankMovement(models.Model):
    """Money that a gateway paid out to the house's own bank account, or got from there. Append-only.

    Under the gateway's own name for it. Booked once (source ``bank``).
    """

    class Direction(models.TextChoices):
        """Whichever way it went."""

        SETTLED = "settled", _("To our bank account")
        TOPPED_UP = "topped_up", _("From our bank account")

    id = models.BigAutoField(primary_key=True)
    gateway = models.CharField(_("gateway"), max_length=20)
    gateway_id = models.CharField(max_length=80)
    direction = models.CharField(_("direction"), max_length=10, choices=Direction.choices)
    amount_minor = models.BigIntegerField(_("amount"))
    currency = models.CharField(max_length=3)
    at = models.DateTimeField(_("at"))
    created_at = models.DateTimeField(_("learnt"))

    class Meta:
        verbose_name = _("movement at our bank")
        verbose_name_plural = _("movements at our bank")
        constraints = [
            models.UniqueConstraint(fields=["gateway", "gateway_id"], name="bank_movement_once"),
            models.CheckConstraint(name="bank_movement_above_zero", condition=Q(amount_minor__gt=0)),
        ]
        indexes = [models.Index(fields=["-at"], name="bank_movement_newest")]

    def __str__(self) -> str:
        return f"{self.gateway} {self.direction} {self.amount_minor} {self.currency}"

    @property
    def amount(self) -> Money:
        """How much."""
        return Money(self.amount_minor, self.currency)

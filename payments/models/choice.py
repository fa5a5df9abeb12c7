"""Which gateway takes a currency, where an operator has chosen one."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _


class GatewayChoice(models.Model):
    """One currency's gateway, in force at once; without a row the setting decides.

    It is about payments that begin: one that has begun keeps its gateway to its end.
    """

    currency = models.CharField(_("currency"), max_length=3, unique=True)
    gateway = models.CharField(_("gateway"), max_length=20)
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("gateway of a currency")
        verbose_name_plural = _("gateways of currencies")

    def __str__(self) -> str:
        return f"{self.currency} {self.gateway}"

    def choose(self, gateway: str, *, at: datetime) -> None:
        """Another gateway from now on."""
        self.gateway, self.changed_at = gateway, at

"""Who belongs to a reservation, as learned from its events: they may see its payments."""

from __future__ import annotations

from django.db import models


class PaymentParty(models.Model):
    """Read model: guest and host of a reservation. Rebuilt from events."""

    reservation = models.CharField(primary_key=True, max_length=24)
    guest_id = models.BigIntegerField(db_index=True)
    host_id = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        return self.reservation

"""What tests of waiting for a gateway share: one that rests and is back, and what its guests are told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from notifications.models import Notification
from payments import services as payment_services
from reservations.models import PaymentWait, Reservation


class Gateway:
    """One gateway, as the breaker finds it."""

    def __init__(self, name: str = "stripe") -> None:
        self.name, self.epoch = name, 0

    def rests(self) -> None:
        self._found("open")

    def is_back(self) -> None:
        self._found("closed")

    def _found(self, state: str) -> None:
        self.epoch += 1
        payment_services.note_standing(gateway=self.name, state=state, epoch=self.epoch, reason="test")


def close_to(moment: Any, wanted: Any) -> bool:
    return bool(abs(moment - wanted) < timedelta(seconds=10))


def kinds(user: Any, reservation: Reservation) -> list[str]:
    """What this person was told about payments for the reservation, in order."""
    found = Notification.objects.filter(recipient=user, reservation=reservation.code).order_by("created_at")
    return [kind for kind in found.values_list("kind", flat=True) if kind.startswith("payment")]


def asked() -> list[str]:
    """The reservations whose guests were asked to pay, in that order."""
    found = PaymentWait.objects.exclude(asked_at=None).order_by("asked_at", "reservation__created_at")
    return list(found.values_list("reservation__code", flat=True))

"""What tests of requests to book ask of payments and the gateway."""

from __future__ import annotations

from typing import Any

from payments.models import Payment
from payments.tasks import settle_unknown
from reservations.models import Reservation


def payment_of(reservation: Reservation) -> Payment:
    return Payment.objects.of(reservation.code)[0]


def intents(sandbox: Any) -> list[str]:
    return sorted(each["status"] for each in sandbox.ledger()["intents"])


def lose(sandbox: Any, reservation: Reservation) -> None:
    """The gateway loses what was set aside."""
    sandbox._gateway(f"/v1/payment_intents/{payment_of(reservation).gateway_ref}/cancel", {})


def heal(sandbox: Any, time: Any) -> None:
    """The gateway answers again, and the background looks a few times."""
    sandbox.faults(mode="none")
    for _look in range(3):
        time.forward(seconds=40)
        settle_unknown()


def let_go(deliver: Any, sandbox: Any, time: Any) -> list[str]:
    """What the gateway says once everything that follows has run."""
    deliver()
    time.forward(minutes=1)
    settle_unknown()
    return intents(sandbox)

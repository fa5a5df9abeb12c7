"""Read model of this context: who belongs to a reservation and may see its payments."""

from __future__ import annotations

from airbnb.events import projections
from airbnb.events.bus import when
from airbnb.events.projections import Projection
from payments.models import PaymentParty
from reservations.events import ReservationCreated


@when(ReservationCreated)
def remember_parties(event: ReservationCreated) -> None:
    """Guest and host of a new reservation; they never change."""
    PaymentParty.objects.update_or_create(
        reservation=event.reservation, defaults={"guest_id": event.guest_id, "host_id": event.host_id}
    )


def _clear() -> None:
    PaymentParty.objects.all().delete()


PROJECTIONS = (Projection("payments.PaymentParty", clear=_clear, listeners=[remember_parties]),)
projections.register(*PROJECTIONS)

"""A reservation is over: its undecided payments are given up at the gateway."""

from __future__ import annotations

from functools import partial

from django.db import transaction

from airbnb import clock, db
from payments.models import Payment
from payments.services.records import locked_payment


def give_up(reservation: str, *, purpose: str | None = None) -> int:
    """Ask for every undecided payment of a reservation (for ``purpose`` alone, if given) to be voided; how many.

    Only the wish is recorded: the gateway is asked by the background, and a payment that turns out to be captured
    by then is recorded as such and goes the way of money for a dead reservation.
    """
    with db.write():
        db.reservation_lock(reservation)
        given_up = 0
        payments = Payment.objects.of(reservation)
        if purpose is not None:
            payments = payments.filter(purpose=purpose)
        for payment in payments.select_for_update(of=("self",)):
            if payment.want_void(at=clock.now()):
                payment.save()
                given_up += 1
                transaction.on_commit(partial(_look_soon, str(payment.pk)), robust=True)
        return given_up


def give_up_payment(payment_id: str) -> bool:
    """Its guest has left the gateway's page: ask for this one payment to be voided. False when it is decided."""
    with db.write():
        payment = locked_payment(payment_id)
        wanted = payment.want_void(at=clock.now())
        payment.save()
        return wanted


def _look_soon(payment_id: str) -> None:
    from payments.tasks import look_soon

    look_soon(payment_id)

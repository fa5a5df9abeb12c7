"""A context is added by subscribing: coupons react to a booking, and no existing context knows of them."""

from __future__ import annotations

from typing import Any

import pytest

from airbnb.celery import QUEUES
from airbnb.events import bus
from airbnb.events.models import Delivery
from reservations.events import ReservationConfirmed
from tests import support

pytestmark = pytest.mark.django_db


def test_coupons_are_given_for_a_booking(guest: Any, sandbox: Any, deliver: Any) -> None:
    given: list[str] = []

    def give_coupon(event: ReservationConfirmed) -> None:
        given.append(event.reservation)

    give_coupon.__module__ = "coupons.reactions"
    bus.when(ReservationConfirmed)(give_coupon)
    name = f"{give_coupon.__module__}.{give_coupon.__qualname__}"
    try:
        reservation = support.confirmed_reservation(guest)
        assert given == []
        receipt = Delivery.objects.get(listener=name)
        assert receipt.queue in QUEUES, "there are workers for it before anybody thinks of a queue"
        deliver()
        assert given == [reservation.code]
        deliver()
        assert given == [reservation.code]
    finally:
        bus.forget(name)

"""What tests of payments share: payments prepared as reservations prepare them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from airbnb import db
from airbnb.codes import new_code
from airbnb.money import Money
from payments import charging
from payments.models import Payment

Prepare = Callable[..., str]


@pytest.fixture
def prepare(guest: Any, sandbox: Any) -> Prepare:
    """``prepare(card, amount=…, reservation=…)``: a payment recorded and not sent yet; returns its id."""

    def prepared(
        card: str = "pm_card_visa", *, amount: int = 128000, reservation: str = "", purpose: str = "booking"
    ) -> str:
        code = reservation or new_code("BB", 8)
        with db.write():
            db.reservation_lock(code)
            return charging.prepare(
                reservation=code,
                guest_id=guest.pk,
                amount=Money(amount, "KRW"),
                method=card,
                return_url="http://testserver/back/",
                purpose=purpose,
            )

    return prepared


@pytest.fixture
def paid(prepare: Prepare) -> Callable[..., Payment]:
    """``paid(amount=…)``: a captured payment."""

    def captured(card: str = "pm_card_visa", **wanted: Any) -> Payment:
        payment_id = prepare(card, **wanted)
        assert charging.charge(payment_id).status == "approved"
        return Payment.objects.get(pk=payment_id)

    return captured

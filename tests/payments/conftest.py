"""What tests of payments share: payments prepared as reservations prepare them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from airbnb import db
from airbnb.codes import new_code
from airbnb.money import Money
from payments import charging, gateways, watching
from payments.gateways import guarding
from payments.models import Payment
from tests.payments.breaking import SHORT, Scripted, breaker_with, forget

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


@pytest.fixture
def scripted(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scripted]:
    """A guarded gateway of a fresh process, with the guard on and short rests."""
    settings.GATEWAY_GUARDED = True
    forget()
    inner = Scripted()
    monkeypatch.setitem(gateways._GATEWAYS, "scripted", guarding.Guarded(inner))
    breaker_with(SHORT, monkeypatch)
    monkeypatch.setattr(watching, "probe_soon", lambda name: None)
    yield inner
    forget()

"""Several that learn of one payment at once, and processes that die half-way: one charge, one fact, one posting."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from django.db import connection

from payments import charging, tasks
from payments.models import LedgerTransaction, Payment
from payments.services import recording
from tests.payments.conftest import Prepare
from tests.payments.facts import balances, events

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*works: Callable[[], Any]) -> None:
    """Run them in threads and wait for all; connections are given back."""

    def run(work: Callable[[], Any]) -> None:
        try:
            work()
        finally:
            connection.close()

    threads = [Thread(target=run, args=[work]) for work in works]
    for each in threads:
        each.start()
    for each in threads:
        each.join()


def test_charge_return_page_webhook_and_background_at_once(prepare: Prepare, sandbox: Any) -> None:
    payment_id = prepare()
    sandbox.faults(mode="slow", latency_ms=100)
    at_once(
        lambda: charging.charge(payment_id),
        lambda: charging.settle(payment_id),
        lambda: charging.settle(payment_id, may_send=False),
        lambda: charging.charge(payment_id),
    )
    sandbox.faults(mode="none")
    assert charging.settle(payment_id).status == "approved"
    payment = Payment.objects.get(pk=payment_id)
    assert len(sandbox.charges(payment.reservation)) == 1
    assert len(events("PaymentApproved")) == 1
    assert balances(payment.reservation) == {"gateway_clearing": 128000, "guest_funds_held": -128000}


def test_two_payments_of_one_reservation_cannot_both_begin(prepare: Prepare) -> None:
    begun: list[str] = []
    refused: list[charging.PaymentUnderWay] = []

    def begin() -> None:
        try:
            begun.append(prepare(reservation="BBTOGETHER"))
        except charging.PaymentUnderWay as other:
            refused.append(other)

    at_once(*[begin] * 6)
    assert (len(begun), len(refused)) == (1, 5)


def test_dying_between_the_gateways_answer_and_our_record(
    prepare: Prepare, sandbox: Any, time: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment_id = prepare()
    with monkeypatch.context() as broken:
        broken.setattr(recording, "publish", _die)
        with pytest.raises(Died):
            charging.charge(payment_id)
    payment = Payment.objects.get(pk=payment_id)
    assert (payment.status, payment.captured_minor) == ("processing", 0)  # the result step is all or nothing
    assert not LedgerTransaction.objects.exists()
    assert len(sandbox.charges(payment.reservation)) == 1
    time.forward(seconds=21)
    tasks.settle_unknown()
    assert Payment.objects.get(pk=payment_id).status == "captured"
    assert len(sandbox.charges(payment.reservation)) == 1
    assert len(events("PaymentApproved")) == 1


class Died(BaseException):
    """The process is gone: nothing below may catch it."""


def _die(event: Any) -> None:
    raise Died


def test_a_reservation_that_cannot_be_confirmed_leaves_no_half_payment(
    prepare: Prepare, sandbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reservation is confirmed in the transaction that records the money: both, or neither for now."""
    from reservations import reactions

    def refuse(**_: Any) -> None:
        raise RuntimeError("the reservations context is broken")

    payment_id = prepare()
    with monkeypatch.context() as broken:
        broken.setattr(reactions.services, "confirm_paid", refuse)
        with pytest.raises(RuntimeError):
            charging.charge(payment_id)
    assert Payment.objects.get(pk=payment_id).status == "processing"
    assert events("PaymentApproved") == []
    assert charging.settle(payment_id).status == "approved"
    assert len(sandbox.ledger()["charges"]) == 1

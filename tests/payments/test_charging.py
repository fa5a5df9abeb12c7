"""Charging: once, known before it is told, and never failed merely because nobody answered."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from airbnb.db import NetworkInTransaction, NoTransaction
from airbnb.errors import Invalid
from airbnb.money import Money
from payments import charging
from payments.models import GatewayCall, LedgerTransaction, Payment
from tests.payments.conftest import Prepare
from tests.payments.facts import balances, events

pytestmark = pytest.mark.django_db


def test_a_good_card_pays_the_total_once(prepare: Prepare, sandbox: Any, guest: Any) -> None:
    payment_id = prepare()
    told = charging.charge(payment_id)
    assert told == charging.ChargeOutcome("approved", payment_id)
    payment = Payment.objects.get(pk=payment_id)
    assert (payment.status, payment.captured) == ("captured", Money(128000, "KRW"))
    assert (payment.card_brand, payment.card_last4) == ("visa", "4242")
    (charge,) = sandbox.charges(payment.reservation)
    assert (charge["amount"], charge["currency"], charge["captured"]) == (128000, "KRW", 128000)
    assert charge["metadata"] == {
        "reservation": payment.reservation,
        "payment": payment_id,
        "correlation_id": payment.correlation_id,
    }
    assert events("PaymentApproved") == [
        {
            "payment_id": payment_id,
            "reservation": payment.reservation,
            "guest_id": guest.pk,
            "amount_minor": 128000,
            "currency": "KRW",
            "gateway": "stripe",
            "purpose": "booking",
            "beside": False,
        }
    ]
    assert balances(payment.reservation) == {"gateway_clearing": 128000, "guest_funds_held": -128000}


def test_the_call_is_on_record_before_and_after(prepare: Prepare) -> None:
    payment_id = prepare()
    call = GatewayCall.objects.get(payment_id=payment_id)
    assert (call.state, call.key, call.sent_at) == ("intended", f"charge:{payment_id}", None)
    charging.charge(payment_id)
    call.refresh_from_db()
    assert (call.state, call.attempts) == ("succeeded", 1)
    assert call.answered_at is not None
    assert call.answer["status"] == "succeeded"


@pytest.mark.parametrize(
    ("card", "code"),
    [
        ("pm_card_visa_chargeDeclined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds"),
        ("pm_card_nobody_knows", "resource_missing"),
    ],
)
def test_a_declined_card_leaves_no_money_anywhere(prepare: Prepare, sandbox: Any, card: str, code: str) -> None:
    payment_id = prepare(card)
    told = charging.charge(payment_id)
    assert (told.status, told.decline_code) == ("declined", code)
    payment = Payment.objects.get(pk=payment_id)
    assert (payment.status, payment.captured_minor) == ("declined", 0)
    assert sandbox.charges(payment.reservation) == []
    assert not LedgerTransaction.objects.exists()
    (failed,) = events("PaymentFailed")
    assert (failed["code"], failed["retryable"]) == (code, False)
    assert events("PaymentApproved") == []


def test_after_a_decline_another_payment_may_be_made(prepare: Prepare, sandbox: Any) -> None:
    charging.charge(prepare("pm_card_visa_chargeDeclined", reservation="BBTRYAGAIN"))
    assert charging.charge(prepare(reservation="BBTRYAGAIN")).status == "approved"
    assert len(sandbox.charges("BBTRYAGAIN")) == 1


def test_a_reservation_has_one_undecided_or_paid_payment(prepare: Prepare) -> None:
    first = prepare(reservation="BBONLYONE0")
    with pytest.raises(charging.PaymentUnderWay):
        prepare(reservation="BBONLYONE0")
    charging.charge(first)
    with pytest.raises(charging.PaymentUnderWay):
        prepare(reservation="BBONLYONE0")
    assert Payment.objects.of("BBONLYONE0").count() == 1


def test_charging_twice_charges_once(prepare: Prepare, sandbox: Any) -> None:
    payment_id = prepare()
    assert charging.charge(payment_id) == charging.charge(payment_id)
    assert len(sandbox.ledger()["charges"]) == 1
    assert len(events("PaymentApproved")) == 1


@pytest.mark.parametrize("method", ["", "pm card", "4242 4242", "x" * 121])
def test_what_cannot_be_a_payment_method_is_refused(prepare: Prepare, method: str) -> None:
    with pytest.raises(Invalid):
        prepare(method or " ")
    assert not Payment.objects.exists()


def test_the_bank_is_asked_and_the_guest_comes_back(prepare: Prepare, sandbox: Any) -> None:
    payment_id = prepare("pm_card_authenticationRequired")
    told = charging.charge(payment_id)
    assert told.status == "requires_action"
    assert told.action_url is not None
    assert told.action_url.startswith(sandbox.url)
    assert [each["action_url"] for each in events("PaymentActionRequired")] == [told.action_url]
    assert charging.settle(payment_id).status == "requires_action"
    assert len(events("PaymentActionRequired")) == 1
    sandbox.answer_bank(told.action_url, "approve")
    assert charging.settle(payment_id).status == "approved"
    assert charging.settle(payment_id).status == "approved"
    assert len(events("PaymentApproved")) == 1


def test_a_refusal_at_the_bank_is_a_decline(prepare: Prepare, sandbox: Any) -> None:
    payment_id = prepare("pm_card_authenticationRequired")
    told = charging.charge(payment_id)
    sandbox.answer_bank(told.action_url, "refuse")
    settled = charging.settle(payment_id)
    assert (settled.status, settled.decline_code) == ("declined", "payment_intent_authentication_failure")
    assert len(events("PaymentFailed")) == 1


def test_who_never_comes_back_from_the_bank_is_given_up(prepare: Prepare, sandbox: Any, time: Any) -> None:
    payment_id = prepare("pm_card_authenticationRequired")
    told = charging.charge(payment_id)
    time.forward(minutes=16)
    settled = charging.settle(payment_id)
    assert (settled.status, settled.decline_code) == ("declined", "abandoned")
    sandbox.answer_bank(told.action_url, "approve")  # too late: the gateway has given it up as well
    assert sandbox.ledger()["charges"] == []


@pytest.mark.django_db(transaction=True)
def test_no_network_inside_a_transaction(prepare: Prepare, sandbox: Any) -> None:
    from airbnb import db

    payment_id = prepare()
    with db.write(), pytest.raises(NetworkInTransaction):
        charging.charge(payment_id)
    with db.write(), pytest.raises(NetworkInTransaction):
        charging.settle(payment_id)
    assert sandbox.ledger()["intents"] == []
    assert charging.charge(payment_id).status == "approved"  # the control: outside it goes through


@pytest.mark.django_db(transaction=True)
def test_the_gateways_client_itself_refuses_inside_a_transaction(sandbox: Any) -> None:
    """The guard sits in the outgoing client, so an adapter that forgets to ask cannot slip through."""
    from airbnb import db
    from payments.gateways.stripe_transport import stripe_client

    with db.write(), pytest.raises(NetworkInTransaction):
        stripe_client().v1.payment_intents.list()
    assert stripe_client().v1.payment_intents.list().data == []


@pytest.mark.django_db(transaction=True)
def test_a_payment_is_prepared_with_its_reservation_or_not_at_all(guest: Any) -> None:
    with pytest.raises(NoTransaction):
        charging.prepare(
            reservation="BB0", guest_id=guest.pk, amount=Money(1000), method="pm_card_visa", return_url="http://x.test/"
        )
    assert not Payment.objects.exists()
    assert not connection.in_atomic_block

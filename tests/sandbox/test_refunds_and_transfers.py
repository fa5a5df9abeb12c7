"""Money back and money on: refunds never exceed the capture, transfers can be reversed."""

from __future__ import annotations

import pytest
import stripe

from tests.sandbox.conftest import Inbox
from tests.sandbox.test_payment_intents import BOOKING, pay
from tests.sandbox_process import SandboxProcess


def test_partial_refunds_add_up_and_no_further(client: stripe.StripeClient, gateway: SandboxProcess) -> None:
    intent = pay(client)
    first = client.v1.refunds.create(
        {
            "payment_intent": intent.id,
            "amount": 28000,
            "reason": "requested_by_customer",
            "metadata": {"refund": "r-1"},
        }
    )
    assert (first.status, first.amount, first.reason) == ("succeeded", 28000, "requested_by_customer")
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.refunds.create({"payment_intent": intent.id, "amount": 100001})
    assert (caught.value.http_status, caught.value.code) == (400, "amount_too_large")
    rest = client.v1.refunds.create({"payment_intent": intent.id})
    assert rest.amount == 100000
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.refunds.create({"payment_intent": intent.id})
    assert caught.value.code == "charge_already_refunded"
    ledger = gateway.ledger()
    assert (ledger["charges"][0]["captured"], ledger["charges"][0]["refunded"]) == (128000, 128000)
    assert [each["amount"] for each in ledger["refunds"]] == [28000, 100000]
    assert ledger["refunds"][0]["metadata"] == {**BOOKING, "refund": "r-1"}


def test_what_was_not_captured_cannot_be_refunded(client: stripe.StripeClient) -> None:
    held = pay(client, capture_method="manual")
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.refunds.create({"payment_intent": held.id})


def test_a_refund_can_fail_afterwards(client: stripe.StripeClient, gateway: SandboxProcess, inbox: Inbox) -> None:
    intent = pay(client, payment_method="pm_card_refundFail")
    refund = client.v1.refunds.create({"payment_intent": intent.id, "amount": 5000})
    assert refund.status == "succeeded"
    failed = inbox.next("refund.failed").event["data"]["object"]
    assert (failed["id"], failed["status"]) == (refund.id, "failed")
    assert client.v1.refunds.retrieve(refund.id).failure_reason == "expired_or_canceled_card"
    assert gateway.ledger()["charges"][0]["refunded"] == 0


def test_refunds_are_listed_by_payment(client: stripe.StripeClient) -> None:
    intent, other = pay(client), pay(client)
    mine = client.v1.refunds.create({"payment_intent": intent.id, "amount": 1})
    client.v1.refunds.create({"payment_intent": other.id, "amount": 1})
    listed = client.v1.refunds.list({"payment_intent": intent.id})
    assert [each.id for each in listed.data] == [mine.id]


def test_a_transfer_and_its_reversal(client: stripe.StripeClient, gateway: SandboxProcess) -> None:
    sent = client.v1.transfers.create(
        {"amount": 90000, "currency": "krw", "destination": "acct_host1", "metadata": BOOKING}
    )
    client.v1.transfers.reversals.create(sent.id, {"amount": 30000})
    (transfer,) = gateway.ledger()["transfers"]
    assert (transfer["amount"], transfer["amount_reversed"], transfer["metadata"]) == (90000, 30000, BOOKING)
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.transfers.reversals.create(sent.id, {"amount": 60001})


def test_a_transfer_needs_an_account(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.transfers.create({"amount": 1, "currency": "krw", "destination": "nobody"})
    assert caught.value.param == "destination"

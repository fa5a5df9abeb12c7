"""Money back and money on: refunds never exceed the capture, transfers can be reversed."""

from __future__ import annotations

from typing import Any

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


def host_account(client: stripe.StripeClient, number: str = "000123456789", **params: Any) -> str:
    """A connected account with a bank account that transfers may go to; returns its id."""
    bank = {
        "object": "bank_account",
        "country": "KR",
        "currency": "krw",
        "account_number": number,
        "routing_number": "088",
        "account_holder_name": "하준",
    }
    asked = {
        "type": "custom",
        "country": "KR",
        "capabilities": {"transfers": {"requested": True}},
        "external_account": bank,
        **params,
    }
    return client.v1.accounts.create(asked).id


def test_a_transfer_and_its_reversal(client: stripe.StripeClient, gateway: SandboxProcess) -> None:
    pay(client)
    account = host_account(client)
    sent = client.v1.transfers.create({"amount": 90000, "currency": "krw", "destination": account, "metadata": BOOKING})
    client.v1.transfers.reversals.create(sent.id, {"amount": 30000})
    (transfer,) = gateway.ledger()["transfers"]
    assert (transfer["amount"], transfer["amount_reversed"], transfer["metadata"]) == (90000, 30000, BOOKING)
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.transfers.reversals.create(sent.id, {"amount": 60001})


@pytest.mark.parametrize("destination", ["nobody", "acct_nobody"])
def test_a_transfer_needs_an_account(client: stripe.StripeClient, destination: str) -> None:
    pay(client)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.transfers.create({"amount": 1, "currency": "krw", "destination": destination})
    assert (caught.value.param, caught.value.code) == ("destination", "resource_missing")


def test_an_account_must_be_able_to_take_transfers(client: stripe.StripeClient, gateway: SandboxProcess) -> None:
    pay(client)
    for account, code in (
        (host_account(client, capabilities={"card_payments": {"requested": True}}), "insufficient_capabilities"),
        (host_account(client, "000111111113"), "account_closed"),
    ):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            client.v1.transfers.create({"amount": 1, "currency": "krw", "destination": account})
        assert str(caught.value.code).startswith(code)
    assert gateway.ledger()["transfers"] == []


def test_no_more_is_sent_than_the_books_hold(client: stripe.StripeClient, gateway: SandboxProcess) -> None:
    intent = pay(client)
    account = host_account(client)
    client.v1.refunds.create({"payment_intent": intent.id, "amount": 28000})
    wanted = {"amount": 96801, "currency": "krw", "destination": account}  # 3200 are the gateway's fee
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.transfers.create(wanted, {"idempotency_key": "k"})
    assert caught.value.code == "balance_insufficient"
    client.v1.transfers.create({**wanted, "amount": 96800, "transfer_group": "p-1"})
    assert client.v1.balance.retrieve().available[0].amount == 0
    pay(client)
    with pytest.raises(stripe.InvalidRequestError):  # a key keeps its first answer
        client.v1.transfers.create(wanted, {"idempotency_key": "k"})
    assert [each["amount"] for each in gateway.ledger()["transfers"]] == [96800]
    assert [each.amount for each in client.v1.transfers.list({"transfer_group": "p-1"}).data] == [96800]
    assert client.v1.transfers.list({"transfer_group": "p-2"}).data == []


def test_of_a_bank_account_only_the_last_digits_are_kept(client: stripe.StripeClient) -> None:
    account = host_account(client, "110123456789")
    shown = client.v1.accounts.retrieve(account)
    assert "110123456789" not in str(shown)
    assert shown.external_accounts.data[0].last4 == "6789"
    with pytest.raises(stripe.InvalidRequestError) as caught:
        host_account(client, "12")
    assert caught.value.code == "account_number_invalid"

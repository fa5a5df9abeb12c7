"""Webhooks: signed, retried, doubled, disordered, late, early or never."""

from __future__ import annotations

import queue
import time

import pytest
import stripe

from tests.sandbox.conftest import Inbox
from tests.sandbox.test_payment_intents import pay
from tests.sandbox.test_refunds_and_transfers import host_account
from tests.sandbox_process import SandboxProcess


def test_an_event_is_signed_and_can_be_fetched(
    client: stripe.StripeClient, gateway: SandboxProcess, inbox: Inbox
) -> None:
    intent = pay(client)
    arrived = inbox.next("payment_intent.succeeded")
    event = stripe.Webhook.construct_event(arrived.body, arrived.signature, gateway.webhook_secret)
    assert event.data.object["id"] == intent.id
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(arrived.body, arrived.signature, "whsec_other")
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(arrived.body + b" ", arrived.signature, gateway.webhook_secret)
    assert client.v1.events.retrieve(event.id).type == "payment_intent.succeeded"
    assert event.id in [each.id for each in client.v1.events.list({"type": "payment_intent.succeeded"}).data]


def test_every_change_tells(client: stripe.StripeClient, inbox: Inbox) -> None:
    held = pay(client, capture_method="manual")
    client.v1.payment_intents.cancel(held.id)
    paid = pay(client)
    client.v1.transfers.create({"amount": 1, "currency": "krw", "destination": host_account(client)})
    client.v1.refunds.create({"payment_intent": paid.id})
    with pytest.raises(stripe.CardError):
        pay(client, payment_method="pm_card_visa_chargeDeclined")
    pay(client, payment_method="pm_card_authenticationRequired")
    expected = {
        "payment_intent.amount_capturable_updated",
        "payment_intent.canceled",
        "payment_intent.succeeded",
        "payment_intent.payment_failed",
        "payment_intent.requires_action",
        "charge.refunded",
        "refund.created",
        "transfer.created",
    }
    seen: set[str] = set()
    while not expected <= seen:
        seen.add(inbox.next().event["type"])


def test_a_refused_delivery_comes_again(client: stripe.StripeClient, inbox: Inbox) -> None:
    inbox.refuse = 100
    pay(client)
    first = inbox.next("payment_intent.succeeded")
    inbox.refuse = 0
    second = inbox.next("payment_intent.succeeded")
    assert first.event["id"] == second.event["id"]


def test_duplicates_on_demand(client: stripe.StripeClient, gateway: SandboxProcess, inbox: Inbox) -> None:
    gateway.faults(webhooks="duplicate")
    pay(client)
    first, second = inbox.next("payment_intent.succeeded"), inbox.next("payment_intent.succeeded")
    assert first.event["id"] == second.event["id"]


def test_never(client: stripe.StripeClient, gateway: SandboxProcess, inbox: Inbox) -> None:
    gateway.faults(webhooks="off")
    lost = pay(client)
    gateway.faults(webhooks="normal")
    told = pay(client)
    assert inbox.next("payment_intent.succeeded").event["data"]["object"]["id"] == told.id != lost.id


def test_before_our_own_answer(client: stripe.StripeClient, gateway: SandboxProcess, inbox: Inbox) -> None:
    gateway.faults(webhooks="early")
    pay(client)
    kinds = [inbox.received.get_nowait().event["type"] for _ in range(inbox.received.qsize())]
    assert "payment_intent.succeeded" in kinds


def test_late(client: stripe.StripeClient, gateway: SandboxProcess, inbox: Inbox) -> None:
    gateway.faults(webhooks="delay", latency_ms=700)
    started = time.monotonic()
    pay(client)
    inbox.next("payment_intent.succeeded")
    assert time.monotonic() - started > 0.65


def test_out_of_order_yet_all(client: stripe.StripeClient, gateway: SandboxProcess, inbox: Inbox) -> None:
    gateway.faults(webhooks="shuffle", latency_ms=500)
    paid = [pay(client).id for _ in range(12)]
    order = [inbox.next("payment_intent.succeeded").event["data"]["object"]["id"] for _ in paid]
    assert sorted(order) == sorted(paid)
    assert order != paid
    with pytest.raises(queue.Empty):
        inbox.next("payment_intent.succeeded", within=0.05)

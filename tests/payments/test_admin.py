"""Operators see all money, and change it only through the services."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from airbnb.money import Money
from payments import charging
from payments.models import Payment, Refund, WebhookMessage
from payments.services import promise_refund
from tests.payments.conftest import Prepare

pytestmark = pytest.mark.django_db

PAGES = ("payment", "refund", "ledgertransaction", "ledgeraccount", "webhookmessage")


@pytest.fixture
def desk(operator: Any, client: Client) -> Client:
    """The operators' site, signed in."""
    client.force_login(operator)
    return client


@pytest.mark.parametrize("page", PAGES)
def test_every_list_opens_and_offers_no_editing(desk: Client, paid: Callable[..., Payment], page: str) -> None:
    promise_refund(payment_id=str(paid().pk), amount=Money(1000), source="s", reason="flexible")
    answer = desk.get(f"/admin/payments/{page}/")
    assert answer.status_code == 200
    assert desk.get(f"/admin/payments/{page}/add/").status_code == 403


def test_a_payment_is_shown_with_its_calls_and_cannot_be_changed(desk: Client, paid: Callable[..., Payment]) -> None:
    payment = paid()
    address = f"/admin/payments/payment/{payment.pk}/change/"
    assert f"charge:{payment.pk}" in desk.get(address).content.decode()
    assert desk.post(address, {"status": "voided"}).status_code == 403
    assert desk.post(f"/admin/payments/payment/{payment.pk}/delete/", {"post": "yes"}).status_code == 403
    payment.refresh_from_db()
    assert payment.status == "captured"


def test_others_do_not_get_in(client: Client, guest: Any) -> None:
    client.force_login(guest)
    assert client.get("/admin/payments/payment/").status_code in (302, 403)


def run(desk: Client, page: str, action: str, *ids: Any) -> None:
    answer = desk.post(f"/admin/payments/{page}/", {"action": action, "_selected_action": [str(each) for each in ids]})
    assert answer.status_code == 302


def test_asking_the_gateway_settles(desk: Client, prepare: Prepare, sandbox: Any) -> None:
    payment_id = prepare()
    sandbox.faults(mode="drop_after")
    charging.charge(payment_id)
    sandbox.faults(mode="none")
    run(desk, "payment", "ask_gateway", payment_id)
    assert Payment.objects.get(pk=payment_id).status == "captured"


def test_a_failed_refund_is_sent_again(desk: Client, paid: Callable[..., Payment], sandbox: Any) -> None:
    payment = paid()
    refund = promise_refund(payment_id=str(payment.pk), amount=Money(1000), source="s", reason="flexible")
    assert refund is not None
    Refund.objects.filter(pk=refund.pk).update(status="failed")
    run(desk, "refund", "send_again", refund.pk)
    assert Refund.objects.get().status == "pending"


def test_a_parked_message_is_worked_on_again(desk: Client) -> None:
    from airbnb import clock

    at = clock.now()
    parked = WebhookMessage.objects.create(
        gateway="stripe", event_id="evt", kind="x", payload={}, state="parked", received_at=at, next_attempt_at=at
    )
    run(desk, "webhookmessage", "work_again", parked.pk)
    assert WebhookMessage.objects.get().state == "waiting"

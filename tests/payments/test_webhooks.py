"""Gateway messages: signed or refused, stored once, and harmless whenever and however often they come."""

from __future__ import annotations

import hashlib
import hmac
import json
import time as stopwatch
from collections.abc import Callable
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from airbnb.money import Money
from payments import charging, messages, refunding, tasks
from payments.gateways.stripe_adapter import StripeGateway
from payments.models import Payment, Refund, WebhookMessage
from payments.services import promise_refund, work_message_again
from tests.payments.conftest import Prepare
from tests.payments.facts import balances, events

pytestmark = pytest.mark.django_db

URL = "/gateways/stripe/webhook/"


def signed(body: bytes, secret: str, *, at: int | None = None) -> dict[str, str]:
    """The gateway's signature header."""
    at = int(stopwatch.time()) if at is None else at
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Stripe-Signature": f"t={at},v1={digest}"}


def send(body: bytes, secret: str = "whsec_sandbox", **how: Any) -> Any:
    return Client(enforce_csrf_checks=True).post(
        URL, body, content_type="application/json", headers=signed(body, secret, **how)
    )


def message_of(sandbox: Any, kind: str) -> bytes:
    """The gateway's own event of a kind, as it would send it."""
    (event,) = [each for each in sandbox.events() if each["type"] == kind]
    return json.dumps(event).encode()


@pytest.fixture
def charged_unheard(prepare: Prepare, sandbox: Any) -> str:
    """A payment that the gateway took while its answer was lost."""
    payment_id = prepare()
    sandbox.faults(mode="drop_after")
    assert charging.charge(payment_id).status == "unknown"
    sandbox.faults(mode="none")
    return payment_id


def test_a_signed_message_is_stored_answered_and_worked_on_later(charged_unheard: str, sandbox: Any) -> None:
    answer = send(message_of(sandbox, "payment_intent.succeeded"))
    assert (answer.status_code, answer.json()) == (200, {"status": "stored"})
    assert Payment.objects.get(pk=charged_unheard).status == "unknown"
    assert tasks.work_webhooks() == 1
    payment = Payment.objects.get(pk=charged_unheard)
    assert payment.status == "captured"
    assert WebhookMessage.objects.get().state == "done"
    assert len(events("PaymentApproved")) == 1


def test_the_payment_is_asked_for_by_the_id_that_the_message_tells(
    charged_unheard: str, sandbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By our own reference a whole list would have to be read, on a busy day for longer than a call may take."""
    from payments.gateways import stripe_adapter

    asked: list[str] = []
    look_up = stripe_adapter.StripeGateway.look_up

    def listen(self: Any, reference: Any) -> Any:
        asked.append(reference.gateway_ref)
        return look_up(self, reference)

    monkeypatch.setattr(stripe_adapter.StripeGateway, "look_up", listen)
    body = message_of(sandbox, "payment_intent.succeeded")
    send(body)
    tasks.work_webhooks()
    assert asked == [json.loads(body)["data"]["object"]["id"]]
    assert Payment.objects.get(pk=charged_unheard).status == "captured"


def test_an_id_of_another_payment_settles_nothing_of_ours(prepare: Prepare, sandbox: Any) -> None:
    other = prepare(reservation="BBOTHER000")
    charging.charge(other)
    mine = prepare()
    sandbox.faults(mode="drop_before")
    charging.charge(mine)
    sandbox.faults(mode="none")
    hint = Payment.objects.get(pk=other).gateway_ref
    assert charging.settle(mine, may_send=False, hint=hint).status == "unknown"
    assert Payment.objects.get(pk=mine).gateway_ref == ""


def test_duplicates_and_disorder_are_harmless(charged_unheard: str, sandbox: Any) -> None:
    bodies = [json.dumps(each).encode() for each in reversed(sandbox.events())]
    for body in [*bodies, *bodies]:
        assert send(body).status_code == 200
    assert WebhookMessage.objects.count() == len(bodies)
    tasks.work_webhooks()
    tasks.work_webhooks()
    assert len(events("PaymentApproved")) == 1
    code = Payment.objects.get(pk=charged_unheard).reservation
    assert balances(code) == {"gateway_clearing": 128000, "guest_funds_held": -128000}


def told_before_answered(sandbox: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on the message about a charge is here, and looked at, before whoever charged has the answer."""
    real = StripeGateway.charge

    def answered_late(self: Any, request: Any) -> Any:
        outcome = real(self, request)
        send(message_of(sandbox, "payment_intent.succeeded"))
        assert tasks.work_webhooks() == 0
        return outcome

    monkeypatch.setattr(StripeGateway, "charge", answered_late)


def test_a_message_before_our_own_answer_and_the_answer_after(
    prepare: Prepare, sandbox: Any, time: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gateway tells by webhook first: whoever waits for the answer records it, and the gateway is asked nothing."""
    told_before_answered(sandbox, monkeypatch)
    began = stopwatch.time()
    assert charging.charge(prepare()).status == "approved"
    assert (WebhookMessage.objects.get().state, WebhookMessage.objects.get().attempts) == ("waiting", 0)
    time.forward(seconds=5)
    assert tasks.work_webhooks() == 1
    assert len(events("PaymentApproved")) == 1
    assert WebhookMessage.objects.get().state == "done"
    assert len(sandbox.came(since=began)) == 2, "the charge, and this test's own question for the events"


def test_a_message_about_a_request_that_is_sent_again_waits_as_well(
    prepare: Prepare, sandbox: Any, time: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What never arrived goes out a minute later, and it is then that its answer is on its way."""
    payment_id = prepare()
    sandbox.faults(mode="drop_before")
    charging.charge(payment_id)
    sandbox.faults(mode="none")
    time.forward(minutes=1)
    told_before_answered(sandbox, monkeypatch)
    assert charging.settle(payment_id).status == "approved"
    assert WebhookMessage.objects.get().attempts == 0


@pytest.mark.parametrize("what", ["payment", "refund"])
def test_when_the_caller_dies_the_message_settles_it(
    prepare: Prepare,
    paid: Callable[..., Payment],
    sandbox: Any,
    time: Any,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
    django_capture_on_commit_callbacks: Any,
) -> None:
    """It is put off until no answer can come any more, and wakes a worker just then."""
    soon: list[float] = []
    monkeypatch.setattr(tasks, "work_soon", lambda _message_id, after_s=0.0: soon.append(after_s))
    payment_id = prepare() if what == "payment" else str(paid().pk)
    if what == "refund":
        promise_refund(payment_id=payment_id, amount=Money(9000), source="s", reason="flexible")
    with monkeypatch.context() as dying:
        dying.setattr(charging, "record", raise_interrupt)
        dying.setattr(refunding, "record_refund", raise_interrupt)
        with pytest.raises(KeyboardInterrupt):
            charging.charge(payment_id) if what == "payment" else tasks.send_refunds()
    with django_capture_on_commit_callbacks(execute=True):
        send(message_of(sandbox, "payment_intent.succeeded" if what == "payment" else "refund.created"))
        assert tasks.work_webhooks() == 0
    assert soon == [0.0, pytest.approx(4.5, abs=1.5)]
    time.forward(seconds=5)
    assert tasks.work_webhooks() == 1
    done = Payment.objects.get(pk=payment_id)
    assert (done.captured_minor, done.refunded_minor) == (128_000, 9000 if what == "refund" else 0)


def raise_interrupt(*_given: Any) -> None:
    raise KeyboardInterrupt


def test_a_late_failure_does_not_undo_a_success(prepare: Prepare, sandbox: Any) -> None:
    payment_id = prepare("pm_card_visa_chargeDeclined")
    charging.charge(payment_id)
    failure = message_of(sandbox, "payment_intent.payment_failed")
    sandbox.confirm(Payment.objects.get(pk=payment_id).gateway_ref, "pm_card_visa")
    charging.settle(payment_id)
    send(failure)
    tasks.work_webhooks()
    assert Payment.objects.get(pk=payment_id).status == "captured"


def test_unsigned_forged_stale_or_broken_messages_leave_no_row(charged_unheard: str, sandbox: Any) -> None:
    body = message_of(sandbox, "payment_intent.succeeded")
    client = Client()
    refused = [
        client.post(URL, body, content_type="application/json"),
        client.post(URL, body, content_type="application/json", headers={"Stripe-Signature": "t=1,v1=00"}),
        client.post(URL, body, content_type="application/json", headers={"Stripe-Signature": "nonsense"}),
        send(body, "whsec_other"),
        send(body, at=int(stopwatch.time()) - 301),
        client.post(URL, body + b" ", content_type="application/json", headers=signed(body, sandbox.webhook_secret)),
        send(b"not json"),
        send(b"[]"),
        send(b'{"id": "evt_1"}'),
        send(b"\xff\xfe"),
    ]
    assert {each.status_code for each in refused} == {400}
    assert send(b"x" * (256 * 1024 + 1)).status_code == 413
    assert not WebhookMessage.objects.exists()
    assert Client().get(URL).status_code == 405
    assert Client().post("/gateways/nobody/webhook/", body, content_type="application/json").status_code == 404


def test_the_old_secret_works_while_the_new_one_is_brought_in(
    charged_unheard: str, sandbox: Any, settings: Any
) -> None:
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_new", "whsec_old"]
    body = message_of(sandbox, "payment_intent.succeeded")
    assert send(body, "whsec_old").json() == {"status": "stored"}
    assert send(body, "whsec_new").json() == {"status": "known"}


def test_a_message_about_something_else_is_parked_in_the_end(sandbox: Any, time: Any) -> None:
    event = {
        "id": "evt_1",
        "type": "payment_intent.succeeded",
        "data": {"object": {"object": "payment_intent", "id": "pi_else", "metadata": {"payment": "not-ours"}}},
    }
    assert send(json.dumps(event).encode()).status_code == 200
    for _ in range(13):
        tasks.work_webhooks()
        time.forward(hours=2)
    message = WebhookMessage.objects.get()
    assert (message.state, message.attempts) == ("parked", 12)
    told = Client().get("/metrics").content.decode()
    assert 'binbang_webhooks{state="parked"} 1.0' in told
    assert 'binbang_webhooks{state="waiting"} 0.0' in told
    work_message_again(message.pk)
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("waiting", 0)


def test_a_kind_we_do_not_act_upon_is_done(sandbox: Any) -> None:
    send(json.dumps({"id": "evt_2", "type": "customer.created", "data": {"object": {"id": "cus"}}}).encode())
    assert tasks.work_webhooks() == 1


def test_while_the_gateway_is_down_the_message_waits(charged_unheard: str, sandbox: Any, time: Any) -> None:
    send(message_of(sandbox, "payment_intent.succeeded"))
    sandbox.faults(mode="error")
    tasks.work_webhooks()
    assert Payment.objects.get(pk=charged_unheard).status == "unknown"
    sandbox.faults(mode="none")
    time.forward(minutes=2)
    tasks.work_webhooks()
    tasks.settle_unknown()
    assert Payment.objects.get(pk=charged_unheard).status == "captured"


def test_a_message_can_settle_a_refund(paid: Callable[..., Payment], sandbox: Any) -> None:
    refund = promise_refund(payment_id=str(paid().pk), amount=Money(9000), source="s", reason="flexible")
    assert refund is not None
    sandbox.faults(mode="drop_after")
    tasks.send_refunds()
    sandbox.faults(mode="none")
    for _ in range(2):
        send(message_of(sandbox, "refund.created"))
        tasks.work_webhooks()
    assert Refund.objects.get().status == "succeeded"
    assert len(events("PaymentCancelled")) == 1


@pytest.mark.django_db(transaction=True)
def test_a_message_is_worked_on_by_one_worker(
    charged_unheard: str, sandbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one worker is at it, and after it is done, the others leave it alone."""
    send(message_of(sandbox, "payment_intent.succeeded"))
    message_id = WebhookMessage.objects.get().pk
    asked: list[str] = []
    at_work, others_done = Event(), Event()

    def settle(payment_id: str, **_: Any) -> None:
        asked.append(payment_id)
        at_work.set()
        assert others_done.wait(20)

    monkeypatch.setattr(charging, "settle", settle)
    first = Thread(target=lambda: (messages.work(message_id), connection.close()))
    first.start()
    assert at_work.wait(20)
    assert [messages.work(message_id) for _other in range(2)] == [False, False]
    others_done.set()
    first.join(20)
    assert (len(asked), WebhookMessage.objects.get().state) == (1, "done")
    assert not messages.work(message_id)


@pytest.mark.django_db(transaction=True)
def test_the_gateway_itself_delivers(prepare: Prepare, sandbox: Any, live_server: Any) -> None:
    """End to end: the sandbox signs and sends, the site stores, the worker settles."""
    sandbox.webhooks_to(f"{live_server.url}{URL}")
    try:
        payment_id = prepare()
        sandbox.faults(mode="drop_after")
        assert charging.charge(payment_id).status == "unknown"
        sandbox.faults(mode="none")
        ends = stopwatch.monotonic() + 15
        while Payment.objects.get(pk=payment_id).status != "captured":
            assert stopwatch.monotonic() < ends
            tasks.work_webhooks()
            stopwatch.sleep(0.05)
    finally:
        sandbox.webhooks_to("")
    assert len(events("PaymentApproved")) == 1


@pytest.mark.parametrize("times", [1, 2])
def test_a_dispute_is_left_for_an_operator_and_never_passes_in_silence(
    charged_unheard: str, sandbox: Any, caplog: pytest.LogCaptureFixture, times: int
) -> None:
    payment = Payment.objects.get(pk=charged_unheard)
    charging.settle(charged_unheard)
    payment.refresh_from_db()
    told = json.loads(message_of(sandbox, "payment_intent.succeeded"))
    dispute = {"id": "dp_1", "object": "dispute", "amount": 1000, "payment_intent": payment.gateway_ref}
    body = json.dumps(told | {"id": "evt_dp", "type": "charge.dispute.created", "data": {"object": dispute}}).encode()
    for _time in range(times):
        assert send(body).status_code == 200
        tasks.work_webhooks()
    message = WebhookMessage.objects.get(event_id="evt_dp")
    assert (message.state, str(payment.pk) in message.last_error) == ("parked", True)
    assert caplog.text.count("payment_disputed") == 1
    work_message_again(message.pk)
    tasks.work_webhooks()
    message.refresh_from_db()
    assert message.state == "done", "an operator has answered it"
    assert Payment.objects.get(pk=charged_unheard).status == "captured"

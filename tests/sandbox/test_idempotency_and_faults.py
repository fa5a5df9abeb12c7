"""Idempotency keys as the gateway keeps them, and every way it can misbehave."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
import stripe

from tests.sandbox.conftest import stripe_client
from tests.sandbox.test_payment_intents import BOOKING, pay
from tests.sandbox_process import SandboxProcess

PARAMS: Any = {
    "amount": 128000,
    "currency": "krw",
    "payment_method": "pm_card_visa",
    "confirm": True,
    "metadata": BOOKING,
}


def create(client: stripe.StripeClient, key: str, **changes: Any) -> stripe.PaymentIntent:
    return client.v1.payment_intents.create(PARAMS | changes, {"idempotency_key": key})


def replayed(intent: stripe.PaymentIntent) -> bool:
    assert intent.last_response is not None
    return intent.last_response.headers.get("Idempotent-Replayed") == "true"


def test_the_same_key_gives_the_same_answer(client: stripe.StripeClient, gateway: SandboxProcess) -> None:
    first, second = create(client, "k1"), create(client, "k1")
    assert (first.id, replayed(first)) == (second.id, False)
    assert replayed(second)
    assert len(gateway.ledger()["charges"]) == 1


def test_every_call_that_came_is_counted_whatever_became_of_it(
    client: stripe.StripeClient, gateway: SandboxProcess
) -> None:
    """So a judge can tell a burst: look-ups and failures beside charges, by the clock."""
    began = time.time()
    intent = create(client, "k1")
    client.v1.payment_intents.retrieve(intent.id)
    gateway.faults(mode="error")
    with pytest.raises(stripe.APIError):
        create(client, "k2")
    came = gateway.came(since=began)
    assert len(came) == 3
    assert came == sorted(came)
    assert came[-1] <= time.time()


def test_without_the_same_key_it_is_charged_twice(client: stripe.StripeClient, gateway: SandboxProcess) -> None:
    """The control: it is the key that protects, nothing else."""
    create(client, "k1"), create(client, "k2")
    assert len(gateway.ledger()["charges"]) == 2


def test_a_key_used_with_other_parameters_is_refused(client: stripe.StripeClient, gateway: SandboxProcess) -> None:
    create(client, "k1")
    with pytest.raises(stripe.IdempotencyError) as caught:
        create(client, "k1", amount=1)
    assert caught.value.http_status == 400
    assert len(gateway.ledger()["charges"]) == 1


def test_a_stored_decline_is_replayed(client: stripe.StripeClient, gateway: SandboxProcess) -> None:
    for _ in range(2):
        with pytest.raises(stripe.CardError):
            create(client, "k1", payment_method="pm_card_visa_chargeDeclined")
    assert len(gateway.ledger()["declined"]) == 1


@pytest.mark.parametrize(("mode", "charges"), [("error", 0), ("error_after", 1)])
def test_a_stored_500_is_replayed_for_a_day(
    client: stripe.StripeClient, gateway: SandboxProcess, mode: str, charges: int
) -> None:
    gateway.faults(mode=mode)
    with pytest.raises(stripe.APIError):
        create(client, "k1")
    gateway.faults(mode="none")
    with pytest.raises(stripe.APIError) as caught:
        create(client, "k1")
    assert caught.value.headers is not None
    assert caught.value.headers["Idempotent-Replayed"] == "true"
    assert len(gateway.ledger()["charges"]) == charges
    gateway.faults(clock_s=24 * 3600 + 60)
    assert create(client, "k1").status == "succeeded"
    assert len(gateway.ledger()["charges"]) == charges + 1


def test_what_was_refused_before_acting_leaves_the_key_free(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        create(client, "k1", payment_method="pm_card_nonsense")
    assert create(client, "k1").status == "succeeded"


def test_a_second_request_meanwhile_gets_409(client: stripe.StripeClient, gateway: SandboxProcess) -> None:
    gateway.faults(mode="slow", latency_ms=1500, times=1)
    first: list[stripe.PaymentIntent] = []
    running = threading.Thread(target=lambda: first.append(create(stripe_client(gateway), "k1")))
    running.start()
    _wait_until(lambda: gateway._call("GET", "/_faults")["mode"] == "none")
    with pytest.raises(stripe.StripeError) as caught:
        create(client, "k1")
    assert caught.value.error is not None
    assert (caught.value.http_status, caught.value.error.code) == (409, "idempotency_key_in_use")
    running.join()
    assert create(client, "k1").id == first[0].id


def _wait_until(true: Any, within: float = 5) -> None:
    deadline = time.monotonic() + within
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize(("mode", "charges"), [("drop_before", 0), ("drop_after", 1)])
def test_a_cut_connection_is_before_or_after_the_act(
    client: stripe.StripeClient, gateway: SandboxProcess, mode: str, charges: int
) -> None:
    gateway.faults(mode=mode)
    with pytest.raises(stripe.APIConnectionError):
        create(client, "k1")
    assert len(gateway.ledger()["charges"]) == charges
    gateway.faults(mode="none")
    assert create(client, "k1").status == "succeeded"
    assert len(gateway.ledger()["charges"]) == 1


def test_the_library_retries_a_cut_connection_by_itself(gateway: SandboxProcess) -> None:
    gateway.faults(mode="drop_after", times=1)
    intent = create(stripe_client(gateway, retries=2), "k1")
    assert replayed(intent)
    assert len(gateway.ledger()["charges"]) == 1


def test_a_black_hole_does_not_act(gateway: SandboxProcess) -> None:
    http = stripe.HTTPXClient(timeout=0.5, allow_sync_methods=True)
    client = stripe.StripeClient(
        gateway.secret_key, base_addresses={"api": gateway.url}, http_client=http, max_network_retries=0
    )
    gateway.faults(mode="timeout", latency_ms=1000)
    with pytest.raises(stripe.APIConnectionError):
        create(client, "k1")
    assert gateway.ledger()["charges"] == []


def test_half_the_calls_fail_at_rate_one_half(client: stripe.StripeClient, gateway: SandboxProcess) -> None:
    gateway.faults(mode="error", rate=0.5)
    failed = 0
    for _ in range(60):
        try:
            client.v1.payment_intents.list()
        except stripe.APIError:
            failed += 1
    assert 10 <= failed <= 50


def test_nonsense_faults_are_refused_and_change_nothing(gateway: SandboxProcess) -> None:
    for wrong in ({"mode": "explode"}, {"rate": 2}, {"webhooks": "never"}, {"speed": 1}):
        with pytest.raises(OSError, match="400"):
            gateway.faults(**wrong)
    assert gateway._call("GET", "/_faults")["mode"] == "none"


def test_books_survive_a_crash() -> None:
    process = SandboxProcess().start()
    try:
        first = create(stripe_client(process), "k1")
        process.stop(kill=True, keep=True)
        process.start(port=process.port)
        assert create(stripe_client(process), "k1").id == first.id
        assert len(process.ledger()["charges"]) == 1
    finally:
        process.stop()


def test_many_at_once_with_one_key_charge_once(gateway: SandboxProcess) -> None:
    answers: list[str] = []
    refusals: list[int | None] = []

    def go() -> None:
        try:
            answers.append(create(stripe_client(gateway), "k1").id)
        except stripe.StripeError as busy:
            refusals.append(busy.http_status)

    threads = [threading.Thread(target=go) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(answers)) == 1
    assert set(refusals) <= {409}
    assert len(gateway.ledger()["charges"]) == 1


def test_calls_keep_their_connection_and_are_quick(client: stripe.StripeClient) -> None:
    pay(client)
    started = time.monotonic()
    for _ in range(20):
        pay(client)
    assert time.monotonic() - started < 4  # a delayed acknowledgement would cost 40 ms a call and more under load

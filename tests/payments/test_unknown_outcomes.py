"""When nobody answers: unknown is not failed, nothing is charged twice, and everything is found out."""

from __future__ import annotations

from typing import Any

import pytest

from payments import charging
from payments.models import GatewayCall, Payment
from payments.services import give_up
from payments.tasks import settle_unknown
from tests.payments.conftest import Prepare
from tests.payments.facts import balances, events

pytestmark = pytest.mark.django_db


def status_of(payment_id: str) -> str:
    return Payment.objects.values_list("status", flat=True).get(pk=payment_id)


@pytest.mark.parametrize("mode", ["drop_after", "drop_before", "error_after", "error"])
def test_without_an_answer_the_outcome_is_unknown_and_then_found_out(
    prepare: Prepare, sandbox: Any, time: Any, mode: str
) -> None:
    payment_id = prepare()
    sandbox.faults(mode=mode)
    assert charging.charge(payment_id).status == "unknown"
    assert (status_of(payment_id), events("PaymentFailed")) == ("unknown", [])
    time.forward(seconds=30)
    settle_unknown()
    assert (status_of(payment_id), events("PaymentFailed")) == ("unknown", [])  # still nobody answers
    sandbox.faults(mode="none")
    time.forward(seconds=30)
    settle_unknown()
    code = Payment.objects.get(pk=payment_id).reservation
    charges = sandbox.charges(code)
    if mode == "error":  # the gateway keeps its failure under the key, and has no such payment
        assert (status_of(payment_id), charges) == ("voided", [])
        assert [(each["code"], each["retryable"]) for each in events("PaymentFailed")] == [("gateway_error", True)]
    else:
        assert (status_of(payment_id), len(charges)) == ("captured", 1)
        assert len(events("PaymentApproved")) == 1
        assert balances(code) == {"gateway_clearing": 128000, "guest_funds_held": -128000}


def test_a_cut_connection_is_repeated_at_once_with_the_same_key(prepare: Prepare, sandbox: Any) -> None:
    payment_id = prepare()
    sandbox.faults(mode="drop_after", times=1)
    assert charging.charge(payment_id).status == "approved"
    assert len(sandbox.ledger()["charges"]) == 1


def test_with_a_fresh_key_it_would_have_been_charged_twice(
    prepare: Prepare, sandbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: take the key away from the repetition, and the guest pays twice."""
    from payments.gateways import stripe_adapter

    real = stripe_adapter.words.intent_params
    numbers = iter(range(10))

    def charge_with_fresh_keys(self: Any, request: Any) -> Any:
        def call() -> Any:
            options: Any = {"idempotency_key": f"{request.key}:{next(numbers)}"}
            return stripe_adapter.stripe_client().v1.payment_intents.create(real(request), options)

        return self._intent(call)

    monkeypatch.setattr(stripe_adapter.StripeGateway, "charge", charge_with_fresh_keys)
    sandbox.faults(mode="drop_after", times=1)
    charging.charge(prepare())
    assert len(sandbox.ledger()["charges"]) == 2


def test_a_gateway_that_is_not_there_was_not_asked(prepare: Prepare, settings: Any) -> None:
    payment_id = prepare()
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    told = charging.charge(payment_id)
    assert (told.status, told.retry_after_s) == ("unavailable", 30)
    assert status_of(payment_id) == "voided"
    assert [(each["code"], each["retryable"]) for each in events("PaymentFailed")] == [("gateway_unavailable", True)]


def test_a_gateway_that_has_gone_after_the_first_attempt_leaves_it_unknown(
    prepare: Prepare, sandbox: Any, settings: Any
) -> None:
    payment_id = prepare()
    sandbox.faults(mode="drop_after")
    charging.charge(payment_id)
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    assert charging.settle(payment_id).status == "unknown"
    assert events("PaymentFailed") == []


def test_a_wrong_key_of_ours_takes_no_money_and_is_not_the_guests_fault(prepare: Prepare, settings: Any) -> None:
    payment_id = prepare()
    settings.STRIPE_SECRET_KEY = "sk_test_wrong"
    assert charging.charge(payment_id).status == "unavailable"


def test_a_process_that_died_before_sending_is_finished_by_the_background(
    prepare: Prepare, sandbox: Any, time: Any
) -> None:
    payment_id = prepare()
    assert settle_unknown() == 0  # its own process may be about to send it
    time.forward(seconds=21)
    assert settle_unknown() == 1
    assert status_of(payment_id) == "captured"
    assert len(sandbox.ledger()["charges"]) == 1


def test_what_nobody_wants_any_more_is_not_sent(prepare: Prepare, sandbox: Any, time: Any) -> None:
    payment_id = prepare()
    give_up(Payment.objects.get(pk=payment_id).reservation)
    settle_unknown()
    assert status_of(payment_id) == "voided"
    assert charging.charge(payment_id).status == "unavailable"
    assert sandbox.ledger()["intents"] == []


def test_a_dead_reservations_payment_is_given_up_at_the_gateway(prepare: Prepare, sandbox: Any) -> None:
    payment_id = prepare("pm_card_authenticationRequired")
    told = charging.charge(payment_id)
    give_up(Payment.objects.get(pk=payment_id).reservation)
    settle_unknown()
    assert status_of(payment_id) == "voided"
    sandbox.answer_bank(told.action_url, "approve")
    assert sandbox.ledger()["charges"] == []


def test_after_ten_minutes_a_request_that_never_arrived_is_not_sent_again(
    prepare: Prepare, sandbox: Any, time: Any
) -> None:
    payment_id = prepare()
    sandbox.faults(mode="drop_before")
    charging.charge(payment_id)
    sandbox.faults(mode="none")
    time.forward(minutes=11)
    assert charging.settle(payment_id).status == "unavailable"
    assert (status_of(payment_id), sandbox.ledger()["charges"]) == ("voided", [])
    assert [each["code"] for each in events("PaymentFailed")] == ["never_arrived"]


def test_a_webhook_never_sends_a_charge(prepare: Prepare, sandbox: Any) -> None:
    payment_id = prepare()
    sandbox.faults(mode="drop_before")
    charging.charge(payment_id)
    sandbox.faults(mode="none")
    assert charging.settle(payment_id, may_send=False).status == "unknown"
    assert sandbox.ledger()["charges"] == []


def test_money_that_turns_up_for_a_payment_thought_dead_is_not_overlooked(
    prepare: Prepare, sandbox: Any, time: Any
) -> None:
    payment_id = prepare("pm_card_visa_chargeDeclined")
    charging.charge(payment_id)
    payment = Payment.objects.get(pk=payment_id)
    sandbox.confirm(payment.gateway_ref, "pm_card_visa")
    assert charging.settle(payment_id).status == "approved"
    assert [each["payment_id"] for each in events("PaymentApproved")] == [payment_id]


def test_and_beside_a_second_payment_it_is_marked_as_surplus(prepare: Prepare, sandbox: Any) -> None:
    first = prepare("pm_card_visa_chargeDeclined", reservation="BBTWICE000")
    charging.charge(first)
    charging.charge(prepare(reservation="BBTWICE000"))
    sandbox.confirm(Payment.objects.get(pk=first).gateway_ref, "pm_card_visa")
    charging.settle(first)
    assert Payment.objects.get(pk=first).surplus
    assert [each["beside"] for each in events("PaymentApproved")] == [False, True]


def test_another_sum_that_is_said_once_only_is_asked_about(
    prepare: Prepare, sandbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from airbnb.money import Money
    from payments.gateways.stripe_adapter import StripeGateway

    real = StripeGateway.charge
    monkeypatch.setattr(StripeGateway, "charge", lambda *a: replace(real(*a), amount=Money(127999, "KRW")))
    payment_id = prepare()
    assert charging.charge(payment_id).status == "approved"
    assert Payment.objects.get(pk=payment_id).captured_minor == 128000


@pytest.mark.parametrize("taken", [127999, 128001])
def test_another_sum_than_ours_confirms_nothing_and_goes_back(
    prepare: Prepare, sandbox: Any, monkeypatch: pytest.MonkeyPatch, taken: int
) -> None:
    from dataclasses import replace

    from airbnb.money import Money
    from payments.gateways.stripe_adapter import StripeGateway

    for question in ("charge", "look_up"):
        real = getattr(StripeGateway, question)
        monkeypatch.setattr(
            StripeGateway, question, lambda *a, real=real: replace(real(*a), amount=Money(taken, "KRW"))
        )
    payment_id = prepare()
    assert charging.charge(payment_id).status == "declined"
    payment = Payment.objects.get(pk=payment_id)
    assert (payment.captured_minor, payment.promised_minor, payment.surplus) == (taken, taken, True)
    assert (payment.quarantined, events("PaymentApproved")) == ("", [])
    assert [each["code"] for each in events("PaymentFailed")] == ["amount_differs"]
    held = {"gateway_clearing": taken, "guest_funds_held": 0, "refunds_payable": -taken}
    assert balances(payment.reservation) == held


def test_every_attempt_is_counted_under_one_key(prepare: Prepare, sandbox: Any) -> None:
    payment_id = prepare()
    sandbox.faults(mode="drop_before")
    charging.charge(payment_id)
    sandbox.faults(mode="none")
    charging.settle(payment_id)
    (call,) = GatewayCall.objects.filter(payment_id=payment_id)
    assert (call.attempts, call.state) == (2, "succeeded")


@pytest.mark.parametrize("known", ["unreachable", "spent", "declined", "requires_action"])
def test_a_void_that_came_to_nothing_ends_no_payment(
    prepare: Prepare, sandbox: Any, time: Any, monkeypatch: pytest.MonkeyPatch, known: str
) -> None:
    """The guest was too slow, but giving the payment up did not work: it lives, and its money is not overlooked."""
    from payments.gateways.port import Known, Outcome
    from payments.gateways.stripe_adapter import StripeGateway

    payment_id = prepare("pm_card_authenticationRequired")
    action_url = charging.charge(payment_id).action_url
    time.forward(minutes=16)
    with monkeypatch.context() as broken:
        broken.setattr(StripeGateway, "void", lambda *_: Outcome(Known(known), decline_code="refused"))
        settle_unknown()
    assert (status_of(payment_id), events("PaymentFailed")) == ("requires_action", [])
    sandbox.answer_bank(action_url, "approve")
    time.forward(minutes=2)
    settle_unknown()
    assert (status_of(payment_id), len(events("PaymentApproved"))) == ("captured", 1)


def test_after_a_void_that_was_not_reached_it_is_tried_again(
    prepare: Prepare, sandbox: Any, time: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from payments.gateways.port import Known, Outcome
    from payments.gateways.stripe_adapter import StripeGateway

    payment_id = prepare("pm_card_authenticationRequired")
    charging.charge(payment_id)
    time.forward(minutes=16)
    with monkeypatch.context() as broken:
        broken.setattr(StripeGateway, "void", lambda *_: Outcome(Known.UNREACHABLE))
        settle_unknown()
    time.forward(minutes=2)
    settle_unknown()
    assert status_of(payment_id) == "voided"
    assert [each["status"] for each in sandbox.ledger()["intents"]] == ["canceled"]


def test_a_busy_gateway_after_a_cut_connection_leaves_it_unknown(
    prepare: Prepare, sandbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first sending may have arrived: that the repetition was turned away says nothing of it."""
    import stripe

    from payments.gateways.stripe_adapter import StripeGateway

    answers = iter([stripe.APIConnectionError("cut"), stripe.RateLimitError("busy")])  # type: ignore[no-untyped-call]

    def call() -> Any:
        raise next(answers)

    outcome = StripeGateway()._intent(call)
    assert outcome.known == "unknown"


def test_a_gateway_that_is_away_for_a_fortnight_is_asked_on(prepare: Prepare, sandbox: Any, time: Any) -> None:
    """Every half minute for that long is more than the column of the count holds."""
    payment_id = prepare()
    sandbox.faults(mode="drop_after")
    charging.charge(payment_id)
    Payment.objects.filter(pk=payment_id).update(looks=32_767)
    time.forward(seconds=30)
    assert charging.settle(payment_id).status == "unknown"
    sandbox.faults(mode="none")
    assert charging.settle(payment_id).status == "approved"

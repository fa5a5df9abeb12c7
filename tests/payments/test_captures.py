"""Money set aside and taken later: once, by whoever comes first, or let go for certain."""

from __future__ import annotations

from typing import Any

import pytest

from airbnb import clock, db
from airbnb.codes import new_code
from airbnb.money import Money
from payments import charging, services
from payments.gateways.port import Known, Outcome
from payments.gateways.stripe_adapter import StripeGateway
from payments.models import GatewayCall, Payment
from payments.tasks import end_authorizations, settle_unknown
from tests.payments.facts import balances, events

pytestmark = pytest.mark.django_db


@pytest.fixture
def authorized(guest: Any, sandbox: Any) -> str:
    """The id of a payment whose sum is set aside."""
    payment_id = prepared(guest)
    assert charging.charge(payment_id).status == "authorized"
    return payment_id


def prepared(guest: Any, card: str = "pm_card_visa") -> str:
    code = new_code("BB", 8)
    with db.write():
        db.reservation_lock(code)
        return charging.prepare(
            reservation=code,
            guest_id=guest.pk,
            amount=Money(128000, "KRW"),
            method=card,
            return_url="http://testserver/back/",
            capture_now=False,
        )


def wanted(payment_id: str) -> Payment:
    payment = Payment.objects.get(pk=payment_id)
    with db.write():
        db.reservation_lock(payment.reservation)
        charging.prepare_capture(payment_id)
    return payment


def status_of(payment_id: str) -> str:
    return Payment.objects.values_list("status", flat=True).get(pk=payment_id)


def intent_status(sandbox: Any) -> list[str]:
    return [each["status"] for each in sandbox.ledger()["intents"]]


def test_an_authorised_sum_is_told_and_nothing_is_booked(authorized: str, sandbox: Any) -> None:
    payment = Payment.objects.get(pk=authorized)
    (told,) = events("PaymentAuthorized")
    assert (told["payment_id"], told["amount_minor"], told["purpose"]) == (authorized, 128000, "booking")
    assert told["capture_before"] == payment.capture_before.isoformat()  # type: ignore[union-attr]
    assert (balances(payment.reservation), events("PaymentApproved")) == ({}, [])
    assert intent_status(sandbox) == ["requires_capture"]


def test_it_is_captured_once(authorized: str, sandbox: Any) -> None:
    payment = wanted(authorized)
    assert charging.capture(authorized).status == "approved"
    assert charging.capture(authorized).status == "approved"
    assert len(events("PaymentApproved")) == 1
    assert [each["captured"] for each in sandbox.charges(payment.reservation)] == [128000]
    assert balances(payment.reservation) == {"gateway_clearing": 128000, "guest_funds_held": -128000}
    assert [each.key for each in GatewayCall.objects.filter(operation="capture")] == [f"capture:{authorized}"]


@pytest.mark.parametrize("mode", ["drop_after", "drop_before", "error_after", "error"])
def test_a_capture_without_an_answer_is_found_out_and_never_made_twice(
    authorized: str, sandbox: Any, time: Any, mode: str
) -> None:
    payment = wanted(authorized)
    sandbox.faults(mode=mode)
    assert charging.capture(authorized).status == "unknown"
    assert (status_of(authorized), events("PaymentFailed")) == ("authorized", [])
    sandbox.faults(mode="none")
    for _look in range(3):
        time.forward(seconds=40)
        settle_unknown()
    assert status_of(authorized) == "captured"
    assert [each["captured"] for each in sandbox.charges(payment.reservation)] == [128000]
    assert (len(events("PaymentApproved")), events("PaymentFailed")) == (1, [])


def test_a_process_that_died_before_the_capture_is_finished_by_the_background(
    authorized: str, sandbox: Any, time: Any
) -> None:
    wanted(authorized)
    assert settle_unknown() == 0
    time.forward(seconds=21)
    assert settle_unknown() == 1
    assert status_of(authorized) == "captured"


def test_without_the_wish_nobody_captures(authorized: str, sandbox: Any, time: Any) -> None:
    time.forward(hours=2)
    settle_unknown()
    assert charging.capture(authorized).status == "authorized"
    assert charging.settle(authorized).status == "authorized"
    assert intent_status(sandbox) == ["requires_capture"]


def test_a_refused_capture_is_told_at_once_and_let_go(authorized: str, sandbox: Any, time: Any) -> None:
    payment = wanted(authorized)
    sandbox.faults(clock_s=8 * 86400)
    assert charging.capture(authorized).status == "declined"
    (told,) = events("PaymentFailed")
    assert (told["payment_id"], told["code"], told["retryable"]) == (authorized, "charge_expired_for_capture", False)
    with db.write():  # and the guest may pay again beside it
        db.reservation_lock(payment.reservation)
        charging.prepare(
            reservation=payment.reservation,
            guest_id=payment.guest_id,
            amount=payment.amount,
            method="pm_card_visa",
            return_url="http://testserver/back/",
        )
    time.forward(minutes=1)
    settle_unknown()
    assert status_of(authorized) == "voided"
    assert (len(events("PaymentFailed")), [each["kind"] for each in events("PaymentCancelled")]) == (1, ["void"])


def test_given_up_it_is_voided_whatever_was_wanted_before(authorized: str, sandbox: Any) -> None:
    payment = wanted(authorized)
    assert services.give_up(payment.reservation) == 1
    assert charging.capture(authorized).status != "approved"
    settle_unknown()
    assert (status_of(authorized), intent_status(sandbox)) == ("voided", ["canceled"])
    assert events("PaymentFailed") == []


def test_a_void_that_stays_stuck_is_asked_for_under_a_new_key(
    authorized: str, sandbox: Any, time: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first key is spent by a stored failure: repeating it alone would repeat the failure for ever."""
    keys: list[str] = []

    def broken(_self: StripeGateway, _ref: str, key: str) -> Outcome:
        keys.append(key)
        return Outcome(Known.SPENT)

    services.give_up(Payment.objects.get(pk=authorized).reservation)
    with monkeypatch.context() as patched:
        patched.setattr(StripeGateway, "void", broken)
        for _look in range(3):
            settle_unknown()
            time.forward(minutes=1)
    assert len(set(keys)) == 3
    settle_unknown()
    assert status_of(authorized) == "voided"


def test_what_is_no_longer_authorised_cannot_be_wanted(authorized: str) -> None:
    payment = Payment.objects.get(pk=authorized)
    services.give_up(payment.reservation)
    with pytest.raises(services.NotAuthorized):
        wanted(authorized)


def test_one_that_lapsed_at_the_gateway_is_told(authorized: str, sandbox: Any, time: Any) -> None:
    StripeGateway().void(Payment.objects.get(pk=authorized).gateway_ref, "from-outside")
    time.forward(days=7, minutes=1)
    settle_unknown()
    assert status_of(authorized) == "voided"
    assert [each["payment_id"] for each in events("PaymentFailed")] == [authorized]


def test_that_it_ends_soon_is_told_once(authorized: str, time: Any) -> None:
    assert end_authorizations() == 0
    ends = Payment.objects.get(pk=authorized).capture_before
    assert ends is not None
    time.forward(seconds=(ends - clock.now()).total_seconds() - 12 * 3600 + 1)
    assert (end_authorizations(), end_authorizations()) == (1, 0)
    (told,) = events("AuthorizationEnding")
    assert (told["payment_id"], told["capture_before"]) == (authorized, ends.isoformat())


def test_money_set_aside_for_a_payment_thought_dead_is_let_go(
    guest: Any, sandbox: Any, time: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment_id = prepared(guest)
    sandbox.faults(mode="drop_after")
    charging.charge(payment_id)
    sandbox.faults(mode="none")
    time.forward(minutes=11)
    with monkeypatch.context() as blind:
        blind.setattr(StripeGateway, "look_up", lambda *_: Outcome(Known.ABSENT))
        settle_unknown()
    assert status_of(payment_id) == "voided"
    charging.settle(payment_id)
    settle_unknown()
    assert (status_of(payment_id), intent_status(sandbox)) == ("voided", ["canceled"])
    assert len(events("PaymentFailed")) == 1


def test_another_sum_set_aside_than_agreed_is_let_go(guest: Any, sandbox: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    real = StripeGateway.charge
    monkeypatch.setattr(StripeGateway, "charge", lambda *a: replace(real(*a), amount=Money(1, "KRW")))
    payment_id = prepared(guest)
    assert charging.charge(payment_id).status == "declined"
    assert [each["code"] for each in events("PaymentFailed")] == ["amount_differs"]
    settle_unknown()
    assert (status_of(payment_id), events("PaymentAuthorized")) == ("voided", [])


def test_refused_by_its_reservation_it_is_let_go(authorized: str, sandbox: Any) -> None:
    assert services.refuse_payment(payment_id=authorized, reason="nights_taken") is None
    settle_unknown()
    assert (status_of(authorized), intent_status(sandbox)) == ("voided", ["canceled"])

"""Refunds: owed with their cause, sent once, and never more than was paid."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from airbnb import clock, db
from airbnb.events.bus import publish
from airbnb.money import Money
from payments import refunding
from payments.events import PaymentsAvailable
from payments.models import GatewayCall, Payment, Refund
from payments.queries import payment_of
from payments.services import RefundTooLarge, promise_refund, promise_refunds, refuse_payment, try_refund_again
from payments.tasks import send_refunds
from reservations.events import PaymentRefused, ReservationCancelled, ReservationExpired
from tests.payments.facts import balances, events

pytestmark = pytest.mark.django_db

Paid = Callable[..., Payment]


def promise(payment: Payment, amount: int, source: str = "test") -> Refund | None:
    return promise_refund(payment_id=str(payment.pk), amount=Money(amount, "KRW"), source=source, reason="flexible")


def cancelled(payment: Payment, refund: int, **changes: Any) -> ReservationCancelled:
    """The event as reservations publish it."""
    facts: dict[str, Any] = {
        "reservation": payment.reservation,
        "revision": 5,
        "room_id": 1,
        "room_code": "R1",
        "room_title_i18n": {"ko": "방", "en": "Room"},
        "room_slug": "room",
        "cover": {},
        "host_id": 2,
        "guest_id": payment.guest_id,
        "check_in": "2027-01-10",
        "check_out": "2027-01-12",
        "guests": 2,
        "total_minor": payment.amount_minor,
        "currency": "KRW",
        "time_zone": "Asia/Seoul",
        "by": "guest",
        "by_id": payment.guest_id,
        "reason": "",
        "refund_due_minor": refund,
        "refund_rule": "flexible",
        "refund_lines": [],
        "payment_id": str(payment.pk),
    }
    return ReservationCancelled(**facts | changes)


def test_a_cancellation_sends_exactly_what_is_due(paid: Paid, sandbox: Any, deliver: Any) -> None:
    payment = paid()
    with db.write():
        publish(cancelled(payment, 100000))
    deliver()
    facts = payment_of(payment.reservation)
    assert facts is not None
    assert [(each.amount.amount_minor, each.status) for each in facts.refunds] == [(100000, "pending")]
    assert balances(payment.reservation)["refunds_payable"] == -100000
    assert send_refunds() == 1
    assert send_refunds() == 0
    payment.refresh_from_db()
    assert (payment.status, payment.refunded_minor) == ("partially_refunded", 100000)
    (charge,) = sandbox.charges(payment.reservation)
    assert charge["refunded"] == 100000
    (refund,) = sandbox.ledger()["refunds"]
    assert (refund["amount"], refund["metadata"]["reservation"]) == (100000, payment.reservation)
    assert balances(payment.reservation) == {
        "gateway_clearing": 28000,
        "guest_funds_held": -28000,
        "refunds_payable": 0,
    }
    (told,) = events("PaymentCancelled")
    assert (told["kind"], told["amount_minor"], told["refunded_total_minor"]) == ("refund", 100000, 100000)


def test_the_same_cancellation_heard_twice_owes_once(paid: Paid, deliver: Any) -> None:
    from airbnb.events.models import Delivery

    payment = paid()
    with db.write():
        publish(cancelled(payment, 50000))
    deliver()
    Delivery.objects.update(status=Delivery.Status.PENDING, done_at=None)
    deliver()
    payment.refresh_from_db()
    assert (payment.promised_minor, payment.refunds.count()) == (50000, 1)


def test_nothing_due_sends_nothing(paid: Paid, deliver: Any) -> None:
    payment = paid()
    with db.write():
        publish(cancelled(payment, 0))
    deliver()
    assert not Refund.objects.exists()


def test_money_that_a_reservation_cannot_take_goes_back_whole(paid: Paid, sandbox: Any, deliver: Any) -> None:
    payment = paid()
    with db.write():
        publish(
            PaymentRefused(
                reservation=payment.reservation,
                payment_id=str(payment.pk),
                guest_id=payment.guest_id,
                amount_minor=payment.amount_minor,
                currency="KRW",
                reason="nights_taken",
            )
        )
    deliver()
    send_refunds()
    payment.refresh_from_db()
    assert (payment.status, payment.refunded_minor, payment.surplus) == ("refunded", 128000, True)
    assert sandbox.charges(payment.reservation)[0]["refunded"] == 128000
    assert refuse_payment(payment_id=str(payment.pk), reason="again") is None


def test_an_expired_reservation_gives_its_undecided_payment_up(prepare: Any, deliver: Any) -> None:
    payment_id = prepare("pm_card_authenticationRequired")
    payment = Payment.objects.get(pk=payment_id)
    base = {
        name: value
        for name, value in cancelled(payment, 0).payload().items()
        if name in ReservationExpired.__dataclass_fields__ and name != "reason"
    }
    with db.write():
        publish(ReservationExpired(**base, was="paying"))
    deliver()
    payment.refresh_from_db()
    assert payment.void_wanted


def test_never_more_than_was_paid(paid: Paid) -> None:
    payment = paid()
    promise(payment, 100000, "first")
    with pytest.raises(RefundTooLarge):
        promise(payment, 28001, "second")
    promise(payment, 28000, "third")
    payment.refresh_from_db()
    assert payment.promised_minor == 128000


def test_the_database_refuses_it_too(paid: Paid) -> None:
    """The control for the rule above: with the check out of the way, the constraint still holds."""
    payment = paid()
    payment.promised_minor = 128001
    with pytest.raises(IntegrityError, match="payment_refunds"), transaction.atomic():
        payment.save()


@pytest.mark.parametrize("mode", ["drop_after", "drop_before", "error", "error_after"])
def test_a_refund_without_an_answer_is_sent_exactly_once(paid: Paid, sandbox: Any, time: Any, mode: str) -> None:
    payment = paid()
    promise(payment, 40000)
    sandbox.faults(mode=mode)
    send_refunds()
    assert Refund.objects.get().status == "pending"
    assert events("PaymentCancelled") == []
    sandbox.faults(mode="none")
    for _ in range(4):
        time.forward(minutes=2)
        send_refunds()
    assert Refund.objects.get().status == "succeeded"
    assert sandbox.charges(payment.reservation)[0]["refunded"] == 40000
    assert len(sandbox.ledger()["refunds"]) == 1
    assert len(events("PaymentCancelled")) == 1
    assert balances(payment.reservation)["gateway_clearing"] == 88000


def test_in_its_first_minutes_a_refund_never_waits_longer_than_one(paid: Paid, sandbox: Any, time: Any) -> None:
    promise(paid(), 40000)
    sandbox.faults(mode="drop_before")
    for _ in range(8):
        send_refunds()
        time.forward(seconds=61)
    sandbox.faults(mode="none")
    assert send_refunds() == 1
    assert Refund.objects.get().status == "succeeded"


def test_a_gateway_that_is_back_is_sent_what_waited(paid: Paid, sandbox: Any, deliver: Any) -> None:
    promise(paid(), 40000)
    deliver()
    Refund.objects.update(next_attempt_at=clock.now() + timedelta(hours=1), attempts=12)
    assert send_refunds() == 0
    with db.write():
        publish(PaymentsAvailable(gateway="toss"))
    deliver()
    assert send_refunds() == 0, "another gateway's"
    with db.write():
        publish(PaymentsAvailable(gateway="stripe"))
    deliver()
    assert send_refunds() == 1
    assert Refund.objects.get().status == "succeeded"


def test_even_when_the_gateway_has_forgotten_the_key(paid: Paid, sandbox: Any, time: Any) -> None:
    payment = paid()
    promise(payment, 40000)
    sandbox.faults(mode="drop_after")
    send_refunds()
    sandbox.faults(mode="none", clock_s=25 * 3600)
    time.forward(hours=25)
    send_refunds()
    assert len(sandbox.ledger()["refunds"]) == 1
    assert Refund.objects.get().status == "succeeded"


def test_without_looking_first_it_would_be_sent_twice(
    paid: Paid, sandbox: Any, time: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control for the test above."""
    from payments.gateways.port import KnownRefund, RefundOutcome
    from payments.gateways.stripe_adapter import StripeGateway

    blind = lambda self, request: RefundOutcome(KnownRefund.ABSENT)  # noqa: E731
    monkeypatch.setattr(StripeGateway, "look_up_refund", blind)
    promise(paid(), 40000)
    sandbox.faults(mode="drop_after")
    send_refunds()
    sandbox.faults(mode="none", clock_s=25 * 3600)
    time.forward(hours=25)
    send_refunds()
    assert len(sandbox.ledger()["refunds"]) == 2


def test_one_that_took_effect_after_it_was_said_to_have_failed_is_found(
    paid: Paid, sandbox: Any, time: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from payments.gateways.port import KnownRefund, RefundOutcome
    from payments.gateways.stripe_adapter import StripeGateway

    refund = StripeGateway.refund

    def act_and_deny(self: Any, request: Any) -> RefundOutcome:
        refund(self, request)
        return RefundOutcome(KnownRefund.SPENT)

    promise(paid(), 40000)
    with monkeypatch.context() as late:
        late.setattr(StripeGateway, "refund", act_and_deny)
        late.setattr(StripeGateway, "look_up_refund", lambda *_: RefundOutcome(KnownRefund.ABSENT))
        send_refunds()
    assert Refund.objects.get().generation == 2
    time.forward(minutes=2)
    send_refunds()
    assert Refund.objects.get().status == "succeeded"
    assert len(sandbox.ledger()["refunds"]) == 1


def test_a_refund_that_comes_back_opens_the_debt_again(paid: Paid, sandbox: Any) -> None:
    payment = paid("pm_card_refundFail")
    refund = promise(payment, 30000)
    assert refund is not None
    send_refunds()
    assert len(events("PaymentCancelled")) == 1
    _until_failed_at(sandbox, payment)
    for _ in range(2):  # told twice, it comes back once
        refunding.settle(str(refund.pk))
    payment.refresh_from_db()
    refund.refresh_from_db()
    assert (payment.refunded_minor, payment.status, refund.status) == (0, "captured", "failed")
    assert balances(payment.reservation)["refunds_payable"] == -30000
    assert [each["code"] for each in events("RefundFailed")] == ["expired_or_canceled_card"]


def _until_failed_at(sandbox: Any, payment: Payment) -> None:
    """Make the gateway's clock reach the failure, and wait for its answer (not for a guess of time)."""
    import time as stopwatch

    sandbox.faults(clock_s=5)
    ends = stopwatch.monotonic() + 10
    while sandbox.charges(payment.reservation)[0]["refunded"]:
        assert stopwatch.monotonic() < ends
        stopwatch.sleep(0.05)


def test_an_operator_sends_a_failed_refund_again(paid: Paid, sandbox: Any) -> None:
    payment = paid("pm_card_refundFail")
    refund = promise(payment, 30000)
    assert refund is not None
    send_refunds()
    _until_failed_at(sandbox, payment)
    refunding.settle(str(refund.pk))
    assert try_refund_again(str(refund.pk))
    assert not try_refund_again(str(refund.pk))
    keys = {call.key for call in GatewayCall.objects.filter(operation="refund")}
    refunding.send(str(refund.pk))
    assert len({call.key for call in GatewayCall.objects.filter(operation="refund")} - keys) == 1
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_one_that_failed_is_not_taken_for_the_one_sent_again(paid: Paid, sandbox: Any) -> None:
    """The second sending is lost on its way: a look must not find the first one's failure and give up."""
    payment = paid("pm_card_refundFail")
    refund = promise(payment, 30000)
    assert refund is not None
    send_refunds()
    _until_failed_at(sandbox, payment)
    refunding.settle(str(refund.pk))
    try_refund_again(str(refund.pk))
    sandbox.faults(mode="drop_before")
    refunding.send(str(refund.pk))
    sandbox.faults(mode="none")
    refunding.settle(str(refund.pk))
    refund.refresh_from_db()
    assert (refund.status, len(events("RefundFailed"))) == ("pending", 1)


def night(minor: int) -> dict[str, Any]:
    return {"kind": "night", "date": "2027-01-10", "amount": {"amount": minor, "currency": "KRW"}}


def test_a_refund_is_taken_from_the_newest_payment_first(paid: Paid, sandbox: Any) -> None:
    """The difference of an alteration was paid apart, and a cancellation gives all of it back."""
    first = paid(amount=100000)
    second = paid(amount=28000, reservation=first.reservation, purpose="alteration:AL1")
    wanted: dict[str, Any] = {"reservation": first.reservation, "reason": "flexible"}
    refunds = promise_refunds(amount=Money(110000, "KRW"), source="cancelled:1", lines=[night(110000)], **wanted)
    assert [(each.payment_id, each.amount_minor, each.source) for each in refunds] == [
        (second.pk, 28000, "cancelled:1"),
        (first.pk, 82000, "cancelled:1:2"),
    ]
    assert [each.lines for each in refunds] == [[night(28000)], [night(82000)]]
    assert promise_refunds(amount=Money(110000, "KRW"), source="cancelled:1", **wanted) == []
    with pytest.raises(RefundTooLarge), transaction.atomic():
        promise_refunds(amount=Money(18001, "KRW"), source="more", **wanted)
    send_refunds()
    assert sorted(each["refunded"] for each in sandbox.charges(first.reservation)) == [28000, 82000]


def test_surplus_money_pays_no_refund_of_the_stay(paid: Paid) -> None:
    payment = paid()
    Payment.objects.filter(pk=payment.pk).update(surplus=True)
    with pytest.raises(RefundTooLarge), transaction.atomic():
        promise_refunds(reservation=payment.reservation, amount=Money(1, "KRW"), source="s", reason="r")


def test_a_refund_the_gateway_refuses_asks_for_an_operator(paid: Paid, sandbox: Any) -> None:
    payment = paid()
    refund = promise(payment, 30000)
    assert refund is not None
    sandbox.refund(payment.gateway_ref, 128000)  # somebody gave it all back at the gateway itself
    send_refunds()
    refund.refresh_from_db()
    assert (refund.status, refund.failure_code) == ("failed", "charge_already_refunded")
    assert len(events("RefundFailed")) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_it_once(paid: Paid, sandbox: Any) -> None:
    from threading import Thread

    refund = promise(paid(), 40000)
    assert refund is not None
    sandbox.faults(mode="slow", latency_ms=300)

    def work() -> None:
        refunding.send(str(refund.pk))
        connection.close()

    workers = [Thread(target=work) for _ in range(4)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert len(sandbox.ledger()["refunds"]) == 1
    refund.refresh_from_db()
    assert refund.status == "succeeded"
    assert len(events("PaymentCancelled")) == 1

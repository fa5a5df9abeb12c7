"""Our payments beside the gateway's own books: what can be settled is settled, what is left is listed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import OperationalError

from airbnb.celery import queue_of
from payments import charging, comparing, services
from payments.gateways.port import Booked, Unanswered
from payments.gateways.stripe_adapter import StripeGateway
from payments.models import BooksComparison, Payment
from payments.tasks import compare_books
from tests.payments.conftest import Prepare
from tests.payments.facts import events
from tests.payments.giving_back import FAILS, fails, sent_back

pytestmark = pytest.mark.django_db
Paid = Callable[..., Payment]


def compared(time: Any) -> BooksComparison:
    time.forward(minutes=30)
    comparing.compare("stripe")
    return BooksComparison.objects.latest("begun_at")


def test_equal_books_leave_nothing(paid: Paid, time: Any) -> None:
    paid()
    paid(amount=50000)
    found = compared(time)
    assert (found.compared, found.settled, found.differences) == (2, 0, [])
    assert found.finished_at is not None


def test_a_charge_that_everybody_forgot_is_found_and_settled(prepare: Prepare, sandbox: Any, time: Any) -> None:
    """No answer, no webhook, and the questions stopped: the books still know."""
    payment_id = prepare("pm_card_visa_chargeDeclined")
    charging.charge(payment_id)
    sandbox.confirm(Payment.objects.get(pk=payment_id).gateway_ref, "pm_card_visa")
    found = compared(time)
    assert (found.settled, found.differences) == (1, [])
    assert [each["payment_id"] for each in events("PaymentApproved")] == [payment_id]


def test_a_refund_behind_our_back_is_listed(paid: Paid, sandbox: Any, time: Any) -> None:
    payment = paid()
    sandbox.refund(payment.gateway_ref, 1000)
    found = compared(time)
    assert found.differences == [{"payment": str(payment.pk), "what": "refunded", "ours": 0, "theirs": 1000}]


def test_a_refund_that_came_back_and_was_not_told_is_settled(paid: Paid, sandbox: Any, time: Any) -> None:
    payment = paid(FAILS)
    refund = sent_back(payment)
    fails(sandbox, payment)
    found = compared(time)
    assert (found.settled, found.differences) == (1, [])
    refund.refresh_from_db()
    assert refund.status == "failed"
    assert [each["refund_id"] for each in events("RefundFailed")] == [str(refund.pk)]


def test_one_that_may_still_have_been_sent_is_left_to_the_next(
    paid: Paid, time: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made just before the end of the comparison, and sent just after it."""
    paid()
    told(monkeypatch)
    time.forward(minutes=20)
    comparing.compare("stripe")
    assert BooksComparison.objects.get().differences == []


def told(monkeypatch: pytest.MonkeyPatch, *books: Booked) -> None:
    monkeypatch.setattr(StripeGateway, "books", lambda *_: iter(books))


def test_money_of_a_payment_that_we_have_no_row_of_is_listed(time: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = "0192f0c1-0000-7000-8000-000000000000"
    told(monkeypatch, Booked(stranger, "pi_x", "KRW", 700, 0), Booked("not ours", "pi_y", "KRW", 5, 5))
    found = compared(time)
    assert found.differences == [{"payment": stranger, "what": "unknown_to_us", "ours": 0, "theirs": 700}]


def test_money_that_they_do_not_know_of_is_listed(paid: Paid, time: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    payment = paid()
    told(monkeypatch)
    (left,) = compared(time).differences
    assert (left["payment"], left["what"]) == (str(payment.pk), "unknown_to_them")


def test_another_sum_is_listed(paid: Paid, time: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    payment = paid()
    told(monkeypatch, Booked(str(payment.pk), payment.gateway_ref, "KRW", 127000, 0))
    (left,) = compared(time).differences
    assert (left["what"], left["ours"], left["theirs"]) == ("captured", 128000, 127000)


def test_once_a_day_and_again_when_it_was_not_answered(paid: Paid, time: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*_: Any) -> Iterator[Booked]:
        raise Unanswered("no answer")

    paid()
    with monkeypatch.context() as broken:
        broken.setattr(StripeGateway, "books", silent)
        time.forward(minutes=30)
        comparing.compare("stripe")
        assert not BooksComparison.objects.exists(), "the next run begins at once"
    assert compared(time).finished_at is not None
    comparing.compare("stripe")
    assert BooksComparison.objects.filter(finished_at__isnull=False).count() == 1
    time.forward(hours=25)
    comparing.compare("stripe")
    assert BooksComparison.objects.filter(finished_at__isnull=False).count() == 2


def test_one_that_died_is_begun_anew_when_its_task_cannot_live_any_more(paid: Paid, time: Any) -> None:
    paid()
    time.forward(minutes=30)
    dead = services.begin_comparison("stripe")
    assert dead is not None
    limit = compare_books.time_limit
    assert limit is not None
    time.forward(seconds=limit)
    assert services.begin_comparison("stripe") is None
    time.forward(minutes=6)
    assert services.begin_comparison("stripe") is not None


def test_however_long_it_reads_no_booking_waits_for_it() -> None:
    assert queue_of(compare_books.name) == "checks"


def test_money_that_moves_meanwhile_is_left_to_the_next(paid: Paid, time: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The gateway's books were read before a worker gave something back, ours after it."""
    payment = paid()
    read = Booked(str(payment.pk), payment.gateway_ref, "KRW", 128000, 0)

    def books(*_: Any) -> Iterator[Booked]:
        yield read
        sent_back(payment)

    monkeypatch.setattr(StripeGateway, "books", books)
    assert compared(time).differences == []
    told(monkeypatch, read)
    time.forward(hours=25)
    (left,) = compared(time).differences
    assert (left["what"], left["theirs"]) == ("refunded", 0)


def test_one_that_cannot_be_settled_or_booked_keeps_nobody_from_the_others(
    prepare: Prepare, paid: Paid, sandbox: Any, time: Any, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    lost = prepare("pm_card_visa_chargeDeclined")
    charging.charge(lost)
    sandbox.confirm(Payment.objects.get(pk=lost).gateway_ref, "pm_card_visa")
    paid()
    real = comparing.record_movement
    calls: list[str] = []

    def locked(*_: Any, **__: Any) -> Any:
        raise OperationalError("canceling statement due to lock timeout")

    def first_is_locked(**given: Any) -> Any:
        calls.append(given["told"].gateway_id)
        return locked() if len(calls) == 1 else real(**given)

    monkeypatch.setattr(charging, "settle", locked)
    monkeypatch.setattr(comparing, "record_movement", first_is_locked)
    found = compared(time)
    assert found.finished_at is not None
    assert [each["payment"] for each in found.differences] == [lost]
    assert (len(calls), found.movements) == (2, 1)
    assert "payment_not_settled" in caplog.text
    assert "movement_not_booked" in caplog.text

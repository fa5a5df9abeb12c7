"""What was paid for a booking and what went back: every payment and refund, on the receipt and before cancelling."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from airbnb import db
from airbnb.money import Money
from airbnb.templatetags.dates import moment
from payments import charging
from payments import queries as payments
from payments.models import Payment
from payments.tasks import send_refunds
from reservations import services
from reservations.models import Reservation
from reservations.queries import trip_of
from reservations.shown.timeline import story
from tests.reservations.altering import accept, booked, pay, propose
from tests.reservations.pages import reader, text_of
from tests.support import DECLINED, RETURN_URL, cancel, fresh, held_reservation

pytestmark = pytest.mark.django_db
NIGHT = 134_400
MASTERCARD = "pm_card_mastercard"


@pytest.fixture
def stay(guest: Any, host: Any, sandbox: Any) -> Reservation:
    return booked(guest, host, cancellation_policy="flexible")


@pytest.fixture
def longer(stay: Reservation, guest: Any, host: Any) -> Reservation:
    """A night more, agreed to and paid with another card than the booking."""
    alteration = propose(stay, guest, end=1)
    accept(alteration, host)
    pay(alteration, DECLINED)
    assert pay(alteration, MASTERCARD).status == "applied"
    return fresh(stay)


def moves(code: str) -> list[tuple[str, int, str, str]]:
    statement = payments.statement_of(code)
    assert statement is not None
    return [(each.kind, each.amount.amount_minor, each.card, each.status) for each in statement.movements]


def kept(code: str) -> int:
    statement = payments.statement_of(code)
    assert statement is not None
    return statement.kept.amount_minor


def receipt(guest: Any, code: str) -> str:
    return text_of(reader(guest).get(reverse("reservations:receipt", args=[code])))


def test_a_booking_has_one_line(stay: Reservation, guest: Any) -> None:
    assert moves(stay.code) == [("booking", stay.total_minor, "Visa •••• 4242", "succeeded")]
    words = receipt(guest, stay.code)
    assert f"Paid in all ₩{stay.total_minor:,}" in words
    assert "Visa •••• 4242" in words


def test_a_paid_change_stands_beside_the_booking(stay: Reservation, longer: Reservation, guest: Any) -> None:
    assert moves(stay.code) == [
        ("booking", stay.total_minor, "Visa •••• 4242", "succeeded"),
        ("alteration", NIGHT, "Mastercard •••• 4444", "succeeded"),
    ]
    assert kept(stay.code) == longer.total_minor == stay.total_minor + NIGHT
    words = receipt(guest, stay.code)
    for said in (
        f"The booking {words_of_first(stay.code)} Visa •••• 4242 ₩{stay.total_minor:,}",
        "The change of the booking",
        f"Mastercard •••• 4444 ₩{NIGHT:,}",
        f"Paid in all ₩{longer.total_minor:,}",
        *(each.id for each in payments.payments_of(stay.code) if each.captured),
    ):
        assert said in words, said


def words_of_first(code: str) -> str:
    statement = payments.statement_of(code)
    assert statement is not None
    return moment(statement.movements[0].at, "Asia/Seoul")


def test_what_goes_back_is_told_until_it_is_there(
    longer: Reservation, guest: Any, host: Any, deliver: Any, sandbox: Any
) -> None:
    accept(propose(longer, guest, end=-1), host)
    deliver()
    shorter = fresh(longer)
    (*_paid, back) = moves(longer.code)
    assert back == ("altered", -NIGHT, "Mastercard •••• 4444", "pending")
    assert "On its way back" in receipt(guest, longer.code)
    cancel(shorter, host)
    deliver()
    send_refunds()
    assert [(kind, minor, status) for kind, minor, _card, status in moves(longer.code)[2:]] == [
        ("altered", -NIGHT, "succeeded"),
        ("cancelled", -shorter.total_minor, "succeeded"),
    ]
    assert kept(longer.code) == 0
    words = receipt(guest, longer.code)
    assert "Given back for the change" in words
    assert f"−₩{shorter.total_minor:,}" in words
    assert "Paid after refunds ₩0" in words


def test_before_cancelling_each_card_is_named_with_its_part(longer: Reservation, guest: Any, deliver: Any) -> None:
    page = reader(guest).get(reverse("reservations:cancellation", args=[longer.code]))
    first = longer.total_minor - NIGHT
    assert f"₩{NIGHT:,} goes back to Mastercard •••• 4444. ₩{first:,} goes back to Visa •••• 4242." in text_of(page)
    promised = payments.ways_back(longer.code, longer.total)
    cancel(longer, guest)
    deliver()
    gone = [(each.card, each.refunds[0].amount) for each in payments.payments_of(longer.code) if each.refunds]
    assert [(way.card, way.amount) for way in promised] == gone, "what was said is what was done"


def test_money_of_no_use_is_shown_with_its_way_back(stay: Reservation, guest: Any, deliver: Any) -> None:
    with db.write():
        surplus = charging.prepare(
            reservation=stay.code,
            guest_id=guest.pk,
            amount=Money(5000),
            method=MASTERCARD,
            return_url=RETURN_URL,
            purpose="alteration:GONE",
        )
    charging.charge(surplus)
    deliver()
    assert Payment.objects.get(pk=surplus).surplus
    assert [each[:2] for each in moves(stay.code)] == [
        ("booking", stay.total_minor),
        ("alteration", 5000),
        ("refused", -5000),
    ]
    assert kept(stay.code) == stay.total_minor
    assert [way.amount for way in payments.ways_back(stay.code, stay.total)] == [stay.total], "not out of that money"


def test_the_trip_tells_each_sum_that_moved(longer: Reservation, guest: Any, deliver: Any) -> None:
    deliver()
    told = [(str(each.title), str(each.note)) for each in story(trip_of(longer.code, guest.pk))]
    paid = [note for title, note in told if title == "Paid"]
    assert paid == [f"₩{longer.total_minor - NIGHT:,}", f"₩{NIGHT:,}"]


def test_nothing_is_told_of_what_was_never_paid(guest: Any, host: Any, sandbox: Any) -> None:
    held = held_reservation(guest)
    services.pay(code=held.code, guest=guest, payment_method=DECLINED, return_url=RETURN_URL)
    assert payments.statement_of(held.code) is None
    assert reader(guest).get(reverse("reservations:receipt", args=[held.code])).status_code == 404

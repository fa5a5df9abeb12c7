"""While a gateway rests every hold is kept; when it is back guests are asked to pay, in order, unhurried (N3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from airbnb import clock
from notifications import services as notifications
from notifications.models import ChannelDelivery
from payments import queries as payments
from payments.models import Payment
from reservations import queries, services
from reservations.models import PaymentWait, Reservation
from reservations.states import Status
from tests.conftest import make_user
from tests.reservations.waits import Gateway, asked, close_to, kinds
from tests.support import RETURN_URL, VISA, fresh, held_reservation, pay_for

pytestmark = pytest.mark.django_db
TWO_HOURS = timedelta(hours=2)
QUARTER = timedelta(minutes=15)


@pytest.fixture
def gateway(sandbox: Any) -> Gateway:
    return Gateway()


# ----------------------------------------------------------------------------------------------------- it rests
def test_every_open_hold_is_kept_and_its_guest_told_when_the_gateway_rests(
    guest: Any, stranger: Any, gateway: Gateway, deliver: Callable[[], int]
) -> None:
    paying, idle = held_reservation(guest), held_reservation(stranger)
    gateway.rests()
    deliver()
    for user, held in ((guest, paying), (stranger, idle)):
        kept = fresh(held)
        assert (kept.status, kept.pay_later, kept.hold_expires_at) == (Status.HELD, True, kept.created_at + TWO_HOURS)
        assert kinds(user, held) == ["payments_unavailable"]
    channels = ChannelDelivery.objects.filter(notification__kind="payments_unavailable", notification__recipient=guest)
    assert {"in_app", "email"} <= set(channels.values_list("channel", flat=True))


def test_the_letter_says_until_when_and_carries_the_link(guest: Any, gateway: Gateway, deliver: Any) -> None:
    held = held_reservation(guest)
    gateway.rests()
    deliver()
    notifications.send_due()
    (letter,) = [each for each in mail.outbox if "held until" in each.subject]
    assert reverse("reservations:checkout", args=[held.code]) in letter.body


def test_a_hold_that_is_taken_while_the_gateway_rests_is_kept_from_the_first_moment(
    guest: Any, gateway: Gateway
) -> None:
    gateway.rests()
    held = held_reservation(guest)
    assert (held.pay_later, held.hold_expires_at) == (True, held.created_at + TWO_HOURS)
    assert not queries.trip_of(held.code, guest.pk).can_extend, "ten minutes more are none beside two hours"


def test_paying_begins_nothing_while_the_gateway_rests_and_is_told_at_once(guest: Any, gateway: Gateway) -> None:
    held = held_reservation(guest)
    gateway.rests()
    outcome = pay_for(held)
    assert (outcome.status, outcome.reservation.pay_later, outcome.retry_after) == ("unavailable", True, 15)
    assert not Payment.objects.filter(reservation=held.code).exists()


def test_what_an_event_missed_the_timer_keeps(guest: Any, gateway: Gateway) -> None:
    held = held_reservation(guest)
    gateway.rests()
    assert services.tend_waits() == 1
    assert fresh(held).pay_later
    assert services.tend_waits() == 0


def test_a_hold_that_is_over_is_not_brought_back(guest: Any, gateway: Gateway, time: Any) -> None:
    held = held_reservation(guest)
    time.forward(minutes=15)
    gateway.rests()
    services.tend_waits()
    assert not fresh(held).pay_later


def test_a_card_that_a_dead_gateway_did_not_take_is_not_called_declined(
    guest: Any, sandbox: Any, settings: Any, deliver: Any
) -> None:
    held = held_reservation(guest)
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    pay_for(held)
    deliver()
    assert kinds(guest, held) == ["payments_unavailable"]


def test_the_pages_say_until_when_the_dates_are_kept(guest: Any, gateway: Gateway, client: Client) -> None:
    held = held_reservation(guest)
    gateway.rests()
    client.force_login(guest)
    for route in ("checkout", "trip"):
        assert "Payments are briefly unavailable" not in client.get(page(route, held)).content.decode()
    services.tend_waits()
    for route in ("checkout", "trip"):
        answer = client.get(page(route, held))
        assert answer.status_code == 200
        assert "Payments are briefly unavailable" in answer.content.decode()
    at = fresh(held).hold_expires_at
    assert at is not None
    assert f'data-until="{at.isoformat()}"' in client.get(page("checkout", held)).content.decode()


def page(route: str, held: Reservation) -> str:
    return reverse(f"reservations:{route}", args=[held.code])


def test_the_interface_answers_503_with_the_end_of_the_hold(guest: Any, gateway: Gateway, api: Any) -> None:
    held = held_reservation(guest)
    gateway.rests()
    answer = api(guest).post(
        f"/api/v1/reservations/{held.code}/payment/", {"payment_method": VISA}, headers={"Idempotency-Key": "one"}
    )
    body = answer.json()
    assert (answer.status_code, body["code"], answer["Retry-After"]) == (503, "payments_unavailable", "15")
    assert body["expires_at"][:19] == (held.created_at + TWO_HOURS).isoformat()[:19]


# ---------------------------------------------------------------------------------------------------- it is back
def test_when_it_is_back_the_guest_has_a_quarter_of_an_hour_and_is_told(
    guest: Any, gateway: Gateway, deliver: Any, time: Any
) -> None:
    held = held_reservation(guest)
    gateway.rests()
    deliver()
    time.forward(minutes=30)
    assert services.expire_holds() == 0
    gateway.is_back()
    deliver()
    back = fresh(held)
    assert back.hold_expires_at is not None
    assert (back.pay_later, close_to(back.hold_expires_at, clock.now() + QUARTER)) == (False, True)
    assert kinds(guest, held) == ["payments_unavailable", "payments_available"]
    assert pay_for(back).status == "confirmed"


def test_never_more_than_two_hours_in_all(guest: Any, gateway: Gateway, deliver: Any, time: Any) -> None:
    held = held_reservation(guest)
    gateway.rests()
    deliver()
    time.forward(minutes=115)
    gateway.is_back()
    deliver()
    assert fresh(held).hold_expires_at == held.created_at + TWO_HOURS


def test_a_short_outage_never_shortens_a_hold(guest: Any, gateway: Gateway, deliver: Any) -> None:
    held = held_reservation(guest)
    longer = services.extend_hold(code=held.code, guest=guest).hold_expires_at
    gateway.rests()
    deliver()
    gateway.is_back()
    deliver()
    assert fresh(held).hold_expires_at == longer


def test_trying_to_pay_while_it_rests_makes_the_hold_no_longer_than_the_rule(
    guest: Any, sandbox: Any, settings: Any, deliver: Any
) -> None:
    held, works = held_reservation(guest), settings.STRIPE_API_BASE
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    for _ in range(3):
        pay_for(fresh(held))
    settings.STRIPE_API_BASE = works
    services.tend_waits()
    deliver()
    back = fresh(held).hold_expires_at
    assert back is not None
    assert close_to(back, clock.now() + QUARTER)


def test_a_second_outage_is_told_again_quietly_when_it_follows_soon(
    guest: Any, gateway: Gateway, deliver: Any, time: Any
) -> None:
    held = held_reservation(guest)

    def outage() -> None:
        gateway.rests()
        deliver()
        gateway.is_back()
        deliver()

    outage()
    outage()
    assert kinds(guest, held) == ["payments_unavailable", "payments_available"] * 2
    letters = ChannelDelivery.objects.filter(channel="email", notification__kind="payments_unavailable")
    assert letters.count() == 1
    time.forward(minutes=11)
    outage()
    assert letters.count() == 2


def waiting(count: int, gateway: Gateway, deliver: Any, time: Any) -> list[Reservation]:
    """So many holds that wait, the first of them taken first."""
    holds = []
    for number in range(count):
        holds.append(held_reservation(make_user(f"guest{number}@example.com", name="서윤", language="en")))
        time.forward(seconds=1)
    gateway.rests()
    deliver()
    time.forward(minutes=1)
    return holds


def test_guests_are_asked_in_order_and_never_in_a_rush(gateway: Gateway, deliver: Any, time: Any) -> None:
    holds = waiting(4, gateway, deliver, time)
    gateway.is_back()
    deliver()
    assert asked() == [holds[0].code], "one of twelve a minute"
    assert services.tend_waits() == 0, "not before its time"
    for count in (2, 3, 4):
        time.forward(seconds=5)
        assert services.tend_waits() == 1
        assert asked() == [each.code for each in holds[:count]]
    time.forward(seconds=5)
    assert services.tend_waits() == 0
    deliver()
    assert [fresh(each).pay_later for each in holds] == [False] * 4


def test_the_busier_it_was_the_faster_they_are_asked_but_never_beyond_the_usual(
    gateway: Gateway, deliver: Any, time: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting(5, gateway, deliver, time)
    monkeypatch.setattr(payments, "usual_per_minute", lambda _gateway: 36.0)
    gateway.is_back()
    deliver()
    assert len(asked()) == 3


def test_the_usual_number_is_that_of_the_hour_before(
    guest: Any, stranger: Any, gateway: Gateway, time: Any, sandbox: Any
) -> None:
    assert payments.usual_per_minute("stripe") == 0
    pay_for(held_reservation(guest))
    time.forward(minutes=4)
    pay_for(held_reservation(stranger))
    gateway.rests()
    assert 0.4 < payments.usual_per_minute("stripe") < 0.6


def test_nobody_is_asked_while_it_rests_and_an_event_that_was_lost_is_made_up_for(
    guest: Any, gateway: Gateway, deliver: Any
) -> None:
    held = held_reservation(guest)
    gateway.rests()
    deliver()
    assert services.ask_to_pay() == 0
    gateway.is_back()  # and nobody reacts
    assert services.tend_waits() == 1
    deliver()
    assert not fresh(held).pay_later


def test_one_that_cannot_be_given_its_time_keeps_no_other_waiting(
    guest: Any, stranger: Any, gateway: Gateway, deliver: Any, time: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = held_reservation(guest), held_reservation(stranger)
    gateway.rests()
    deliver()
    give = services.give_time_to_pay

    def break_one(*, code: str) -> None:
        if code == first.code:
            raise RuntimeError("this one breaks")
        give(code=code)

    monkeypatch.setattr(services, "give_time_to_pay", break_one)
    gateway.is_back()
    deliver()
    time.forward(seconds=5)
    services.tend_waits()
    deliver()
    assert [fresh(first).pay_later, fresh(second).pay_later] == [True, False]


def test_a_failed_connection_alone_keeps_the_hold_and_is_asked_again_without_any_outage(
    guest: Any, sandbox: Any, settings: Any, deliver: Any
) -> None:
    """The breaker did not open: nobody will say that payments are back, so the timer finds it."""
    held, works = held_reservation(guest), settings.STRIPE_API_BASE
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    services.pay(code=held.code, guest=guest, payment_method=VISA, return_url=RETURN_URL)
    settings.STRIPE_API_BASE = works
    assert services.tend_waits() == 1
    deliver()
    assert not fresh(held).pay_later


def test_the_usual_number_is_counted_only_where_somebody_waits(
    guest: Any, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[str] = []
    real = payments.usual_per_minute
    monkeypatch.setattr(payments, "usual_per_minute", lambda name: counted.append(name) or real(name))
    held = held_reservation(guest)
    gateway.rests()
    gateway.is_back()
    assert (services.tend_waits(), counted) == (0, [])
    gateway.rests()
    services.tend_waits()
    gateway.is_back()
    assert (services.tend_waits(), counted) == (1, ["stripe"])
    assert asked() == [held.code]


def test_one_who_begins_to_wait_while_others_are_asked_is_asked_next_time(guest: Any, gateway: Gateway) -> None:
    held = held_reservation(guest)
    gateway.rests()
    services.tend_waits()
    gateway.is_back()
    wait = PaymentWait.objects.get(reservation=held)
    before = wait.began_at - timedelta(milliseconds=1)
    with clock.frozen(before):
        assert services.tend_waits() == 0
    assert services.tend_waits() == 1

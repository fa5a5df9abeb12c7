"""With two gateways a hold waits for the one it is to be paid through, and each is asked at its own pace."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from airbnb.money import Money
from payments import queries as payments
from payments import watching
from payments.models import Payment
from reservations import services
from reservations.models import PaymentWait, Reservation
from tests.conftest import make_user
from tests.reservations.requesting import lose
from tests.reservations.waits import Gateway, asked, kinds
from tests.support import fresh, held_reservation, pay_for, room_of

pytestmark = pytest.mark.django_db
WINDOW = "toss_card"


@pytest.fixture
def toss(sandbox: Any, settings: Any) -> Gateway:
    """Takes won at once; it cannot set money aside."""
    settings.GATEWAY_BY_CURRENCY = {"KRW": "toss"}
    return Gateway("toss")


@pytest.fixture
def stripe(sandbox: Any) -> Gateway:
    return Gateway("stripe")


@pytest.fixture
def at_once(guest: Any) -> Reservation:
    """To be taken at once: by Toss Payments."""
    return held_reservation(guest)


@pytest.fixture
def on_request(stranger: Any, host: Any) -> Reservation:
    """To be set aside while the host is asked: by Stripe."""
    return held_reservation(stranger, room_of(host, instant_book=False))


def waits(*holds: Reservation) -> list[bool]:
    return [fresh(each).pay_later for each in holds]


def test_while_the_one_that_sets_money_aside_rests_requests_wait_and_nothing_else_does(
    toss: Gateway, stripe: Gateway, at_once: Reservation, on_request: Reservation, stranger: Any, deliver: Any
) -> None:
    stripe.rests()
    deliver()
    assert waits(at_once, on_request) == [False, True]
    assert pay_for(on_request).status == "unavailable"
    assert pay_for(at_once, WINDOW).status == "requires_action"
    assert services.tend_waits() == 0, "that the other gateway works is no news for a request"
    deliver()
    assert waits(on_request) == [True]
    assert kinds(stranger, on_request) == ["payments_unavailable"]
    stripe.is_back()
    deliver()
    assert kinds(stranger, on_request) == ["payments_unavailable", "payments_available"]
    assert pay_for(fresh(on_request)).status == "requested"


def test_while_the_other_one_rests_requests_are_made_as_ever(
    toss: Gateway, stripe: Gateway, at_once: Reservation, on_request: Reservation, host: Any, deliver: Any
) -> None:
    toss.rests()
    deliver()
    assert waits(at_once, on_request) == [True, False]
    assert pay_for(at_once, WINDOW).status == "unavailable"
    assert not Payment.objects.filter(reservation=at_once.code).exists()
    assert pay_for(on_request).status == "requested"
    late = held_reservation(make_user("late@example.com", name="서윤"), room_of(host, instant_book=False))
    assert waits(late) == [False], "it is not kept from its first moment on: it can be paid"


def test_what_events_missed_the_timer_keeps_and_asks_by_the_same_rule(
    toss: Gateway, stripe: Gateway, at_once: Reservation, on_request: Reservation
) -> None:
    stripe.rests()
    assert services.tend_waits() == 1
    assert waits(at_once, on_request) == [False, True]
    assert services.ask_to_pay() == 0
    stripe.is_back()
    toss.rests()
    assert services.tend_waits() == 2, "one is kept, the other asked"
    assert waits(at_once) == [True]
    assert asked() == [on_request.code]


def test_a_request_that_the_host_has_accepted_is_taken_at_once(
    toss: Gateway, stripe: Gateway, on_request: Reservation, host: Any, sandbox: Any
) -> None:
    """The way follows what will be asked of the gateway, not how it was booked: the card failed after the yes."""
    lose(sandbox, pay_for(on_request).reservation)
    assert services.accept_request(on_request.code, host).status == "unpaid"
    stripe.rests()
    assert services.tend_waits() == 0
    toss.rests()
    assert services.tend_waits() == 1


@pytest.mark.parametrize(("resting", "at_once", "on_request"), [("stripe", "", "stripe"), ("toss", "toss", "")])
def test_the_breaker_itself_is_asked_about_the_right_one(
    toss: Gateway, settings: Any, monkeypatch: pytest.MonkeyPatch, resting: str, at_once: str, on_request: str
) -> None:
    settings.GATEWAY_GUARDED = True
    monkeypatch.setattr(watching, "look", lambda name: SimpleNamespace(is_open=name == resting))
    for authorize, expected in ((False, at_once), (True, on_request)):
        found = payments.rest_now("KRW", authorize=authorize)
        assert (found.gateway if found else "") == expected


def test_one_gateway_has_one_pace_over_all_its_currencies(
    guest: Any, stripe: Gateway, host: Any, deliver: Any, time: Any
) -> None:
    """Won at once, won on request, dollars: three groups of one gateway that may be asked once in five seconds."""
    dollars = {"base_price": Money(12_800, "USD"), "cleaning_fee": Money(3_000, "USD")}
    rooms = [room_of(host), room_of(host, instant_book=False), room_of(host, **dollars)]
    holds = [held_reservation(make_user(f"g{n}@example.com"), each) for n, each in enumerate(rooms)]
    assert {each.currency for each in holds} == {"KRW", "USD"}
    stripe.rests()
    deliver()
    stripe.is_back()
    deliver()
    assert len(asked()) == 1
    for count in (2, 3):
        time.forward(seconds=5)
        assert services.tend_waits() == 1
        assert len(asked()) == count
    assert set(PaymentWait.objects.values_list("gateway", flat=True)) == {"stripe"}


def test_two_gateways_have_each_their_own(
    toss: Gateway, stripe: Gateway, at_once: Reservation, on_request: Reservation, deliver: Any
) -> None:
    """The control: what one is spared does not keep the other's guests waiting."""
    for gateway in (toss, stripe):
        gateway.rests()
    deliver()
    assert waits(at_once, on_request) == [True, True]
    for gateway in (toss, stripe):
        gateway.is_back()
    deliver()
    assert sorted(asked()) == sorted([at_once.code, on_request.code])


def test_who_has_paid_still_counts_among_those_who_were_asked(
    stripe: Gateway, guest: Any, stranger: Any, deliver: Any
) -> None:
    first, second = held_reservation(guest), held_reservation(stranger)
    stripe.rests()
    deliver()
    stripe.is_back()
    deliver()
    (code,) = asked()
    mine = first if code == first.code else second
    assert pay_for(fresh(mine)).status == "confirmed"
    assert services.ask_to_pay() == 0, "the gateway was sent somebody a moment ago"

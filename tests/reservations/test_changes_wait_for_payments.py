"""A change that is to be paid while payments are down: begun by nobody, kept, said once, and asked for again (N3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from airbnb import clock
from airbnb.invariants import check
from airbnb.templatetags.dates import moment
from notifications.models import ChannelDelivery, Notification
from notifications.wording import words
from payments.models import Payment
from reservations import services
from reservations.invariants import INVARIANTS
from reservations.models import Alteration, AlterationWait, PaymentWait, Reservation
from tests.conftest import make_user
from tests.reservations.altering import accept, booked, pay, propose, seen, terms
from tests.reservations.pages import reader, text_of
from tests.reservations.test_alteration_pages import page
from tests.reservations.test_api import one, post
from tests.reservations.waits import Gateway
from tests.support import DECLINED, VISA, cancel, fresh, held_reservation

pytestmark = pytest.mark.django_db
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def stay(guest: Any, host: Any, sandbox: Any) -> Reservation:
    return booked(guest, host)


@pytest.fixture
def gateway(sandbox: Any) -> Gateway:
    return Gateway()


@pytest.fixture
def accepted(stay: Reservation, guest: Any, host: Any) -> Alteration:
    """The host has agreed, and the guest is to pay."""
    alteration = propose(stay, guest, end=1)
    accept(alteration, host)
    return alteration


def kinds(person: Any) -> list[str]:
    """What was said of paying for a change, in order."""
    found = Notification.objects.filter(recipient=person, kind__startswith="alteration_pa").order_by("created_at")
    return list(found.values_list("kind", flat=True))


def payments_for_changes() -> int:
    return Payment.objects.filter(purpose__startswith="alteration:").count()


# ----------------------------------------------------------------------------------------------------- it rests
def test_nothing_is_begun_and_it_is_said_once_however_often_one_presses(
    stay: Reservation, accepted: Alteration, guest: Any, gateway: Gateway, deliver: Any
) -> None:
    gateway.rests()
    before = terms(stay)
    for _press in range(3):
        outcome = pay(accepted)
        deliver()
        assert (outcome.status, outcome.retry_after) == ("unavailable", 15)
    assert (payments_for_changes(), terms(stay), seen(accepted).status) == (0, before, "accepted")
    assert kinds(guest) == ["alteration_pay_later"]
    said = Notification.objects.get(kind="alteration_pay_later")
    assert "is kept until" in words(said.kind, said.role, said.params).title
    channels = ChannelDelivery.objects.filter(notification=said).values_list("channel", flat=True)
    assert {"in_app", "email", "kakaotalk"} == set(channels)


def test_a_guest_who_would_agree_by_paying_is_told_the_same(
    stay: Reservation, guest: Any, host: Any, gateway: Gateway
) -> None:
    alteration = propose(stay, host, end=1)
    gateway.rests()
    assert accept(alteration, guest, VISA).status == "unavailable"
    assert (seen(alteration).status, payments_for_changes()) == ("proposed", 0)


def test_the_control_what_needs_no_payment_waits_for_none(
    stay: Reservation, guest: Any, host: Any, gateway: Gateway
) -> None:
    gateway.rests()
    assert accept(propose(stay, guest, end=-1), host).status == "applied"
    other = booked_before(gateway, guest, host)
    assert accept(propose(other, guest, end=1), host).status == "accepted", "the host only says yes"
    assert not AlterationWait.objects.exists()


def booked_before(gateway: Gateway, guest: Any, host: Any) -> Reservation:
    """Another stay, booked in a moment when it could be."""
    gateway.is_back()
    other = booked(guest, host)
    gateway.rests()
    return other


def test_it_is_kept_for_two_hours_from_the_first_try_and_no_longer(
    accepted: Alteration, gateway: Gateway, time: Any
) -> None:
    time.at(seen(accepted).expires_at - timedelta(minutes=10))
    gateway.rests()
    pay(accepted)
    kept = seen(accepted).expires_at
    assert kept == clock.now() + timedelta(hours=2)
    time.at(kept - timedelta(minutes=1))
    pay(accepted)
    assert seen(accepted).expires_at == kept, "pressing again makes it no longer"
    time.at(kept)
    with pytest.raises(services.AlterationOver):
        pay(accepted)
    assert check(INVARIANTS) == []


def test_it_is_never_kept_beyond_what_it_could_come_true_by(
    stay: Reservation, guest: Any, host: Any, gateway: Gateway, time: Any
) -> None:
    time.at(stay.check_in_at - timedelta(minutes=40))
    alteration = propose(stay, guest, start=1, end=2)
    accept(alteration, host)
    gateway.rests()
    pay(alteration)
    assert seen(alteration).expires_at == stay.check_in_at


def test_time_enough_is_left_as_it_is(accepted: Alteration, gateway: Gateway) -> None:
    until = seen(accepted).expires_at
    gateway.rests()
    pay(accepted)
    assert seen(accepted).expires_at == until


def test_who_may_not_pay_is_not_told_to_pay_later(
    stay: Reservation, accepted: Alteration, guest: Any, host: Any, gateway: Gateway
) -> None:
    gateway.rests()
    cancel(fresh(stay), host)
    with pytest.raises(services.AlterationOver):
        pay(accepted)
    assert not AlterationWait.objects.exists()


def test_the_page_says_until_when_it_is_kept_and_how_to_pay_later(
    stay: Reservation, accepted: Alteration, guest: Any, host: Any, gateway: Gateway, deliver: Any
) -> None:
    args, client = (stay.code, accepted.code), reader(guest)
    gateway.rests()
    assert "Payments are briefly unavailable" not in text_of(client.get(page("guest", "alteration", *args)))
    pressed = client.post(page("guest", "alteration_payment", *args), {"payment_method": VISA})
    assert (pressed.status_code, pressed["Retry-After"]) == (200, "15"), "it is no error of the page"
    kept = moment(seen(accepted).expires_at, stay.time_zone)
    for shown in (pressed, client.get(page("guest", "alteration", *args))):
        said = text_of(shown)
        assert f"Payments are briefly unavailable: we keep the change until {kept}" in said
        assert "we write to you with a link to pay" in said
        assert "did not go through" not in said
    assert "briefly unavailable" not in text_of(reader(host).get(page("host", "alteration", *args)))
    gateway.is_back()
    deliver()
    assert "briefly unavailable" not in text_of(client.get(page("guest", "alteration", *args)))


def test_the_interface_answers_503_with_the_end(
    api: Any, stay: Reservation, accepted: Alteration, guest: Any, gateway: Gateway
) -> None:
    gateway.rests()
    answer = post(api(guest), one(stay.code, f"alterations/{accepted.code}/payment/"), {"payment_method": VISA})
    body = answer.json()
    assert (answer.status_code, body["code"], answer["Retry-After"]) == (503, "payments_unavailable", "15")
    assert body["expires_at"][:19] == seen(accepted).expires_at.isoformat()[:19]


# ---------------------------------------------------------------------------------------------------- it is back
def test_when_payments_are_back_who_wanted_to_pay_is_told_once_and_nobody_else(
    stay: Reservation, accepted: Alteration, guest: Any, host: Any, gateway: Gateway, deliver: Any, time: Any
) -> None:
    another = make_user("another@example.com", name="민서", language="en")
    untried = propose(booked(another, host), another, end=1)
    accept(untried, host)
    gateway.rests()
    pay(accepted)
    deliver()
    gateway.is_back()
    deliver()
    assert kinds(guest) == ["alteration_pay_later", "alteration_payable"]
    assert kinds(another) == [], "who never tried has missed nothing"
    for _later in range(3):
        time.forward(seconds=30)
        services.tend_waits()
        deliver()
    assert kinds(guest).count("alteration_payable") == 1
    assert pay(accepted).status == "applied"


def test_who_has_paid_or_let_it_go_meanwhile_is_not_asked(
    stay: Reservation, accepted: Alteration, guest: Any, gateway: Gateway, deliver: Any
) -> None:
    gateway.rests()
    pay(accepted)
    services.withdraw_alteration(code=stay.code, alteration=accepted.code, actor=guest)
    gateway.is_back()
    deliver()
    assert kinds(guest) == ["alteration_pay_later"]


def test_who_pays_between_the_asking_and_the_letter_gets_none(
    accepted: Alteration, guest: Any, gateway: Gateway, deliver: Any
) -> None:
    gateway.rests()
    pay(accepted)
    gateway.is_back()
    assert services.ask_to_pay() == 1
    assert pay(accepted).status == "applied"
    deliver()
    assert "alteration_payable" not in kinds(guest)


def test_changes_and_holds_share_the_pace_of_their_gateway_and_holds_come_first(
    accepted: Alteration, guest: Any, gateway: Gateway, deliver: Any, time: Any
) -> None:
    gateway.rests()
    pay(accepted)
    held = held_reservation(make_user("holds@example.com", name="서준"))
    deliver()
    gateway.is_back()
    deliver()
    assert PaymentWait.objects.get().asked_at is not None
    assert AlterationWait.objects.get().asked_at is None, "one in five seconds, and the hold's time is short"
    time.forward(seconds=5)
    assert services.tend_waits() == 1
    assert AlterationWait.objects.get().asked_at is not None
    assert services.tend_waits() == 0
    deliver()
    assert (fresh(held).pay_later, kinds(guest)[-1]) == (False, "alteration_payable")


def test_a_second_outage_begins_it_anew_and_is_told_quietly_when_it_follows_soon(
    accepted: Alteration, guest: Any, gateway: Gateway, deliver: Any, time: Any
) -> None:
    for _outage in range(2):
        gateway.rests()
        pay(accepted)
        deliver()
        gateway.is_back()
        deliver()
        time.forward(seconds=30)
    assert kinds(guest) == ["alteration_pay_later", "alteration_payable"] * 2
    letters = ChannelDelivery.objects.filter(channel="email", notification__kind="alteration_pay_later")
    assert letters.count() == 1


# ------------------------------------------------------------------------------------- it fails without resting
def test_a_failed_connection_is_told_as_payments_that_are_down_and_asked_for_again(
    accepted: Alteration, guest: Any, settings: Any, deliver: Any
) -> None:
    works, settings.STRIPE_API_BASE = settings.STRIPE_API_BASE, NOWHERE
    assert pay(accepted).status == "unavailable"
    deliver()
    assert kinds(guest) == ["alteration_pay_later"], "no other card would do"
    settings.STRIPE_API_BASE = works
    assert services.tend_waits() == 1
    deliver()
    assert kinds(guest) == ["alteration_pay_later", "alteration_payable"]
    assert pay(accepted).status == "applied"


def test_the_control_a_card_that_was_declined_waits_for_nothing(accepted: Alteration, guest: Any, deliver: Any) -> None:
    assert pay(accepted, DECLINED).status == "declined"
    deliver()
    assert kinds(guest) == ["alteration_payment_failed"]
    assert not AlterationWait.objects.exists()
    assert services.tend_waits() == 0

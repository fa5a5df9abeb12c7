"""Requests to book on pages: what guests and hosts see and press, in both languages."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from payments.services import choose_gateway
from reservations import services
from reservations.models import Reservation
from reservations.states import Status
from tests.reservations.requesting import let_go
from tests.support import (
    VISA,
    cancel,
    confirmed_reservation,
    fresh,
    held_reservation,
    requested_reservation,
    room_of,
)

pytestmark = pytest.mark.django_db
LANGUAGES = ["ko", "en"]


@pytest.fixture
def room(host: Any) -> Any:
    return room_of(host, instant_book=False)


@pytest.fixture
def asked(guest: Any, room: Any, sandbox: Any) -> Reservation:
    return requested_reservation(guest, room, message="We come late in the evening")


def shown(client: Any, user: Any, path: str, language: str = "en", status: int = 200) -> str:
    client.force_login(user)
    with translation.override(language):
        response = client.get(path, headers={"Accept-Language": language})
    assert response.status_code == status, response
    return response.content.decode()


class TestGuest:
    """The guest asks and waits."""

    def test_the_room_says_how_it_is_booked(self, client: Any, guest: Any, room: Any, host: Any) -> None:
        from tests.factories.reservations import some_stay

        stay = some_stay(2)
        days = f"?check_in={stay.check_in}&check_out={stay.check_out}&guests=2"
        page = shown(client, guest, f"/rooms/{room.slug}/{days}")
        assert "Request to book" in page
        assert "You are not charged until the host accepts" in page
        assert "Request to book" not in shown(client, guest, f"/rooms/{room_of(host).slug}/{days}")

    def test_checkout_asks_and_does_not_charge(self, client: Any, guest: Any, room: Any, sandbox: Any) -> None:
        held = held_reservation(guest, room)
        page = shown(client, guest, f"/reservations/{held.code}/checkout/")
        assert "You are not charged until the host accepts" in page
        assert "Ask the host" in page
        sent = client.post(f"/reservations/{held.code}/checkout/", {"payment_method": VISA}, follow=True)
        assert "Your request is sent" in sent.content.decode()
        assert fresh(held).status == Status.REQUESTED

    def test_what_is_set_aside_is_offered_by_a_gateway_that_can(
        self, client: Any, guest: Any, host: Any, room: Any, sandbox: Any
    ) -> None:
        """The currency's own gateway takes money at once or not at all, so a request goes through another."""
        choose_gateway(currency="KRW", gateway="toss")
        held = held_reservation(guest, room)
        page = shown(client, guest, f"/reservations/{held.code}/checkout/")
        assert f'value="{VISA}"' in page
        assert "toss_card" not in page
        client.post(f"/reservations/{held.code}/checkout/", {"payment_method": VISA})
        assert fresh(held).status == Status.REQUESTED
        at_once = held_reservation(guest, room_of(host))
        assert "toss_card" in shown(client, guest, f"/reservations/{at_once.code}/checkout/")

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_every_state_of_it_has_its_page(
        self, client: Any, guest: Any, host: Any, asked: Reservation, sandbox: Any, deliver: Any, language: str
    ) -> None:
        path = f"/trips/{asked.code}/"
        said = {"requested": "The host answers by", "declined": "Nothing was charged"}
        assert language != "en" or said["requested"] in shown(client, guest, path)
        shown(client, guest, path, language)
        services.refuse_request(asked.code, host, "We repaint")
        deliver()
        page = shown(client, guest, path, language)
        assert "We repaint" in page
        assert language != "en" or said["declined"] in page
        for tab in ("upcoming", "past", "cancelled"):
            shown(client, guest, f"/trips/?show={tab}", language)

    def test_being_captured(self, client: Any, guest: Any, host: Any, asked: Reservation, sandbox: Any) -> None:
        sandbox.faults(mode="drop_before")
        services.accept_request(asked.code, host)
        sandbox.faults(mode="none")
        assert "The host said yes" in shown(client, guest, f"/trips/{asked.code}/")
        assert "You accepted; the payment is being taken" in shown(client, host, f"/host/reservations/{asked.code}/")

    def test_ended(self, client: Any, guest: Any, host: Any, asked: Reservation, time: Any) -> None:
        time.forward(hours=24)
        services.end_requests()
        assert "Your request has ended" in shown(client, guest, f"/trips/{asked.code}/")
        assert "Request ended" in shown(client, guest, "/trips/?show=cancelled")
        assert "The request has ended" in shown(client, host, f"/host/reservations/{asked.code}/")

    def test_the_card_failed_after_the_yes(
        self, client: Any, guest: Any, host: Any, asked: Reservation, sandbox: Any
    ) -> None:
        sandbox.faults(clock_s=8 * 86400)
        assert services.accept_request(asked.code, host).status == "unpaid"
        sandbox.faults(clock_s=0)
        assert "your card did not go through" in shown(client, guest, f"/trips/{asked.code}/")
        assert "The host has accepted" in shown(client, guest, f"/reservations/{asked.code}/checkout/")
        assert "the guest’s card failed" in shown(client, host, f"/host/reservations/{asked.code}/")

    def test_taking_it_back(self, client: Any, guest: Any, asked: Reservation) -> None:
        page = shown(client, guest, f"/trips/{asked.code}/cancellation/")
        assert "Nothing was charged" in page
        assert "Take the request back" in page
        cancel(asked, guest)
        assert "You took your request back" in shown(client, guest, f"/trips/{asked.code}/")
        assert "You took your request back" in shown(client, guest, "/trips/?show=cancelled")


class TestHost:
    """The host answers."""

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_requests_stand_at_the_top(self, client: Any, host: Any, asked: Reservation, language: str) -> None:
        for path in ("/host/", "/host/reservations/", "/host/reservations/?tab=requests"):
            page = shown(client, host, path, language)
            assert f"/host/reservations/{asked.code}/acceptance/" in page
            assert f"/host/reservations/{asked.code}/refusal/" in page
            assert "We come late in the evening" in page

    def test_the_time_that_is_left_is_counted(self, client: Any, host: Any, guest: Any, asked: Reservation) -> None:
        until = fresh(asked).answer_by
        assert until is not None
        pages = ((host, f"/host/reservations/{asked.code}/"), (host, "/host/"), (guest, f"/trips/{asked.code}/"))
        for person, path in pages:
            assert f'data-until="{until.isoformat()}"' in shown(client, person, path)

    def test_what_waits_is_not_listed_twice(self, client: Any, host: Any, asked: Reservation) -> None:
        page = shown(client, host, "/host/reservations/?tab=requests")
        assert page.count(f'href="/host/reservations/{asked.code}/"') == 1
        assert "There are none" not in page

    def test_nothing_is_to_come_of_one_that_was_declined_or_taken_back(
        self, client: Any, host: Any, guest: Any, room: Any, asked: Reservation, deliver: Any, sandbox: Any, time: Any
    ) -> None:
        services.refuse_request(asked.code, host)
        back = requested_reservation(guest, room)
        cancel(back, guest)
        assert let_go(deliver, sandbox, time) == ["canceled", "canceled"]
        deliver()
        declined = shown(client, host, f"/host/reservations/{asked.code}/")
        assert "nothing is to come" in declined
        assert "You receive" not in declined
        assert "was set aside on the guest&#x27;s card was let go" in declined
        assert "The refund is on its way" not in declined
        taken_back = shown(client, host, f"/host/reservations/{back.code}/")
        assert "The guest took the request back" in taken_back
        assert "cancelled this booking" not in taken_back
        assert "What it would have cost" in shown(client, guest, f"/trips/{asked.code}/")
        assert "Refund sent" not in shown(client, guest, f"/trips/{asked.code}/")

    def test_a_yes(self, client: Any, host: Any, asked: Reservation) -> None:
        client.force_login(host)
        said = client.post(f"/host/reservations/{asked.code}/acceptance/", follow=True)
        assert "The booking is confirmed" in said.content.decode()
        assert fresh(asked).status == Status.CONFIRMED
        again = client.post(f"/host/reservations/{asked.code}/acceptance/", follow=True)
        assert "The booking is confirmed" in again.content.decode()

    def test_a_no_is_asked_about_first(self, client: Any, host: Any, asked: Reservation) -> None:
        path = f"/host/reservations/{asked.code}/refusal/"
        assert "is charged nothing" in shown(client, host, path)
        assert fresh(asked).status == Status.REQUESTED
        said = client.post(path, {"reason": "We repaint"}, follow=True)
        assert "The request is declined" in said.content.decode()
        assert fresh(asked).changed_why == "We repaint"
        assert client.get(path).status_code == 302
        late = client.post(f"/host/reservations/{asked.code}/acceptance/", follow=True)
        assert "no longer open" in late.content.decode()

    @pytest.mark.parametrize("what", ["acceptance", "refusal"])
    def test_the_list(self, client: Any, host: Any, guest: Any, stranger: Any, asked: Reservation, what: str) -> None:
        path = f"/host/reservations/{asked.code}/{what}/"
        assert client.post(path).status_code == 302
        client.force_login(stranger)
        assert client.post(path).status_code == 404
        client.force_login(guest)
        assert client.post(path).status_code in (302, 403, 404)
        client.force_login(host)
        assert client.post(f"/host/reservations/BBNOBODY99/{what}/").status_code == 404
        assert client.get(f"/host/reservations/{asked.code}/acceptance/").status_code == 405
        assert client.put(path).status_code == 405
        assert fresh(asked).status == Status.REQUESTED

    def test_the_rate(self, client: Any, host: Any, guest: Any, asked: Reservation, room: Any) -> None:
        services.refuse_request(asked.code, host)
        requested_reservation(guest, room)
        assert "You answered 1 of 1 requests" in shown(client, host, "/host/reservations/?tab=requests")


def test_an_operator_declines_with_a_reason(
    client: Any, operator: Any, asked: Reservation, guest: Any, host: Any
) -> None:
    operator.is_superuser = True
    operator.save()
    client.force_login(operator)
    stays = confirmed_reservation(guest, room_of(host))
    form = {"action": "decline_requests", "_selected_action": [asked.pk, stays.pk]}
    path = "/admin/reservations/reservation/"
    assert "the guest reads it" in client.post(path, form, follow=True).content.decode()
    assert fresh(asked).status == Status.REQUESTED
    client.post(path, {**form, "reason": "Not let here"}, follow=True)
    assert (fresh(asked).status, fresh(asked).changed_why) == (Status.DECLINED, "Not let here")
    assert fresh(stays).status == Status.CONFIRMED

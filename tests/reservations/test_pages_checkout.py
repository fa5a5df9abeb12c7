"""The guest takes dates and pays for them, in pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from airbnb.money import Money
from payments import queries as payments
from reservations import services
from reservations.models import Reservation
from rooms import queries as rooms
from tests.factories.reservations import next_stay
from tests.reservations.pages import checkout_of, flexible_room, form_of, payment_form, reader, text_of
from tests.support import (
    ASKS,
    DECLINED,
    VISA,
    confirmed_reservation,
    expired_reservation,
    fresh,
    held_reservation,
    room_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(guest: Any) -> Client:
    """The guest, signed in."""
    return reader(guest)


@pytest.fixture
def room(host: Any) -> Any:
    """A listed room."""
    return flexible_room(host)


class TestHolding:
    """``POST /reservations/``."""

    def test_holds_and_goes_on_to_pay(self, browser: Client, room: Any, guest: Any) -> None:
        response = browser.post("/reservations/", form_of(room, next_stay()))
        held = Reservation.objects.get(guest=guest)
        assert response.status_code == 302
        assert response["Location"] == checkout_of(held)
        assert held.status == "held"

    def test_anonymous_signs_in_and_comes_back_to_the_dates(self, room: Any) -> None:
        stay = next_stay()
        response = Client().post("/reservations/", form_of(room, stay))
        target = urlsplit(response["Location"])
        back = parse_qs(target.query)["next"][0]
        assert response.status_code == 302
        assert target.path == reverse("account_login")
        assert back == f"/rooms/{room.slug}/?check_in={stay.check_in}&check_out={stay.check_out}&guests=2"
        assert not Reservation.objects.exists()

    def test_taken_nights_are_refused_with_alternatives(self, browser: Client, room: Any, stranger: Any) -> None:
        stay = next_stay()
        asked = form_of(room, stay)
        held_reservation(stranger, room, stay=stay)
        response = browser.post("/reservations/", asked)
        page, words = response.content.decode(), text_of(response)
        assert response.status_code == 409
        assert "These nights have just been taken" in words
        assert "Nothing was charged" in words
        assert f'value="{stay.check_in}"' in page
        assert "stay-error" in page
        other = re.search(rf'href="(/rooms/{room.slug}/\?check_in=[^"]+)">₩', page)
        assert other
        assert browser.get(other[1].replace("&amp;", "&")).status_code == 200

    def test_a_changed_price_is_shown_and_nothing_held(self, browser: Client, room: Any, host: Any) -> None:
        from rooms.services import edit_room

        stay = next_stay()
        asked = form_of(room, stay)
        edit_room(room_id=room.pk, host_id=host.pk, language="en", base_price=Money(200_000))
        response = browser.post("/reservations/", asked)
        now = rooms.quote(room.pk, stay, 2).total
        assert response.status_code == 409
        assert "The price has changed" in text_of(response)
        assert f"₩{now.amount_minor:,}" in text_of(response)
        assert not Reservation.objects.exists()

    def test_an_old_quote_of_the_same_price_is_renewed(self, browser: Client, room: Any, time: Any) -> None:
        asked = form_of(room, next_stay())
        time.forward(minutes=16)
        response = browser.post("/reservations/", asked)
        assert response.status_code == 302
        assert Reservation.objects.get().status == "held"

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"check_in": "soon"}, "Enter a date"),
            ({"check_out": ""}, "Choose a check-out day"),
            ({"guests": "0"}, "At least one guest must stay"),
            ({"check_out": "2020-01-01"}, "Check-out must be after check-in"),
        ],
    )
    def test_mistakes_are_told_at_the_field(
        self, browser: Client, room: Any, changes: dict[str, str], error: str
    ) -> None:
        response = browser.post("/reservations/", form_of(room, next_stay(), **changes))
        assert response.status_code == 422
        assert error in text_of(response)
        assert not Reservation.objects.exists()

    def test_rules_of_the_room_are_told(self, browser: Client, room: Any) -> None:
        response = browser.post("/reservations/", form_of(room, next_stay(), guests="9", quote=""))
        assert response.status_code == 409
        assert "Sleeps at most 4" in text_of(response)

    def test_a_forged_quote_is_refused(self, browser: Client, room: Any) -> None:
        response = browser.post("/reservations/", form_of(room, next_stay(), quote="forged"))
        assert response.status_code == 422
        assert not Reservation.objects.exists()

    def test_other_dates_of_a_room_that_is_held_lead_to_the_hold(self, browser: Client, room: Any, guest: Any) -> None:
        held = held_reservation(guest, room)
        response = browser.post("/reservations/", form_of(room, next_stay()))
        assert response["Location"] == checkout_of(held)

    def test_the_fourth_hold_is_refused(self, browser: Client, host: Any, guest: Any) -> None:
        for _ in range(3):
            held_reservation(guest, room_of(host))
        response = browser.post("/reservations/", form_of(room_of(host), next_stay()))
        assert response.status_code == 409
        assert "See what you hold" in text_of(response)

    def test_ones_own_room(self, host: Any, room: Any) -> None:
        client = Client(headers={"Accept-Language": "en"})
        client.force_login(host)
        response = client.post("/reservations/", form_of(room, next_stay()))
        assert response.status_code == 409
        assert "This is your own room" in text_of(response)

    def test_unknown_room_missing_room_and_wrong_method(self, browser: Client, room: Any) -> None:
        asked = form_of(room, next_stay())
        assert browser.post("/reservations/", {**asked, "room": "nowhere"}).status_code == 404
        assert browser.post("/reservations/", {}).status_code == 302
        assert browser.get("/reservations/").status_code == 405

    def test_longer_once(self, browser: Client, room: Any, guest: Any) -> None:
        held = held_reservation(guest, room)
        path = reverse("reservations:extension", args=[held.code])
        browser.post(path)
        longer = fresh(held).hold_expires_at
        assert longer is not None
        assert held.hold_expires_at is not None
        assert longer > held.hold_expires_at
        again = browser.post(path, follow=True)
        assert "already extended once" in text_of(again)
        assert fresh(held).hold_expires_at == longer
        assert "Possible once" not in text_of(again)

    def test_too_late_to_extend(self, browser: Client, room: Any, guest: Any) -> None:
        held = expired_reservation(guest, room)
        response = browser.post(reverse("reservations:extension", args=[held.code]))
        assert response["Location"].startswith(f"/rooms/{room.slug}/")

    def test_let_go(self, browser: Client, room: Any, guest: Any) -> None:
        held = held_reservation(guest, room)
        response = browser.post(reverse("reservations:release", args=[held.code]))
        assert fresh(held).status == "expired"
        assert rooms.free(room.pk, held.stay)
        assert response["Location"].startswith(f"/rooms/{room.slug}/?check_in=")


class TestCheckout:
    """``/reservations/<code>/checkout/``."""

    def test_shows_sum_time_terms_and_one_button(self, browser: Client, room: Any, guest: Any, sandbox: Any) -> None:
        held = held_reservation(guest, room)
        response = browser.get(checkout_of(held))
        page, words = response.content.decode(), text_of(response)
        assert f"Pay ₩{held.total_minor:,}" in words
        assert held.hold_expires_at is not None
        assert f'data-until="{held.hold_expires_at.isoformat()}"' in page
        assert "Everything you paid." in words
        assert 'value="pm_card_visa"' in page
        assert 'name="attempt"' in page
        assert "경주시 황남동 1" not in words
        assert 'value="서윤"' in page  # nobody types twice what is known

    def test_pays_and_confirms(self, browser: Client, room: Any, guest: Any, sandbox: Any) -> None:
        held = held_reservation(guest, room)
        response = browser.post(checkout_of(held), payment_form(message="저녁 8시쯤 도착해요."))
        booked = fresh(held)
        assert response["Location"] == reverse("reservations:trip", args=[held.code])
        assert booked.status == "confirmed"
        assert booked.contact_name == "이서윤"
        assert booked.message == "저녁 8시쯤 도착해요."

    def test_mistakes_keep_what_was_typed(self, browser: Client, room: Any, guest: Any, sandbox: Any) -> None:
        held = held_reservation(guest, room)
        wrong = {"name": "", "phone": "010-1234-567", "message": "늦게 가요", "payment_method": VISA}
        response = browser.post(checkout_of(held), wrong)
        page, words = response.content.decode(), text_of(response)
        assert response.status_code == 422
        for error in (
            "Enter the name of who stays",
            "Enter 11 digits. This has 10",
        ):
            assert words.count(error) == 2
        assert re.search(r"<title>\s*2 problems:", page)
        assert "늦게 가요" in page
        assert 'value="010-1234-567"' in page
        assert re.search(r'value="pm_card_visa"[^>]*checked', page)
        assert fresh(held).status == "held"
        assert payments.payment_of(held.code) is None

    def test_a_program_may_send_the_payment_method_alone(
        self, browser: Client, room: Any, guest: Any, sandbox: Any
    ) -> None:
        held = held_reservation(guest, room)
        response = browser.post(checkout_of(held), {"payment_method": VISA})
        assert response["Location"] == reverse("reservations:trip", args=[held.code])
        assert (fresh(held).status, fresh(held).contact_name) == ("confirmed", guest.shown_name)

    @pytest.mark.parametrize("method", ["", "../x", "a" * 200])
    def test_a_method_that_cannot_be_one(
        self, browser: Client, room: Any, guest: Any, sandbox: Any, method: str
    ) -> None:
        held = held_reservation(guest, room)
        assert browser.post(checkout_of(held), payment_form(method)).status_code == 422
        assert fresh(held).status == "held"

    def test_declined_says_what_happened_and_keeps_the_dates(
        self, browser: Client, room: Any, guest: Any, sandbox: Any
    ) -> None:
        held = held_reservation(guest, room)
        response = browser.post(checkout_of(held), payment_form(DECLINED, attempt="a1"))
        words = text_of(response)
        assert response.status_code == 402
        assert fresh(held).status == "held"
        assert "The bank declined the payment" in words
        assert "your dates are still held" in words
        again = re.search(r'name="attempt" value="([0-9a-f]+)"', response.content.decode())
        assert again
        assert again[1] != "a1"
        paid = browser.post(checkout_of(held), payment_form(attempt=again[1]))
        assert paid.status_code == 302
        assert fresh(held).status == "confirmed"

    def test_one_press_charges_once_however_often_it_is_sent(
        self, browser: Client, room: Any, guest: Any, sandbox: Any
    ) -> None:
        held = held_reservation(guest, room)
        first = browser.post(checkout_of(held), payment_form(DECLINED, attempt="press-1"))
        second = browser.post(checkout_of(held), payment_form(VISA, attempt="press-1"))
        assert first.status_code == 402
        assert second.status_code == 302
        assert second["Location"] == checkout_of(held)
        assert len(payments.payments_of(held.code)) == 1
        assert fresh(held).status == "held"

    def test_paid_twice_charges_once(self, browser: Client, room: Any, guest: Any, sandbox: Any) -> None:
        held = held_reservation(guest, room)
        for attempt in ("one", "two"):
            response = browser.post(checkout_of(held), payment_form(attempt=attempt))
            assert response["Location"] == reverse("reservations:trip", args=[held.code])
        assert len(payments.payments_of(held.code)) == 1

    def test_the_bank_asks_and_the_guest_comes_back(
        self, browser: Client, room: Any, guest: Any, sandbox: Any, deliver: Callable[..., int]
    ) -> None:
        held = held_reservation(guest, room)
        response = browser.post(checkout_of(held), payment_form(ASKS))
        assert response.status_code == 302
        assert response["Location"].startswith(sandbox.url)
        assert fresh(held).status == "paying"
        deliver()
        waiting = browser.get(reverse("reservations:trip", args=[held.code]))
        assert "Your bank wants a further step" in text_of(waiting)
        back = browser.get(reverse("reservations:payment_return", args=[held.code]))
        assert back["Location"] == reverse("reservations:trip", args=[held.code])
        assert fresh(held).status == "paying"

    def test_unavailable_keeps_dates_and_price(self, browser: Client, room: Any, guest: Any, settings: Any) -> None:
        settings.STRIPE_API_BASE = "http://127.0.0.1:9"  # nothing listens on the discard port
        held = held_reservation(guest, room)
        response = browser.post(checkout_of(held), payment_form(phone=""))
        words = text_of(response)
        kept = fresh(held)
        assert response.status_code == 200
        assert int(response["Retry-After"]) > 0
        assert "Nothing was charged. Your dates and your price are kept." in words
        assert kept.status == "held"
        assert kept.hold_expires_at is not None
        assert held.hold_expires_at is not None
        assert kept.hold_expires_at > held.hold_expires_at
        assert f'data-until="{kept.hold_expires_at.isoformat()}"' in response.content.decode()
        assert "Payments are briefly unavailable" in text_of(browser.get(checkout_of(held)))

    def test_over(self, browser: Client, room: Any, guest: Any, sandbox: Any) -> None:
        held = expired_reservation(guest, room)
        response = browser.get(checkout_of(held))
        assert response.status_code == 200
        assert "The time to pay is over" in text_of(response)
        late = browser.post(checkout_of(held), payment_form())
        assert late.status_code == 409
        assert payments.payment_of(held.code) is None

    def test_over_but_not_yet_swept(self, browser: Client, room: Any, guest: Any, sandbox: Any) -> None:
        held = held_reservation(guest, room)
        services.backdate(code=held.code, days=0, seconds=3600)
        assert "The time to pay is over" in text_of(browser.get(checkout_of(held)))
        assert browser.post(checkout_of(held), payment_form()).status_code == 409

    def test_a_booked_trip_has_no_checkout(self, browser: Client, room: Any, guest: Any, sandbox: Any) -> None:
        booked = confirmed_reservation(guest, room)
        assert browser.get(checkout_of(booked))["Location"] == reverse("reservations:trip", args=[booked.code])

    def test_without_the_sandbox_a_method_is_typed(self, browser: Client, room: Any, guest: Any, settings: Any) -> None:
        settings.STRIPE_API_BASE = ""
        page = browser.get(checkout_of(held_reservation(guest, room))).content.decode()
        assert "pm_card_visa" not in page
        assert 'name="payment_method"' in page

    def test_statements(
        self,
        browser: Client,
        room: Any,
        guest: Any,
        sandbox: Any,
        deliver: Any,
        django_assert_max_num_queries: Callable[..., Any],
    ) -> None:
        held = held_reservation(guest, room)
        deliver()
        with django_assert_max_num_queries(12):
            browser.get(checkout_of(held))

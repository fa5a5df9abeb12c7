"""The guest's pages of reservations: hold, pay, trips, cancel, receipt; each for its own guest alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from airbnb import clock
from airbnb.money import Money
from payments import queries as payments
from reservations import services
from reservations.models import Reservation
from rooms import queries as rooms
from tests.factories.reservations import next_stay
from tests.support import (
    ASKS,
    DECLINED,
    VISA,
    cancelled_reservation,
    completed_reservation,
    confirmed_reservation,
    expired_reservation,
    fresh,
    held_reservation,
    in_stay_reservation,
    paying_reservation,
    room_of,
)

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def text_of(response: Any) -> str:
    """The page as one line of words, without tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.fixture
def browser(guest: Any) -> Client:
    """The guest, signed in, reading English."""
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(guest)
    return client


@pytest.fixture
def room(host: Any) -> Any:
    """A listed room of the host."""
    return room_of(host, cancellation_policy="flexible")


def form_of(room: Any, stay: Any, **changes: Any) -> dict[str, Any]:
    """What the page of the room posts."""
    quote = rooms.quote(room.pk, stay, 2)
    return {
        "room": room.slug,
        "check_in": stay.check_in.isoformat(),
        "check_out": stay.check_out.isoformat(),
        "guests": "2",
        "quote": quote.token,
        "shown_total": str(quote.total.amount_minor),
        **changes,
    }


def payment_form(method: str = VISA, **changes: str) -> dict[str, str]:
    """What the checkout posts."""
    return {"name": "이서윤", "payment_method": method, "agree": "on", "phone": "010-1234-5678", **changes}


def checkout_of(held: Reservation) -> str:
    """The address of the checkout."""
    return reverse("reservations:checkout", args=[held.code])


class TestHolding:
    """``POST /reservations/``."""

    def test_holds_and_goes_on_to_pay(self, browser: Client, room: Any, guest: Any) -> None:
        response = browser.post("/reservations/", form_of(room, next_stay()))
        held = Reservation.objects.get(guest=guest)
        assert response.status_code == 302 and response["Location"] == checkout_of(held)
        assert held.status == "held"

    def test_anonymous_signs_in_and_comes_back_to_the_dates(self, room: Any) -> None:
        stay = next_stay()
        response = Client().post("/reservations/", form_of(room, stay))
        target = urlsplit(response["Location"])
        back = parse_qs(target.query)["next"][0]
        assert response.status_code == 302 and target.path == reverse("account_login")
        assert back == f"/rooms/{room.slug}/?check_in={stay.check_in}&check_out={stay.check_out}&guests=2"
        assert not Reservation.objects.exists()

    def test_taken_nights_are_refused_with_alternatives(self, browser: Client, room: Any, stranger: Any) -> None:
        stay = next_stay()
        asked = form_of(room, stay)
        held_reservation(stranger, room, stay=stay)
        response = browser.post("/reservations/", asked)
        page, words = response.content.decode(), text_of(response)
        assert response.status_code == 409
        assert "These nights have just been taken" in words and "Nothing was charged" in words
        assert f'value="{stay.check_in}"' in page and "stay-error" in page
        other = re.search(rf'href="(/rooms/{room.slug}/\?check_in=[^"]+)">₩', page)
        assert other and browser.get(other[1].replace("&amp;", "&")).status_code == 200

    def test_a_changed_price_is_shown_and_nothing_held(self, browser: Client, room: Any, host: Any) -> None:
        from rooms.services import edit_room

        stay = next_stay()
        asked = form_of(room, stay)
        edit_room(room_id=room.pk, host_id=host.pk, language="en", base_price=Money(200_000))
        response = browser.post("/reservations/", asked)
        now = rooms.quote(room.pk, stay, 2).total
        assert response.status_code == 409
        assert "The price has changed" in text_of(response) and f"₩{now.amount_minor:,}" in text_of(response)
        assert not Reservation.objects.exists()

    def test_an_old_quote_of_the_same_price_is_renewed(self, browser: Client, room: Any, time: Any) -> None:
        asked = form_of(room, next_stay())
        time.forward(minutes=16)
        response = browser.post("/reservations/", asked)
        assert response.status_code == 302 and Reservation.objects.get().status == "held"

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
        assert response.status_code == 422 and error in text_of(response)
        assert not Reservation.objects.exists()

    def test_rules_of_the_room_are_told(self, browser: Client, room: Any) -> None:
        response = browser.post("/reservations/", form_of(room, next_stay(), guests="9", quote=""))
        assert response.status_code == 409 and "Sleeps at most 4" in text_of(response)

    def test_a_forged_quote_is_refused(self, browser: Client, room: Any) -> None:
        response = browser.post("/reservations/", form_of(room, next_stay(), quote="forged"))
        assert response.status_code == 422 and not Reservation.objects.exists()

    def test_other_dates_of_a_room_that_is_held_lead_to_the_hold(self, browser: Client, room: Any, guest: Any) -> None:
        held = held_reservation(guest, room)
        response = browser.post("/reservations/", form_of(room, next_stay()))
        assert response["Location"] == checkout_of(held)

    def test_the_fourth_hold_is_refused(self, browser: Client, host: Any, guest: Any) -> None:
        for _ in range(3):
            held_reservation(guest, room_of(host))
        response = browser.post("/reservations/", form_of(room_of(host), next_stay()))
        assert response.status_code == 409 and "See what you hold" in text_of(response)

    def test_ones_own_room(self, host: Any, room: Any) -> None:
        client = Client(headers={"Accept-Language": "en"})
        client.force_login(host)
        response = client.post("/reservations/", form_of(room, next_stay()))
        assert response.status_code == 409 and "This is your own room" in text_of(response)

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
        assert longer is not None and held.hold_expires_at is not None and longer > held.hold_expires_at
        again = browser.post(path, follow=True)
        assert "already extended once" in text_of(again) and fresh(held).hold_expires_at == longer
        assert "Possible once" not in text_of(again)

    def test_too_late_to_extend(self, browser: Client, room: Any, guest: Any) -> None:
        held = expired_reservation(guest, room)
        response = browser.post(reverse("reservations:extension", args=[held.code]))
        assert response["Location"].startswith(f"/rooms/{room.slug}/")

    def test_let_go(self, browser: Client, room: Any, guest: Any) -> None:
        held = held_reservation(guest, room)
        response = browser.post(reverse("reservations:release", args=[held.code]))
        assert fresh(held).status == "expired" and rooms.free(room.pk, held.stay)
        assert response["Location"].startswith(f"/rooms/{room.slug}/?check_in=")


class TestCheckout:
    """``/reservations/<code>/checkout/``."""

    def test_shows_sum_time_terms_and_one_button(self, browser: Client, room: Any, guest: Any, sandbox: Any) -> None:
        held = held_reservation(guest, room)
        response = browser.get(checkout_of(held))
        page, words = response.content.decode(), text_of(response)
        assert f"Pay ₩{held.total_minor:,}" in words
        assert held.hold_expires_at is not None and f'data-until="{held.hold_expires_at.isoformat()}"' in page
        assert "Everything you paid." in words and 'value="pm_card_visa"' in page
        assert 'name="attempt"' in page and "경주시 황남동 1" not in words
        assert 'value="서윤"' in page  # nobody types twice what is known

    def test_pays_and_confirms(self, browser: Client, room: Any, guest: Any, sandbox: Any) -> None:
        held = held_reservation(guest, room)
        response = browser.post(checkout_of(held), payment_form(message="저녁 8시쯤 도착해요."))
        booked = fresh(held)
        assert response["Location"] == reverse("reservations:trip", args=[held.code])
        assert booked.status == "confirmed" and booked.contact_name == "이서윤"
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
            "Accept the terms of cancellation",
        ):
            assert words.count(error) == 2
        assert re.search(r"<title>\s*3 problems:", page)
        assert "늦게 가요" in page and 'value="010-1234-567"' in page
        assert re.search(r'value="pm_card_visa"[^>]*checked', page)
        assert fresh(held).status == "held" and payments.payment_of(held.code) is None

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
        assert response.status_code == 402 and fresh(held).status == "held"
        assert "The bank declined the payment" in words and "your dates are still held" in words
        again = re.search(r'name="attempt" value="([0-9a-f]+)"', response.content.decode())
        assert again and again[1] != "a1"
        paid = browser.post(checkout_of(held), payment_form(attempt=again[1]))
        assert paid.status_code == 302 and fresh(held).status == "confirmed"

    def test_one_press_charges_once_however_often_it_is_sent(
        self, browser: Client, room: Any, guest: Any, sandbox: Any
    ) -> None:
        held = held_reservation(guest, room)
        first = browser.post(checkout_of(held), payment_form(DECLINED, attempt="press-1"))
        second = browser.post(checkout_of(held), payment_form(VISA, attempt="press-1"))
        assert first.status_code == 402
        assert second.status_code == 302 and second["Location"] == checkout_of(held)
        assert len(payments.payments_of(held.code)) == 1 and fresh(held).status == "held"

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
        assert response.status_code == 302 and response["Location"].startswith(sandbox.url)
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
        assert response.status_code == 503 and int(response["Retry-After"]) > 0
        assert "Nothing was charged. Your dates and your price are kept." in words
        assert kept.status == "held" and kept.hold_expires_at is not None
        assert held.hold_expires_at is not None and kept.hold_expires_at > held.hold_expires_at
        assert f'data-until="{kept.hold_expires_at.isoformat()}"' in response.content.decode()
        assert "Payments are briefly unavailable" in text_of(browser.get(checkout_of(held)))

    def test_over(self, browser: Client, room: Any, guest: Any, sandbox: Any) -> None:
        held = expired_reservation(guest, room)
        response = browser.get(checkout_of(held))
        assert response.status_code == 200 and "The time to pay is over" in text_of(response)
        late = browser.post(checkout_of(held), payment_form())
        assert late.status_code == 409 and payments.payment_of(held.code) is None

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
        assert "pm_card_visa" not in page and 'name="payment_method"' in page

    def test_statements(
        self,
        browser: Client,
        room: Any,
        guest: Any,
        sandbox: Any,
        django_assert_max_num_queries: Callable[..., Any],
    ) -> None:
        held = held_reservation(guest, room)
        with django_assert_max_num_queries(12):
            browser.get(checkout_of(held))


PAGES = ("checkout", "payment_return", "trip", "trip_status", "cancellation", "receipt")
POSTS = ("extension", "release", "checkout", "cancellation")


class TestAccess:
    """Every page is its guest's own."""

    def test_strangers_hosts_and_unknown_codes(
        self, room: Any, guest: Any, host: Any, stranger: Any, sandbox: Any
    ) -> None:
        booked = confirmed_reservation(guest, room)
        for person in (stranger, host):
            client = Client()
            client.force_login(person)
            for name in PAGES:
                assert client.get(reverse(f"reservations:{name}", args=[booked.code])).status_code == 404, name
            for name in POSTS:
                assert client.post(reverse(f"reservations:{name}", args=[booked.code])).status_code == 404, name

    def test_anonymous_signs_in_first(self, room: Any, guest: Any) -> None:
        held = held_reservation(guest, room)
        for name in PAGES:
            path = reverse(f"reservations:{name}", args=[held.code])
            assert Client().get(path)["Location"] == f"{reverse('account_login')}?next={path}"
        assert Client().get("/trips/").status_code == 302

    def test_unknown_codes_and_wrong_methods(self, browser: Client, room: Any, guest: Any) -> None:
        held = held_reservation(guest, room)
        for name in PAGES:
            assert browser.get(reverse(f"reservations:{name}", args=["BBNOTHING"])).status_code == 404
        for name in ("extension", "release"):
            assert browser.get(reverse(f"reservations:{name}", args=[held.code])).status_code == 405
        for name in ("trip", "trip_status", "receipt", "payment_return"):
            assert browser.post(reverse(f"reservations:{name}", args=[held.code])).status_code == 405


class TestTrips:
    """``/trips/`` and ``/trips/<code>/``."""

    def test_three_lists(self, browser: Client, host: Any, guest: Any, sandbox: Any, deliver: Any) -> None:
        coming = confirmed_reservation(guest, room_of(host))
        been = completed_reservation(guest, room_of(host))
        gone = cancelled_reservation(guest, room_of(host))
        held = held_reservation(guest, room_of(host))
        deliver()
        shown = {tab: browser.get("/trips/", {"show": tab}).content.decode() for tab in ("", "past", "cancelled")}
        assert coming.code in shown[""] and held.code in shown[""]
        assert been.code in shown["past"] and been.code not in shown[""]
        assert gone.code in shown["cancelled"] and "on its way back to you" in shown["cancelled"]
        assert f"Pay ₩{held.total_minor:,}" in shown[""]
        assert reverse("reviews:trip_review", args=[been.code]) in shown["past"]

    def test_nothing_yet(self, browser: Client) -> None:
        assert "No trip is planned" in text_of(browser.get("/trips/"))
        assert browser.get("/trips/?show=nonsense&page=x").status_code == 200

    def test_the_address_opens_with_the_confirmation(
        self, browser: Client, host: Any, guest: Any, sandbox: Any
    ) -> None:
        room = room_of(host, arrival_guide_i18n={"en": "Press 1931 on the keypad."})
        held = held_reservation(guest, room)
        path = reverse("reservations:trip", args=[held.code])
        assert "경주시 황남동 1" not in text_of(browser.get(path))
        browser.post(checkout_of(held), payment_form())
        words = text_of(browser.get(path))
        assert "경주시 황남동 1" in words and "Press 1931 on the keypad." in words
        assert "Cancelling now falls here." in words and "What you paid" in words

    def test_each_state_has_its_page(self, browser: Client, host: Any, guest: Any, sandbox: Any, deliver: Any) -> None:
        expected = (
            (in_stay_reservation, "Enjoy your stay"),
            (completed_reservation, "Write a review"),
            (cancelled_reservation, "What comes back"),
            (expired_reservation, "The dates were let go"),
            (held_reservation, "Your dates are held until"),
        )
        for make, words in expected:
            reservation = make(guest, room_of(host))
            deliver()
            page = browser.get(reverse("reservations:trip", args=[reservation.code]))
            assert page.status_code == 200 and words in text_of(page), make.__name__

    def test_status_part(self, browser: Client, room: Any, guest: Any, sandbox: Any) -> None:
        waiting = paying_reservation(guest, room)
        path = reverse("reservations:trip_status", args=[waiting.code])
        first = browser.get(path, headers=HTMX)
        page = first.content.decode()
        asked = re.search(r'hx-get="([^"]+)" hx-trigger="every 15s"', page)
        assert asked and "<html" not in page and first["Cache-Control"] == "private, no-cache"
        assert browser.get(asked[1], headers=HTMX).status_code == 204
        same = browser.get(path, headers={"If-None-Match": first["ETag"]})
        assert same.status_code == 304 and not same.content

    def test_a_new_state_brings_the_whole_page(self, browser: Client, room: Any, guest: Any, sandbox: Any) -> None:
        held = held_reservation(guest, room)
        path = reverse("reservations:trip_status", args=[held.code])
        seen = browser.get(path)["ETag"].strip('"')
        browser.post(checkout_of(held), payment_form())
        response = browser.get(path, {"seen": seen}, headers=HTMX)
        assert response.status_code == 200 and response["HX-Refresh"] == "true"

    def test_what_is_over_asks_no_more(self, browser: Client, room: Any, guest: Any, sandbox: Any) -> None:
        over = expired_reservation(guest, room)
        page = browser.get(reverse("reservations:trip", args=[over.code])).content.decode()
        assert "every 15s" not in page

    def test_statements(
        self,
        browser: Client,
        host: Any,
        guest: Any,
        sandbox: Any,
        deliver: Any,
        django_assert_max_num_queries: Callable[..., Any],
    ) -> None:
        for _ in range(3):
            booked = confirmed_reservation(guest, room_of(host))
        deliver()
        with django_assert_max_num_queries(8):
            browser.get("/trips/")
        with django_assert_max_num_queries(10):
            browser.get(reverse("reservations:trip", args=[booked.code]))
        with django_assert_max_num_queries(5):
            browser.get(reverse("reservations:trip_status", args=[booked.code]))


class TestCancelling:
    """``/trips/<code>/cancellation/``."""

    def token_of(self, page: str) -> str:
        found = re.search(r'name="token" value="([^"]+)"', page)
        assert found
        return found[1]

    def test_shows_the_sum_first_and_does_exactly_that(
        self, browser: Client, room: Any, guest: Any, sandbox: Any
    ) -> None:
        booked = confirmed_reservation(guest, room)
        path = reverse("reservations:cancellation", args=[booked.code])
        shown = browser.get(path)
        preview = services.preview_cancellation(booked.code, guest)
        assert f"Cancel and get ₩{preview.refund.amount_minor:,} back" in text_of(shown)
        assert fresh(booked).status == "confirmed"
        done = browser.post(path, {"token": self.token_of(shown.content.decode()), "reason": "My plans changed"})
        gone = fresh(booked)
        assert done["Location"] == reverse("reservations:trip", args=[booked.code])
        assert gone.status == "cancelled" and gone.refund_due_minor == preview.refund.amount_minor
        assert gone.cancel_reason == "My plans changed"

    @pytest.mark.parametrize(("token", "status"), [("", 422), ("forged", 422)])
    def test_without_a_good_token_it_is_shown_again(
        self, browser: Client, room: Any, guest: Any, sandbox: Any, token: str, status: int
    ) -> None:
        booked = confirmed_reservation(guest, room)
        response = browser.post(reverse("reservations:cancellation", args=[booked.code]), {"token": token})
        assert response.status_code == status and "Nothing is cancelled yet" in text_of(response)
        assert fresh(booked).status == "confirmed"

    def test_a_sum_that_changed_is_shown_again_never_done_silently(
        self, browser: Client, room: Any, guest: Any, sandbox: Any, time: Any
    ) -> None:
        booked = confirmed_reservation(guest, room)
        path = reverse("reservations:cancellation", args=[booked.code])
        page = browser.get(path).content.decode()
        shown = re.search(r'name="shown" value="(\d+)"', page)
        assert shown
        time.at(booked.check_in_at)
        response = browser.post(path, {"token": self.token_of(page), "shown": shown[1]})
        now = services.preview_cancellation(booked.code, guest).refund.amount_minor
        assert response.status_code == 409 and now < int(shown[1])
        assert f"It was ₩{int(shown[1]):,} when you looked; now it is ₩{now:,}." in text_of(response)
        assert fresh(booked).status == "confirmed"

    def test_what_cannot_be_cancelled_leads_to_the_trip(
        self, browser: Client, room: Any, guest: Any, sandbox: Any
    ) -> None:
        gone = cancelled_reservation(guest, room)
        path = reverse("reservations:cancellation", args=[gone.code])
        for response in (browser.get(path), browser.post(path, {"token": "x"})):
            assert response.status_code == 302 and response["Location"] == f"/trips/{gone.code}/"


class TestReceipt:
    """``/trips/<code>/receipt/``."""

    def test_lines_and_payment(self, browser: Client, room: Any, guest: Any, sandbox: Any) -> None:
        booked = confirmed_reservation(guest, room)
        words = text_of(browser.get(reverse("reservations:receipt", args=[booked.code])))
        payment = payments.payment_of(booked.code)
        assert payment is not None and payment.id in words and booked.code in words
        assert f"₩{booked.total_minor:,}" in words and "on behalf of the host 하준" in words

    def test_none_before_it_is_paid(self, browser: Client, room: Any, guest: Any) -> None:
        held = held_reservation(guest, room)
        assert browser.get(reverse("reservations:receipt", args=[held.code])).status_code == 404


def test_steps_before_booking_are_those_of_the_booking(guest: Any, room: Any, sandbox: Any) -> None:
    """What the page of a room promises is what the reservation keeps."""
    from reservations import terms

    stay = next_stay()
    quote = rooms.quote(room.pk, stay, 2)
    facts = rooms.room_facts(room.pk)
    promised = terms.before_booking(
        policy=quote.cancellation_policy,
        stay=stay,
        check_in_from=facts.check_in_from,
        time_zone=facts.time_zone,
        lines=[line.as_json() for line in quote.lines],
        currency=quote.currency,
    )
    booked = confirmed_reservation(guest, room, stay=stay)
    from reservations.queries import trip_of

    kept = terms.shown(trip_of(booked.code, guest.pk).steps, booked.total, clock.now())
    assert [(step.amount, step.kind) for step in promised] == [(step.amount, step.kind) for step in kept]
    assert promised[0].current and not promised[-1].current

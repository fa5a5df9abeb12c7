"""The guest's trips in pages: for their own guest alone, in every state, cancelled with the refund shown first."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from airbnb import clock
from payments import queries as payments
from reservations import services, terms
from reservations.queries import trip_of
from rooms import queries as rooms
from tests.factories.reservations import next_stay
from tests.reservations.pages import HTMX, checkout_of, flexible_room, payment_form, reader, text_of
from tests.support import (
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


@pytest.fixture
def browser(guest: Any) -> Client:
    """The guest, signed in."""
    return reader(guest)


@pytest.fixture
def room(host: Any) -> Any:
    """A listed room."""
    return flexible_room(host)


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
        assert coming.code in shown[""]
        assert held.code in shown[""]
        assert been.code in shown["past"]
        assert been.code not in shown[""]
        assert gone.code in shown["cancelled"]
        assert "on its way back to you" in shown["cancelled"]
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
        assert "경주시 황남동 1" in words
        assert "Press 1931 on the keypad." in words
        assert "Cancelling now falls here." in words
        assert "What you paid" in words

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
            assert page.status_code == 200, make.__name__
            assert words in text_of(page), make.__name__

    def test_status_part(self, browser: Client, room: Any, guest: Any, sandbox: Any) -> None:
        waiting = paying_reservation(guest, room)
        path = reverse("reservations:trip_status", args=[waiting.code])
        first = browser.get(path, headers=HTMX)
        page = first.content.decode()
        assert "<html" not in page
        assert first["Cache-Control"] == "private, no-cache"
        assert browser.get(path, {"seen": first["ETag"].strip('"')}, headers=HTMX).status_code == 204
        same = browser.get(path, headers={"If-None-Match": first["ETag"]})
        assert same.status_code == 304
        assert not same.content

    def test_a_new_state_brings_the_whole_page(self, browser: Client, room: Any, guest: Any, sandbox: Any) -> None:
        held = held_reservation(guest, room)
        path = reverse("reservations:trip_status", args=[held.code])
        seen = browser.get(path)["ETag"].strip('"')
        browser.post(checkout_of(held), payment_form())
        response = browser.get(path, {"seen": seen}, headers=HTMX)
        assert response.status_code == 200
        assert response["HX-Refresh"] == "true"

    def test_the_page_knows_where_to_ask_whether_it_is_still_right(
        self, browser: Client, room: Any, guest: Any, sandbox: Any
    ) -> None:
        held = held_reservation(guest, room)
        address = reverse("reservations:trip", args=[held.code])
        page = browser.get(address).content.decode()
        asked = re.search(r'data-live="([^"]+)" data-stamp="([^"]+)"', page)
        assert asked
        tag = {"If-None-Match": f'"{asked[2]}"'}
        assert Client().get(asked[1], headers=tag).status_code == 304, "nobody has to be signed in for that"
        browser.post(checkout_of(held), payment_form())
        assert Client().get(asked[1], headers=tag).status_code == 200
        again = re.search(r'data-stamp="([^"]+)"', browser.get(address).content.decode())
        assert again
        assert Client().get(asked[1], headers={"If-None-Match": f'"{again[1]}"'}).status_code == 304

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
        assert gone.status == "cancelled"
        assert gone.refund_due_minor == preview.refund.amount_minor
        assert gone.cancel_reason == "My plans changed"

    @pytest.mark.parametrize(("token", "status"), [("", 422), ("forged", 422)])
    def test_without_a_good_token_it_is_shown_again(
        self, browser: Client, room: Any, guest: Any, sandbox: Any, token: str, status: int
    ) -> None:
        booked = confirmed_reservation(guest, room)
        response = browser.post(reverse("reservations:cancellation", args=[booked.code]), {"token": token})
        assert response.status_code == status
        assert "Nothing is cancelled yet" in text_of(response)
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
        assert response.status_code == 409
        assert now < int(shown[1])
        assert f"It was ₩{int(shown[1]):,} when you looked; now it is ₩{now:,}." in text_of(response)
        assert fresh(booked).status == "confirmed"

    def test_what_cannot_be_cancelled_leads_to_the_trip(
        self, browser: Client, room: Any, guest: Any, sandbox: Any
    ) -> None:
        gone = cancelled_reservation(guest, room)
        path = reverse("reservations:cancellation", args=[gone.code])
        for response in (browser.get(path), browser.post(path, {"token": "x"})):
            assert response.status_code == 302
            assert response["Location"] == f"/trips/{gone.code}/"


class TestReceipt:
    """``/trips/<code>/receipt/``."""

    def test_lines_and_payment(self, browser: Client, room: Any, guest: Any, sandbox: Any) -> None:
        booked = confirmed_reservation(guest, room)
        words = text_of(browser.get(reverse("reservations:receipt", args=[booked.code])))
        payment = payments.payment_of(booked.code)
        assert payment is not None
        assert payment.id in words
        assert booked.code in words
        assert f"₩{booked.total_minor:,}" in words
        assert "on behalf of the host 하준" in words

    def test_none_before_it_is_paid(self, browser: Client, room: Any, guest: Any) -> None:
        held = held_reservation(guest, room)
        assert browser.get(reverse("reservations:receipt", args=[held.code])).status_code == 404


def test_steps_before_booking_are_those_of_the_booking(guest: Any, room: Any, sandbox: Any) -> None:
    """What the page of a room promises is what the reservation keeps."""
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
    kept = terms.shown(trip_of(booked.code, guest.pk).steps, booked.total, clock.now())
    assert [(step.amount, step.kind) for step in promised] == [(step.amount, step.kind) for step in kept]
    assert promised[0].current
    assert not promised[-1].current

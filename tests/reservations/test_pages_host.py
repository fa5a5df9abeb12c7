"""The host's pages of bookings: today, the list, one booking, and cancelling it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from reservations import services
from reservations.models import Reservation
from rooms.models import Night
from tests import support
from tests.factories.rooms import listed_room

pytestmark = pytest.mark.django_db


def page(name: str, *args: Any) -> str:
    return reverse(f"reservations_host:{name}", args=args)


@pytest.fixture
def room(host: Any) -> Any:
    return listed_room(host, title_i18n={"ko": "감나무 집", "en": "Persimmon House"})


@pytest.fixture
def confirmed(guest: Any, room: Any, sandbox: Any) -> Reservation:
    return support.confirmed_reservation(guest, room, message="온돌을 데워 주세요 <b>")


class TestAccess:
    def pages(self, code: str) -> list[str]:
        return [page("reservation", code), page("cancellation", code)]

    def test_anonymous_visitors_sign_in_first(self, client: Any) -> None:
        for url in [page("list"), reverse("host_today"), *self.pages("BBX")]:
            assert client.get(url)["Location"].startswith("/account/login/")

    def test_guests_are_asked_whether_to_let_rooms(self, client: Any, guest: Any, room: Any) -> None:
        held = support.held_reservation(guest, room)
        client.force_login(guest)
        for url in [page("list"), reverse("host_today"), *self.pages(held.code)]:
            assert client.get(url)["Location"] == reverse("host_start")

    def test_other_hosts_find_nothing(self, client: Any, confirmed: Reservation, stranger: Any) -> None:
        client.force_login(stranger)
        for url in [*self.pages(confirmed.code), *self.pages("BBNOSUCH")]:
            assert client.get(url).status_code == 404
        token = services.preview_cancellation(confirmed.code, confirmed.host).token
        assert client.post(page("cancellation", confirmed.code), {"token": token}).status_code == 404
        confirmed.refresh_from_db()
        assert confirmed.status == "confirmed"

    def test_a_host_who_is_the_guest_uses_the_guests_pages(
        self, client: Any, room: Any, stranger: Any, sandbox: Any
    ) -> None:
        theirs = support.confirmed_reservation(stranger, room)
        client.force_login(stranger)
        for url in self.pages(theirs.code):
            assert client.get(url).status_code == 404

    def test_wrong_methods(self, client: Any, confirmed: Reservation, host: Any) -> None:
        client.force_login(host)
        assert client.post(page("list")).status_code == 405
        assert client.post(page("reservation", confirmed.code)).status_code == 405
        assert client.delete(page("cancellation", confirmed.code)).status_code == 405


class TestList:
    def test_tabs(self, client: Any, guest: Any, room: Any, host: Any, sandbox: Any) -> None:
        by_tab = {
            "completed": support.completed_reservation(guest, room),
            "in_stay": support.in_stay_reservation(guest, room),
            "cancelled": support.cancelled_reservation(guest, room),
            "upcoming": support.confirmed_reservation(guest, room),
            "held": support.held_reservation(guest, room),
        }
        client.force_login(host)
        for tab in by_tab:
            shown = client.get(page("list"), {"tab": tab}).content.decode()
            assert [name for name, each in by_tab.items() if each.code in shown] == [tab]

    @pytest.mark.parametrize("query", [{"tab": "x'"}, {"page": "-1"}, {"page": "9" * 40}, {"room": "nope"}])
    def test_any_question_is_answered(self, client: Any, host: Any, query: dict[str, str]) -> None:
        client.force_login(host)
        assert client.get(page("list"), query).status_code == 200

    def test_find_by_name_and_room(self, client: Any, confirmed: Reservation, host: Any) -> None:
        other = listed_room(host)
        client.force_login(host)
        for query, found in (
            ({"q": "서윤"}, True),
            ({"q": confirmed.code.lower()}, True),
            ({"q": "nobody"}, False),
            ({"room": confirmed.room_slug}, True),
            ({"room": other.slug}, False),
        ):
            assert (confirmed.code in client.get(page("list"), query).content.decode()) is found

    def test_queries_do_not_grow(
        self,
        client: Any,
        guest: Any,
        room: Any,
        host: Any,
        sandbox: Any,
        deliver: Any,
        django_assert_num_queries: Any,
    ) -> None:
        client.force_login(host)
        for _each in range(2):
            support.confirmed_reservation(guest, room)
            deliver()
            with django_assert_num_queries(LIST_QUERIES):
                client.get(page("list"))


class TestReservation:
    def test_shows_guest_dates_money_message_and_story(self, client: Any, confirmed: Reservation, host: Any) -> None:
        client.force_login(host)
        shown = client.get(page("reservation", confirmed.code)).content.decode()
        assert "서윤" in shown
        assert "온돌을 데워 주세요 &lt;b&gt;" in shown
        assert f"₩{confirmed.host_payout_minor:,}" in shown
        assert f"₩{confirmed.total_minor:,}" in shown
        assert "The booking is confirmed" in shown
        assert page("cancellation", confirmed.code) in shown

    def test_lines_sum_to_what_the_host_receives(self, client: Any, confirmed: Reservation, host: Any) -> None:
        client.force_login(host)
        context = client.get(page("reservation", confirmed.code)).context
        assert context["before"] + context["fee"] == context["row"].host_payout
        assert context["fee"].amount_minor < 0

    def test_a_hold_shows_no_address_of_its_guest(self, client: Any, guest: Any, room: Any, host: Any) -> None:
        held = support.held_reservation(guest, room)
        client.force_login(host)
        shown = client.get(page("reservation", held.code)).content.decode()
        assert guest.email not in shown
        assert page("cancellation", held.code) not in shown
        assert "Held, not paid yet" in shown

    def test_a_cancelled_one_says_by_whom_and_what_goes_back(
        self, client: Any, guest: Any, room: Any, host: Any, sandbox: Any, deliver: Any
    ) -> None:
        gone = support.cancelled_reservation(guest, room)
        deliver()
        client.force_login(host)
        shown = client.get(page("reservation", gone.code)).content.decode()
        assert "The guest cancelled this booking" in shown
        assert "Goes back to the guest" in shown

    def test_in_korean(self, client: Any, confirmed: Reservation, host: Any) -> None:
        client.force_login(host)
        client.cookies["django_language"] = "ko"
        assert '<html lang="ko"' in client.get(page("reservation", confirmed.code)).content.decode()

    def test_queries(
        self, client: Any, confirmed: Reservation, host: Any, deliver: Any, django_assert_num_queries: Any
    ) -> None:
        client.force_login(host)
        deliver()
        with django_assert_num_queries(RESERVATION_QUERIES):
            client.get(page("reservation", confirmed.code))


class TestCancellation:
    def test_says_exactly_what_it_means(self, client: Any, confirmed: Reservation, host: Any) -> None:
        client.force_login(host)
        shown = client.get(page("cancellation", confirmed.code)).content.decode()
        assert f"Cancel and return ₩{confirmed.total_minor:,}" in shown
        assert "You receive" in shown

    def test_cancels_and_keeps_the_nights_closed(self, client: Any, confirmed: Reservation, host: Any) -> None:
        client.force_login(host)
        token = client.get(page("cancellation", confirmed.code)).context["preview"].token
        answer = client.post(page("cancellation", confirmed.code), {"token": token, "reason": "A burst pipe"})
        assert answer["Location"] == page("reservation", confirmed.code)
        confirmed.refresh_from_db()
        assert (confirmed.status, confirmed.cancelled_by, confirmed.cancel_reason) == (
            "cancelled",
            "host",
            "A burst pipe",
        )
        assert confirmed.refund_due_minor == confirmed.total_minor
        assert set(Night.objects.values_list("kind", flat=True)) == {"blocked"}

    @pytest.mark.parametrize("token", ["", "nonsense", None])
    def test_without_a_good_token_nothing_happens(
        self, client: Any, confirmed: Reservation, host: Any, guest: Any, token: str | None
    ) -> None:
        client.force_login(host)
        given = services.preview_cancellation(confirmed.code, guest).token if token is None else token
        answer = client.post(page("cancellation", confirmed.code), {"token": given, "reason": "Kept words"})
        assert answer.status_code == 422
        shown = answer.content.decode()
        assert "Nothing has been cancelled" in shown
        assert "Kept words" in shown
        confirmed.refresh_from_db()
        assert confirmed.status == "confirmed"

    def test_an_old_preview_is_shown_anew(self, client: Any, confirmed: Reservation, host: Any, time: Any) -> None:
        client.force_login(host)
        token = services.preview_cancellation(confirmed.code, host).token
        time.forward(minutes=11)
        answer = client.post(page("cancellation", confirmed.code), {"token": token})
        assert answer.status_code == 409
        assert answer.context["preview"].token != token
        confirmed.refresh_from_db()
        assert confirmed.status == "confirmed"

    def test_twice_is_one_cancellation(self, client: Any, confirmed: Reservation, host: Any) -> None:
        client.force_login(host)
        token = services.preview_cancellation(confirmed.code, host).token
        for _each in range(2):
            answer = client.post(page("cancellation", confirmed.code), {"token": token}, follow=True)
        assert "The booking is cancelled" in answer.content.decode()
        assert support.fresh(confirmed).version == 4
        assert client.get(page("cancellation", confirmed.code))["Location"] == page("reservation", confirmed.code)

    def test_after_the_guest_has_cancelled_it_is_too_late(self, client: Any, confirmed: Reservation, host: Any) -> None:
        client.force_login(host)
        token = services.preview_cancellation(confirmed.code, host).token
        support.cancel(confirmed, confirmed.guest)
        answer = client.post(page("cancellation", confirmed.code), {"token": token}, follow=True)
        assert "This reservation cannot be cancelled any more" in answer.content.decode()


class TestToday:
    def test_who_comes_and_what_waits(
        self, client: Any, guest: Any, room: Any, host: Any, sandbox: Any, time: Any, deliver: Any
    ) -> None:
        coming = support.confirmed_reservation(guest, room)
        held = support.held_reservation(guest, room)
        time.at(coming.check_in_at - timedelta(hours=2))
        deliver()
        client.force_login(host)
        shown = client.get(reverse("host_today")).content.decode()
        assert "One party arrives" in shown
        assert page("reservation", coming.code) in shown
        assert "Persimmon House" in shown
        assert held.code != coming.code

    def test_without_rooms_says_how_to_begin(self, client: Any, host: Any) -> None:
        client.force_login(host)
        assert reverse("rooms_host:new") in client.get(reverse("host_today")).content.decode()

    def test_shows_nothing_of_other_hosts(self, client: Any, confirmed: Reservation, stranger: Any) -> None:
        listed_room(stranger)
        client.force_login(stranger)
        assert confirmed.code not in client.get(reverse("host_today")).content.decode()

    def test_queries_do_not_grow(
        self,
        client: Any,
        guest: Any,
        room: Any,
        host: Any,
        sandbox: Any,
        deliver: Any,
        django_assert_num_queries: Any,
    ) -> None:
        client.force_login(host)
        for _each in range(2):
            support.confirmed_reservation(guest, room)
            deliver()
            with django_assert_num_queries(TODAY_QUERIES):
                client.get(reverse("host_today"))


LIST_QUERIES = 8
RESERVATION_QUERIES = 8
TODAY_QUERIES = 16

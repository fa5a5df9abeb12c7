"""The host's pages of rooms: register, edit, publish, calendar, take down."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from airbnb.money import Money
from airbnb.stays import Stay
from rooms import services
from rooms.models import DayRule, Night, Room
from tests.factories.rooms import draft_room, listed_room
from tests.rooms.hosting import FORM, every_page, page, reserve, soon

pytestmark = pytest.mark.django_db


class TestAccess:
    def test_anonymous_visitors_sign_in_first(self, client: Any, host: Any) -> None:
        for url in [page("list"), page("new"), *every_page(listed_room(host))]:
            answer = client.get(url)
            assert answer.status_code == 302
            assert answer["Location"].startswith("/account/login/")

    def test_a_guest_is_asked_whether_to_let_rooms(self, client: Any, guest: Any, host: Any) -> None:
        client.force_login(guest)
        for url in [page("list"), page("new"), *every_page(listed_room(host))]:
            assert client.get(url)["Location"] == reverse("host_start")

    def test_another_host_finds_nothing(self, client: Any, host: Any, stranger: Any) -> None:
        room = listed_room(host)
        client.force_login(stranger)
        for url in [*every_page(room), page("edit", "no-such-room")]:
            assert client.get(url).status_code == 404
            assert client.post(url, FORM).status_code == 404
        assert client.post(page("listing", room.slug), {"status": "paused"}).status_code == 404
        room.refresh_from_db()
        assert room.status == "listed"

    def test_wrong_methods(self, client: Any, host: Any) -> None:
        room = listed_room(host)
        client.force_login(host)
        assert client.post(page("list")).status_code == 405
        assert client.get(page("listing", room.slug)).status_code == 405
        assert client.delete(page("edit", room.slug)).status_code == 405


class TestList:
    def test_shows_own_rooms_and_their_states(self, client: Any, host: Any, stranger: Any, deliver: Any) -> None:
        listed_room(host, title_i18n={"ko": "감나무 집", "en": "Persimmon House"})
        draft_room(host, title_i18n={"ko": "다락", "en": "Attic"})
        listed_room(stranger, title_i18n={"ko": "남의 집", "en": "Somebody Else’s"})
        deliver()
        client.force_login(host)
        shown = client.get(page("list")).content.decode()
        assert "Persimmon House" in shown
        assert "Open for bookings" in shown
        assert "Draft" in shown
        assert "Somebody Else" not in shown

    def test_number_of_queries_does_not_grow_with_rooms(
        self, client: Any, host: Any, django_assert_num_queries: Any
    ) -> None:
        client.force_login(host)
        listed_room(host)
        client.get(page("list"))
        for _each in range(2):
            with django_assert_num_queries(LIST_QUERIES):
                client.get(page("list"))
            listed_room(host)

    def test_without_rooms_says_how_to_begin(self, client: Any, host: Any) -> None:
        client.force_login(host)
        assert "You have no rooms yet" in client.get(page("list")).content.decode()


class TestNew:
    def test_registers_a_draft(self, client: Any, host: Any) -> None:
        client.force_login(host)
        answer = client.post(page("new"), FORM)
        room = Room.objects.get()
        assert answer["Location"] == page("photos", room.slug)
        assert (room.status, room.host, room.city, room.area) == ("draft", host, "gyeongju", "hwangnam")
        assert room.title_i18n == {"ko": "달빛 마루", "en": "Moonlight Floor"}
        assert (room.base_price_minor, room.weekend_price_minor, room.cleaning_fee_minor) == (128_000, 148_000, 30_000)
        assert room.amenities == ["wifi", "ondol"]
        assert f"{room.check_in_from:%H:%M} {room.check_out_until:%H:%M}" == "16:00 11:30"
        assert room.house_rules_i18n == {"en": "No smoking"}

    def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(self, client: Any, host: Any) -> None:
        client.force_login(host)
        wrong = {**FORM, "title_ko": "", "title_en": "", "base_price": "much", "min_nights": "20", "capacity": "0"}
        answer = client.post(page("new"), wrong)
        shown = answer.content.decode()
        assert answer.status_code == 422
        assert set(answer.context["form"].errors) == {"title_en", "base_price", "capacity"}
        assert "3 problems:" in shown.split("</title>")[0]
        assert 'href="#id_base_price"' in shown
        assert 'value="much"' in shown
        assert "마당에 느티나무가 있어요." in shown
        assert not Room.objects.exists()

    def test_rules_between_fields_come_from_the_service(self, client: Any, host: Any) -> None:
        client.force_login(host)
        answer = client.post(page("new"), {**FORM, "min_nights": "20", "included_guests": "9"})
        assert answer.status_code == 422
        assert set(answer.context["form"].errors) == {"min_nights", "included_guests"}

    def test_how_guests_book_is_chosen_and_stays_unless_said(self, client: Any, host: Any) -> None:
        client.force_login(host)
        assert 'name="instant_book"' in client.get(page("new")).content.decode()
        client.post(page("new"), FORM)
        assert Room.objects.get().instant_book
        client.post(page("new"), {**FORM, "instant_book": "False"})
        assert not Room.objects.order_by("pk").last().instant_book
        assert client.post(page("new"), {**FORM, "instant_book": "perhaps"}).status_code == 422

    @pytest.mark.parametrize("price", ["-1", "1e400", "NaN", "Infinity", "12.5", "99999999999", "١٢"])
    def test_strange_sums(self, client: Any, host: Any, price: str) -> None:
        client.force_login(host)
        answer = client.post(page("new"), {**FORM, "base_price": price})
        if answer.status_code == 302:
            assert Room.objects.get().base_price_minor == 12
        else:
            assert answer.status_code == 422
            assert list(answer.context["form"].errors) == ["base_price"]

    def test_korean_reads_korean(self, client: Any, host: Any) -> None:
        client.force_login(host)
        client.cookies["django_language"] = "ko"
        answer = client.post(page("new"), {**FORM, "title_ko": "", "title_en": ""})
        assert list(answer.context["form"].errors) == ["title_ko"]


class TestEdit:
    def test_shows_what_is_stored(self, client: Any, host: Any) -> None:
        room = listed_room(host, weekend_price=Money(148_000))
        client.force_login(host)
        shown = client.get(page("edit", room.slug)).content.decode()
        for part in (
            room.title_i18n["ko"],
            room.title_i18n["en"],
            'value="128,000"',
            'value="148,000"',
            "Hwangnam-dong",
        ):
            assert part in shown

    def test_saving_what_is_shown_changes_nothing(self, client: Any, host: Any) -> None:
        room = listed_room(host, weekend_price=Money(148_000), lat=35.83, lng=129.21)
        client.force_login(host)
        form = client.get(page("edit", room.slug)).context["form"]
        shown = {name: form[name].value() for name in form.fields if form[name].value() not in (None, "")}
        shown = {name: value for name, value in shown.items() if value is not False}
        shown |= {name: f"{form[name].value():%H:%M}" for name in ("check_in_from", "check_out_until")}
        answer = client.post(page("edit", room.slug), shown)
        assert (answer.context["form"].errors if answer.context else {}, answer.status_code) == ({}, 302)
        before = room.version
        room.refresh_from_db()
        assert room.version == before

    def test_saves_and_publishes_in_one_step(self, client: Any, host: Any) -> None:
        room = draft_room(host)
        client.force_login(host)
        answer = client.post(page("edit", room.slug), {**FORM, "version": room.version, "status": "listed"})
        assert answer["Location"] == page("edit", room.slug)
        room.refresh_from_db()
        assert (room.status, room.title_i18n["en"]) == ("listed", "Moonlight Floor")

    def test_an_edit_of_an_old_state_is_told_and_kept(self, client: Any, host: Any) -> None:
        room = listed_room(host)
        client.force_login(host)
        services.edit_room(room_id=room.pk, host_id=host.pk, language="en", capacity=3)
        answer = client.post(page("edit", room.slug), {**FORM, "version": room.version})
        assert answer.status_code == 409
        shown = answer.content.decode()
        assert "Somebody else changed this room meanwhile" in shown
        assert "Moonlight Floor" in shown
        again = {**FORM, "version": answer.context["form"]["version"].value()}
        assert client.post(page("edit", room.slug), again).status_code == 302
        room.refresh_from_db()
        assert room.capacity == 4

    def test_an_unknown_status_is_refused(self, client: Any, host: Any) -> None:
        room = listed_room(host)
        client.force_login(host)
        assert client.post(page("edit", room.slug), {**FORM, "status": "archived"}).status_code == 422
        room.refresh_from_db()
        assert room.status == "listed"

    def test_queries(self, client: Any, host: Any, django_assert_num_queries: Any) -> None:
        room = listed_room(host)
        client.force_login(host)
        with django_assert_num_queries(EDIT_QUERIES):
            client.get(page("edit", room.slug))


class TestListing:
    def test_pause_and_publish(self, client: Any, host: Any) -> None:
        room = listed_room(host)
        client.force_login(host)
        for status in ("paused", "listed"):
            assert client.post(page("listing", room.slug), {"status": status})["Location"] == page("list")
            room.refresh_from_db()
            assert room.status == status

    def test_says_what_is_missing(self, client: Any, host: Any) -> None:
        room = draft_room(host, base_price=Money(0))
        client.force_login(host)
        answer = client.post(page("listing", room.slug), {"status": "listed"}, follow=True)
        assert "Something is missing before guests can book this room: a price" in answer.content.decode()
        room.refresh_from_db()
        assert room.status == "draft"


class TestCalendar:
    def post(self, client: Any, room: Room, first: date, last: date | None = None, **fields: Any) -> Any:
        days = {"first": first.isoformat(), "last": last.isoformat() if last else ""}
        return client.post(page("calendar", room.slug), {**days, "availability": "keep", **fields})

    def test_shows_prices_bookings_and_closed_nights(self, client: Any, host: Any) -> None:
        room = listed_room(host)
        client.force_login(host)
        first = (soon(32)).replace(day=10)
        reserve(room, Stay(first, first + timedelta(days=2)))
        services.block_nights(
            room_id=room.pk,
            host_id=host.pk,
            nights=Stay(first + timedelta(days=3), first + timedelta(days=4)),
            note="Paint",
        )
        shown = client.get(page("calendar", room.slug), {"month": first.strftime("%Y-%m")}).content.decode()
        assert shown.count(reverse("reservations_host:reservation", args=["BBTESTCODE"])) == 2
        assert "closed: Paint" in shown
        assert "128k" in shown

    def test_close_price_and_least_nights(self, client: Any, host: Any) -> None:
        room = listed_room(host)
        client.force_login(host)
        first, last = soon(40), soon(42)
        answer = self.post(client, room, first, last, price="170,000", min_nights="2")
        assert answer["Location"] == f"{page('calendar', room.slug)}?month={first:%Y-%m}"
        assert set(DayRule.objects.values_list("day", "price_minor", "min_nights")) == {
            (first + timedelta(days=n), 170_000, 2) for n in range(3)
        }
        self.post(client, room, first, availability="close", note="Mine")
        assert list(Night.objects.values_list("night", "kind", "note")) == [(first, "blocked", "Mine")]
        self.post(client, room, first, availability="open")
        assert not Night.objects.exists()
        self.post(client, room, first, last, usual="on")
        assert not DayRule.objects.exists()

    def test_booked_nights_are_not_closed(self, client: Any, host: Any) -> None:
        room = listed_room(host)
        client.force_login(host)
        reserve(room, Stay(soon(40), soon(42)))
        answer = self.post(client, room, soon(39), soon(43), availability="close", price="99,000")
        assert answer.status_code == 409
        shown = answer.content.decode()
        assert f"{soon(40)}, {soon(41)}" in shown
        assert 'value="99,000"' in shown
        assert not Night.objects.filter(kind="blocked").exists()
        assert not DayRule.objects.exists()

    @pytest.mark.parametrize(
        ("fields", "wrong"),
        [
            ({"last": "2020-01-01", "availability": "close"}, "last"),
            ({"first": "soon", "availability": "close"}, "first"),
            ({"first": "", "availability": "close"}, "first"),
            ({"first": "9999-12-31", "availability": "close"}, "first"),
            ({"price": "0"}, "price"),
            ({}, "availability"),
            ({"price": "free"}, "price"),
            ({"min_nights": "400"}, "min_nights"),
            ({"min_nights": "60"}, "min_nights"),
            ({"usual": "on", "price": "9"}, "usual"),
            ({"availability": "sell"}, "availability"),
        ],
    )
    def test_what_cannot_be(self, client: Any, host: Any, fields: dict[str, str], wrong: str) -> None:
        room = listed_room(host)
        client.force_login(host)
        days = {"first": soon(40).isoformat(), "last": "", "availability": "keep"}
        answer = client.post(page("calendar", room.slug), {**days, **fields})
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == [wrong]

    @pytest.mark.parametrize("month", ["2026-13", "nonsense", "0001-01", "9999-12", "", "2026-1'"])
    def test_any_month_is_answered(self, client: Any, host: Any, month: str) -> None:
        room = listed_room(host)
        client.force_login(host)
        query = {"month": month, "first": "2026-02-31", "last": "x"}
        assert client.get(page("calendar", room.slug), query).status_code == 200

    def test_queries_do_not_grow_with_stays(self, client: Any, host: Any, django_assert_num_queries: Any) -> None:
        room = listed_room(host)
        client.force_login(host)
        query = {"month": soon(40).strftime("%Y-%m")}
        for day in (40, 41):
            with django_assert_num_queries(CALENDAR_QUERIES):
                client.get(page("calendar", room.slug), query)
            reserve(room, Stay(soon(day), soon(day + 1)), f"BB{day}")


class TestDeletion:
    def test_asks_and_takes_down(self, client: Any, host: Any) -> None:
        room = listed_room(host)
        client.force_login(host)
        assert "Take this room down?" in client.get(page("deletion", room.slug)).content.decode()
        assert client.post(page("deletion", room.slug))["Location"] == page("list")
        room.refresh_from_db()
        assert room.status == "archived"
        assert client.get(page("edit", room.slug)).status_code == 404

    def test_refused_while_stays_lie_ahead_and_says_which(self, client: Any, host: Any) -> None:
        room = listed_room(host)
        client.force_login(host)
        reserve(room, Stay(soon(3), soon(5)), "BBAHEAD")
        assert "BBAHEAD" in client.get(page("deletion", room.slug)).content.decode()
        answer = client.post(page("deletion", room.slug))
        assert answer.status_code == 409
        assert "Booking BBAHEAD" in answer.content.decode()
        room.refresh_from_db()
        assert room.status == "listed"


LIST_QUERIES = 6
EDIT_QUERIES = 7
CALENDAR_QUERIES = 14

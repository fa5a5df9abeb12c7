"""The guest's pages of rooms: search, the room with its calendar and price, reviews."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from airbnb import clock
from airbnb.stays import Stay
from rooms import calendar, queries
from tests.factories.rooms import draft_room, listed_room, ready_photo

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def ahead(days: int) -> date:
    """A day so many days from today in Seoul."""
    return clock.today_in("Asia/Seoul") + timedelta(days=days)


def dates(first: int = 20, nights: int = 3) -> dict[str, str]:
    """Parameters of a stay."""
    return {"check_in": ahead(first).isoformat(), "check_out": ahead(first + nights).isoformat()}


def text_of(response: Any) -> str:
    """The page as one line of words, without tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def take(room: Any, first: int, nights: int) -> None:
    """Somebody else has these nights."""
    calendar.take_nights(room.pk, Stay(ahead(first), ahead(first + nights)), reservation="BBTAKEN001")


@pytest.fixture
def client() -> Client:
    """A reader of English."""
    return Client(headers={"Accept-Language": "en"})


@pytest.fixture
def room(host: Any) -> Any:
    """A listed hanok in Gyeongju for four."""
    return listed_room(host)


class TestSearch:
    """``/rooms/``."""

    def test_totals_for_the_dates_lead(self, client: Client, room: Any) -> None:
        response = client.get("/rooms/", {**dates(), "guests": "2"})
        stay = Stay(ahead(20), ahead(23))
        total = queries.quote(room.pk, stay, 2).total
        assert response.status_code == 200
        assert f"₩{total.amount_minor:,}" in text_of(response)
        assert "total for 3 nights" in text_of(response)

    def test_dates_and_guests_travel_to_the_room(self, client: Client, room: Any) -> None:
        page = client.get("/rooms/", {**dates(), "guests": "3"}).content.decode()
        asked = dates()
        wanted = f"/rooms/{room.slug}/?check_in={asked['check_in']}&amp;check_out={asked['check_out']}&amp;guests=3"
        assert wanted in page

    def test_taken_rooms_are_left_out(self, client: Client, room: Any) -> None:
        take(room, 21, 1)
        assert room.slug not in client.get("/rooms/", dates()).content.decode()
        assert room.slug in client.get("/rooms/", dates(30)).content.decode()

    def test_count_is_a_status(self, client: Client, room: Any) -> None:
        assert re.search(r'role="status"[^>]*>1 room found\.', client.get("/rooms/").content.decode())

    def test_a_city_is_found_by_any_of_its_names(self, client: Client, host: Any, room: Any) -> None:
        elsewhere = listed_room(host, city="busan", area="haeundae")
        for name in ("경주", "Gyeongju", "gyeongju"):
            page = client.get("/rooms/", {"q": name}).content.decode()
            assert room.slug in page
            assert elsewhere.slug not in page

    def test_applied_filters_can_be_taken_off_one_by_one(self, client: Client, room: Any) -> None:
        page = client.get("/rooms/", {"kind": "hanok", "amenities": ["wifi", "kitchen"], "price_max": "900,000"})
        found = re.findall(r'class="chip on" href="([^"]+)"', page.content.decode())
        assert len(found) == 4
        assert "/rooms/?price_max=900000&amp;amenities=wifi&amp;amenities=kitchen" in found
        assert "₩900,000 or less" in text_of(page)

    def test_amenities_may_come_with_commas(self, client: Client, room: Any) -> None:
        assert room.slug in client.get("/rooms/?amenities=wifi,kitchen").content.decode()
        assert room.slug not in client.get("/rooms/?amenities=wifi,pool").content.decode()

    def test_order(self, client: Client, host: Any, room: Any) -> None:
        from airbnb.money import Money

        dear = listed_room(host, base_price=Money(300_000))
        page = client.get("/rooms/?sort=price_desc").content.decode()
        assert page.index(dear.slug) < page.index(room.slug)

    def test_an_empty_search_offers_single_changes_that_find(self, client: Client, room: Any) -> None:
        take(room, 20, 1)
        response = client.get("/rooms/", {**dates(20, 2), "amenities": "wifi"})
        assert "No free rooms match" in text_of(response)
        link = re.search(r'href="([^"]+)">See 1 room', response.content.decode())
        assert link
        assert room.slug in client.get(link[1].replace("&amp;", "&")).content.decode()

    @pytest.mark.parametrize(
        ("asked", "error"),
        [
            ({"check_in": "2027-13-40"}, "Enter a date, such as 2027-03-19"),
            ({"check_in": "2020-01-01", "check_out": "2020-01-03"}, "This day has passed"),
            ({"check_out": "2099-01-01"}, "Choose a check-in day as well"),
            ({"check_in": "2099-01-02", "check_out": "2099-01-01"}, "Check-out must be after check-in"),
            ({"guests": "many"}, "Enter the number of guests in digits"),
            ({"guests": "0"}, "At least one guest must stay"),
            ({"price_min": "cheap"}, "Enter a sum in won"),
            ({"price_min": "5000", "price_max": "10"}, "not below the lowest"),
        ],
    )
    def test_mistakes_are_told_next_to_the_field(self, client: Client, asked: dict[str, str], error: str) -> None:
        response = client.get("/rooms/", asked)
        assert response.status_code == 422
        assert text_of(response).count(error) == 2  # in the summary and at the field
        for value in asked.values():
            assert f'value="{value}"' in response.content.decode()

    def test_mistakes_are_told_in_korean(self, client: Client) -> None:
        client.cookies["django_language"] = "ko"
        response = client.get("/rooms/?guests=many")
        assert response.status_code == 422
        assert 'lang="ko"' in response.content.decode()

    def test_htmx_gets_the_parts_and_the_address(self, client: Client, room: Any) -> None:
        response = client.get("/rooms/?q=&city=gyeongju&check_in=&sort=price", headers=HTMX)
        page = response.content.decode()
        assert "<html" not in page
        assert 'id="results"' in page
        assert page.count('hx-swap-oob="true"') == 2
        assert response["HX-Push-Url"] == "/rooms/?city=gyeongju&sort=price"
        assert "HX-Request" in response["Vary"]

    def test_pages(self, client: Client, host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("rooms.views.PAGE_SIZE", 2)
        slugs = {listed_room(host).slug for _ in range(3)}
        pages = [client.get("/rooms/", {"page": number}).content.decode() for number in (1, 2)]
        shown = [{slug for slug in slugs if slug in page} for page in pages]
        assert shown[0] | shown[1] == slugs
        assert not shown[0] & shown[1]
        assert 'rel="next"' in pages[0]
        assert 'rel="prev"' in pages[1]
        assert client.get("/rooms/?page=nonsense").status_code == 200

    def test_nul_and_endless_numbers(self, client: Client, room: Any) -> None:
        assert client.get("/rooms/%00/").status_code == 404
        assert client.get(f"/rooms/{room.slug}%00/calendar/").status_code == 404
        assert client.get("/rooms/?q=%00").status_code == 400
        assert client.get("/rooms/", {"page": "9" * 5000}).status_code == 200
        assert client.get("/rooms/", {"guests": "9" * 5000}).status_code == 422
        assert client.get("/rooms/", {"check_in": "9999-12-30", "check_out": "9999-12-31"}).status_code == 422
        assert client.get(f"/rooms/{room.slug}/", {"check_in": "9999-12-31"}).status_code == 422

    def test_rooms_on_request_are_marked_and_can_be_left_out(self, client: Client, room: Any, host: Any) -> None:
        asked = listed_room(host, instant_book=False)
        every = client.get("/rooms/").content.decode()
        assert 'name="instant"' in every
        assert f"/rooms/{asked.slug}/" in every
        assert "On request" in every
        at_once = client.get("/rooms/", {"instant": "on"}).content.decode()
        assert f"/rooms/{asked.slug}/" not in at_once
        assert f"/rooms/{room.slug}/" in at_once

    def test_wrong_method(self, client: Client) -> None:
        assert client.post("/rooms/").status_code == 405

    def test_statements(self, client: Client, host: Any, django_assert_max_num_queries: Callable[..., Any]) -> None:
        for _ in range(5):
            listed_room(host)
        with django_assert_max_num_queries(10):
            client.get("/rooms/", {**dates(), "guests": "2"})


class TestRoom:
    """``/rooms/<slug>/``."""

    def test_facts_without_dates(self, client: Client, room: Any) -> None:
        response = client.get(f"/rooms/{room.slug}/")
        words = text_of(response)
        assert response.status_code == 200
        for wanted in (room.title_i18n["en"], "Sleeps 4", "Check-in from 15:00", "하준 receives you"):
            assert wanted in words
        assert "Choose dates to see the total" in words
        assert "경주시 황남동 1" not in words  # the address is for confirmed guests

    def test_what_is_not_there_is_told(self, client: Client, room: Any) -> None:
        assert re.search(r"Not there: \s*Parking", text_of(client.get(f"/rooms/{room.slug}/")))

    def test_total_bill_and_refund_steps_for_dates(self, client: Client, room: Any) -> None:
        response = client.get(f"/rooms/{room.slug}/", {**dates(), "guests": "2"})
        quote = queries.quote(room.pk, Stay(ahead(20), ahead(23)), 2)
        page, words = response.content.decode(), text_of(response)
        assert words.count(f"₩{quote.total.amount_minor:,}") >= 3  # box, bill, first step, bar
        assert f"₩{quote.total.amount_minor:,} back" in words
        assert "Everything you paid." in words
        assert "Cancelling now falls here." in words
        assert 'name="quote"' in page
        assert 'action="/reservations/"' in page

    def test_refused_dates_say_why_next_to_them_and_offer_others(self, client: Client, room: Any) -> None:
        take(room, 20, 1)
        response = client.get(f"/rooms/{room.slug}/", dates(20, 2))
        page = response.content.decode()
        assert response.status_code == 200
        assert 'name="quote"' not in page
        assert "Some of these nights are taken" in text_of(response)
        other = re.search(rf'href="(/rooms/{room.slug}/\?check_in=[^"]+)">₩', page)
        assert other
        assert 'name="quote"' in client.get(other[1].replace("&amp;", "&")).content.decode()

    @pytest.mark.parametrize(
        ("asked", "reason"),
        [
            ((20, 3, "9"), "Sleeps at most 4"),
            ((400, 2, "1"), "Bookings open 365 days ahead"),
        ],
    )
    def test_rules_of_the_room(self, client: Client, room: Any, asked: tuple[int, int, str], reason: str) -> None:
        first, nights, guests = asked
        page = client.get(f"/rooms/{room.slug}/", {**dates(first, nights), "guests": guests})
        assert reason in text_of(page)

    def test_mistakes_in_dates(self, client: Client, room: Any) -> None:
        response = client.get(f"/rooms/{room.slug}/?check_in=tomorrow")
        assert response.status_code == 422
        assert "Enter a date, such as 2027-03-19" in text_of(response)
        assert 'value="tomorrow"' in response.content.decode()

    def test_days_are_links_that_pick_first_in_then_out(self, client: Client, room: Any) -> None:
        take(room, 24, 2)
        first = ahead(21)
        page = client.get(f"/rooms/{room.slug}/", {"check_in": first.isoformat()})
        words, source = text_of(page), page.content.decode()
        assert "Now choose your check-out day." in words
        assert f"check_in={first}&amp;check_out={ahead(24)}" in source  # the morning before a taken night
        assert f"check_out={ahead(25)}" not in source

    def test_prices_and_reasons_of_days(self, client: Client, room: Any) -> None:
        take(room, 21, 2)
        page = text_of(client.get(f"/rooms/{room.slug}/", {"month": ahead(21).strftime("%Y-%m")}))
        assert "128k" in page
        assert "Some of these nights are taken" in page

    def test_photographs_have_sizes_and_words(self, client: Client, room: Any) -> None:
        photo = ready_photo(room)
        page = client.get(f"/rooms/{room.slug}/").content.decode()
        assert photo.addresses["960"] in page
        assert "480w" in page
        assert 'alt="' in page

    def test_drafts_are_for_their_host_alone(self, client: Client, host: Any, stranger: Any) -> None:
        draft = draft_room(host)
        for path in ("", "price/", "calendar/", "reviews/"):
            assert client.get(f"/rooms/{draft.slug}/{path}", headers=HTMX).status_code == 404
        client.force_login(stranger)
        assert client.get(f"/rooms/{draft.slug}/").status_code == 404
        client.force_login(host)
        page = client.get(f"/rooms/{draft.slug}/", dates())
        assert page.status_code == 200
        assert "This is your own room" in text_of(page)
        assert 'id="book"' not in page.content.decode()

    def test_unknown_room_and_wrong_method(self, client: Client, room: Any) -> None:
        assert client.get("/rooms/no-such-place/").status_code == 404
        assert client.post(f"/rooms/{room.slug}/").status_code == 405

    def test_head_of_the_page(self, client: Client, room: Any) -> None:
        page = client.get(f"/rooms/{room.slug}/", dates()).content.decode()
        assert f'<link rel="canonical" href="http://testserver/rooms/{room.slug}/">' in page
        assert 'itemtype="https://schema.org/LodgingBusiness"' in page
        assert '<meta name="description" content="A quiet house' in page

    def test_price_part(self, client: Client, room: Any) -> None:
        response = client.get(f"/rooms/{room.slug}/price/", dates(), headers=HTMX)
        page = response.content.decode()
        assert 'id="price-box"' in page
        assert 'id="terms" hx-swap-oob' in page
        assert 'id="buybar" hx-swap-oob' in page
        assert response["HX-Push-Url"].startswith(f"/rooms/{room.slug}/?check_in=")
        assert client.get(f"/rooms/{room.slug}/price/?guests=0", headers=HTMX).status_code == 422

    def test_parts_are_pages_without_htmx(self, client: Client, room: Any) -> None:
        for part in ("price", "calendar"):
            response = client.get(f"/rooms/{room.slug}/{part}/?check_in={ahead(9)}")
            assert response.status_code == 302
            assert response["Location"].startswith(f"/rooms/{room.slug}/?check_in={ahead(9)}")

    def test_other_months(self, client: Client, room: Any) -> None:
        later = ahead(95).strftime("%Y-%m")
        response = client.get(reverse("rooms:month", args=[room.slug]), {"month": later}, headers=HTMX)
        page = response.content.decode()
        assert f'data-month="{later}"' in page
        assert "<html" not in page
        assert 'id="calendar"' in page
        beyond = client.get(reverse("rooms:month", args=[room.slug]), {"month": "2999-01"}, headers=HTMX)
        assert beyond.status_code == 200
        assert "2999" not in beyond.content.decode()
        assert client.get(reverse("rooms:month", args=[room.slug]), {"month": "x"}, headers=HTMX).status_code == 200

    def test_statements(self, client: Client, room: Any, django_assert_max_num_queries: Callable[..., Any]) -> None:
        with django_assert_max_num_queries(18):
            client.get(f"/rooms/{room.slug}/", dates())


class TestReviews:
    """``/rooms/<slug>/reviews/``."""

    def review(self, room: Any, number: int, rating: int) -> None:
        from rooms.models import RoomReview

        RoomReview.objects.create(
            review_id=f"00000000-0000-7000-8000-{number:012d}",
            room_id=room.pk,
            author_name=f"손님{number}",
            rating=rating,
            scores={"cleanliness": rating},
            text=f"말 {number}",
            language="ko",
            published_at=clock.now() - timedelta(days=number),
        )

    def test_breakdown_and_order(self, client: Client, room: Any) -> None:
        for number, rating in enumerate((5, 2, 4), start=1):
            self.review(room, number, rating)
        page = text_of(client.get(f"/rooms/{room.slug}/"))
        assert "3.67" in page
        assert "Read all 3 reviews" in page
        assert "Cleanliness" in page
        newest = text_of(client.get(f"/rooms/{room.slug}/reviews/"))
        lowest = text_of(client.get(f"/rooms/{room.slug}/reviews/?order=low"))
        assert newest.index("말 1") < newest.index("말 2")
        assert lowest.index("말 2") < lowest.index("말 1")

    def test_pages(self, client: Client, room: Any) -> None:
        for number in range(1, 15):
            self.review(room, number, 5)
        second = text_of(client.get(f"/rooms/{room.slug}/reviews/?page=2"))
        assert "말 13" in second
        assert "말 1 " not in second

    def test_none_yet(self, client: Client, room: Any) -> None:
        assert "Nobody has written" in text_of(client.get(f"/rooms/{room.slug}/reviews/"))

"""Registering, editing, pausing and taking down a room (F1)."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from airbnb.clock import today_in
from airbnb.db import write
from airbnb.errors import Conflict, Forbidden, Invalid, NotFound
from airbnb.events.models import StoredEvent
from airbnb.money import Money
from airbnb.stays import Stay
from rooms import calendar, queries, services
from rooms.calendar import RoomGone
from rooms.models import Night, Room, SearchIndex
from rooms.queries import SearchFilters
from rooms.services import NotReadyToList, StaysAhead
from rooms.services.days import DayChange
from tests.factories.rooms import draft_room, listed_room, ready_photo, room_fields

pytestmark = pytest.mark.django_db


def stay(ahead: int = 10, nights: int = 3) -> Stay:
    first = today_in("Asia/Seoul") + timedelta(days=ahead)
    return Stay(first, first + timedelta(days=nights))


def events() -> list[str]:
    return list(StoredEvent.objects.order_by("occurred_at", "id").values_list("name", flat=True))


def mine(room: Room) -> dict[str, int]:
    return {"room_id": room.pk, "host_id": room.host_id}


def found(**filters: Any) -> list[int]:
    return [card.id for card in queries.search(SearchFilters(**filters)).cards]


def test_a_listed_room_is_found_and_can_be_quoted_at_once(host: Any) -> None:
    room = listed_room(host)
    assert events() == ["RoomRegistered"]
    assert found(city="경주") == [room.pk]
    assert queries.quote(room.pk, stay(nights=2), 2).total == Money(2 * 128_000 + 30_000 + 12_800)
    assert queries.room_by_slug(room.slug).code == room.code


def test_a_draft_is_its_hosts_own_affair(host: Any) -> None:
    room = draft_room(host)
    assert found() == []
    with pytest.raises(queries.StayRefused) as refused:
        queries.quote(room.pk, stay(), 2)
    assert [each.code for each in refused.value.reasons] == ["not_listed"]
    with pytest.raises(NotFound):
        queries.room_page(room.slug)
    assert queries.room_page(room.slug, viewer_id=host.pk).facts.id == room.pk


def test_only_hosts_register(guest: Any) -> None:
    with pytest.raises(Forbidden):
        listed_room(guest)


def test_a_text_in_one_language_shows_in_both_until_the_other_is_written(host: Any) -> None:
    fields = room_fields(title="돌담집")
    del fields["title_i18n"]
    room = services.register_room(host=host, language="ko", **fields)
    assert queries.room_facts(room.pk).title_i18n == {"ko": "돌담집", "en": "돌담집"}
    services.edit_room(**mine(room), language="en", title="Stone Wall House")
    assert queries.room_facts(room.pk).title_i18n == {"ko": "돌담집", "en": "Stone Wall House"}


def test_an_edit_is_told_once_and_the_same_edit_again_is_nothing(host: Any) -> None:
    room = listed_room(host)
    for _ in range(2):
        services.edit_room(**mine(room), language="en", capacity=2, base_price=Money(99_000))
    room.refresh_from_db()
    assert (room.capacity, room.base_price_minor, room.version) == (2, 99_000, 2)
    assert events() == ["RoomRegistered", "RoomModified"]
    assert found(guests=3) == []


def test_an_edit_of_a_state_the_host_has_not_seen_is_refused(host: Any) -> None:
    room = listed_room(host)
    services.edit_room(**mine(room), language="en", version=1, beds=3)
    with pytest.raises(Conflict):
        services.edit_room(**mine(room), language="en", version=1, beds=4)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"capacity": 0}, "capacity"),
        ({"capacity": 51}, "capacity"),
        ({"min_nights": 5, "max_nights": 4}, "min_nights"),
        ({"max_nights": 400}, "max_nights"),
        ({"base_price": Money(-1)}, "base_price"),
        ({"weekend_price": Money(0)}, "weekend_price"),
        ({"cleaning_fee": Money(100, "USD")}, "cleaning_fee"),
        ({"kind": "castle"}, "kind"),
        ({"cancellation_policy": "whim"}, "cancellation_policy"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"amenities": ["wifi", "moat"]}, "amenities"),
        ({"title_i18n": {"ko": " ", "en": ""}}, "title"),
        ({"city": "  "}, "city"),
        ({"lat": 91.0, "lng": 0.0}, "lat"),
        ({"included_guests": 9}, "included_guests"),
        ({"window_days": 0}, "window_days"),
        ({"bogus": 1}, "bogus"),
    ],
)
def test_what_cannot_be_is_refused_by_field(host: Any, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        listed_room(host, **changes)
    assert field in refused.value.errors
    assert not Room.objects.exists()
    room = listed_room(host)
    with pytest.raises(Invalid):
        services.edit_room(**mine(room), language="en", **changes)
    assert events() == ["RoomRegistered"]


@pytest.mark.parametrize(
    "changes",
    [
        {"capacity": 0},
        {"capacity": 51},
        {"base_price_minor": -1},
        {"cleaning_fee_minor": -1},
        {"min_nights": 9, "max_nights": 3},
        {"kind": "castle"},
        {"status": "sold"},
        {"currency": "XXX"},
        {"window_days": 900},
        {"lat": 200.0},
        {"title_i18n": {}},
        {"base_price_minor": 0},
        {"weekend_price_minor": 0},
    ],
)
def test_the_database_refuses_it_too(host: Any, changes: dict[str, Any]) -> None:
    room = listed_room(host)
    with pytest.raises(IntegrityError), transaction.atomic():
        Room.objects.filter(pk=room.pk).update(**changes)


@pytest.mark.parametrize(
    "row",
    [
        {"kind": "reserved"},
        {"kind": "blocked", "reservation": "BB1"},
        {"kind": "blocked", "settled": True},
        {"kind": "wish"},
    ],
)
def test_the_database_refuses_impossible_nights(host: Any, row: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Night.objects.create(room=listed_room(host), night=stay().check_in, **row)


def test_pausing_and_listing_again(host: Any) -> None:
    room = listed_room(host)
    for _ in range(2):
        services.pause_room(**mine(room))
    assert found() == []
    assert queries.room_page(room.slug).facts.status == "paused"
    services.publish_room(**mine(room))
    assert found() == [room.pk]
    assert events() == ["RoomRegistered", "RoomModified", "RoomModified"]


def test_photographs_may_be_required_for_listing(host: Any, settings: Any) -> None:
    settings.BINBANG = {**settings.BINBANG, "REQUIRE_PHOTOS": True}
    with pytest.raises(NotReadyToList) as refused:
        listed_room(host)
    assert refused.value.facts["missing"] == ["photos"]
    room = draft_room(host)
    ready_photo(room)
    services.publish_room(**mine(room))
    assert found() == [room.pk]


def test_a_room_without_a_price_is_not_listed(host: Any) -> None:
    with pytest.raises(NotReadyToList):
        listed_room(host, base_price=Money(0))
    room = listed_room(host)
    with pytest.raises(NotReadyToList):
        services.edit_room(**mine(room), language="en", base_price=Money(0))


def test_taking_a_room_down(host: Any) -> None:
    room = listed_room(host)
    services.archive_room(**mine(room))
    assert events() == ["RoomRegistered", "RoomDeleted"]
    assert found() == []
    assert queries.rooms_of_host(host.pk) == []
    assert queries.room_facts(room.pk).status == "archived"
    with pytest.raises(NotFound):
        services.archive_room(**mine(room))
    with pytest.raises(NotFound):
        services.edit_room(**mine(room), language="en", beds=2)


def test_a_room_with_stays_ahead_stays(host: Any) -> None:
    room = listed_room(host)
    with write():
        calendar.take_nights(room.pk, stay(), reservation="BB1")
    for attempt in (
        lambda: services.archive_room(**mine(room)),
        lambda: services.edit_room(**mine(room), language="en", status="archived"),
    ):
        with pytest.raises(StaysAhead) as refused:
            attempt()
        assert refused.value.facts["reservations"] == ["BB1"]
    assert found() == [room.pk]
    assert events() == ["RoomRegistered"]


def test_stays_of_the_past_do_not_keep_a_room(host: Any) -> None:
    room = listed_room(host)
    with write():
        Night.objects.take(room.pk, stay(-5, 3), kind="reserved", reservation="BB1")
    services.archive_room(**mine(room))
    assert Night.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_taking_down_waits_for_a_guest_who_is_booking(host: Any) -> None:
    room, outcome = listed_room(host), []
    booked, may_commit = threading.Event(), threading.Event()

    def book() -> None:
        with write():
            calendar.take_nights(room.pk, stay(), reservation="BB1")
            booked.set()
            may_commit.wait(10)
        connection.close()

    def take_down() -> None:
        try:
            services.archive_room(**mine(room))
            outcome.append("archived")
        except StaysAhead:
            outcome.append("stays ahead")
        finally:
            connection.close()

    guest, host_at_work = threading.Thread(target=book), threading.Thread(target=take_down)
    guest.start()
    assert booked.wait(10)
    host_at_work.start()
    wait_until_blocked()
    may_commit.set()
    guest.join(10)
    host_at_work.join(10)
    assert outcome == ["stays ahead"]


@pytest.mark.django_db(transaction=True)
def test_a_guest_who_comes_while_the_room_is_taken_down_is_told(host: Any) -> None:
    room, outcome = listed_room(host), []

    def book() -> None:
        try:
            with write():
                calendar.take_nights(room.pk, stay(), reservation="BB1")
        except RoomGone:
            outcome.append("gone")
        finally:
            connection.close()

    guest = threading.Thread(target=book)
    with transaction.atomic():
        services.archive_room(**mine(room))
        guest.start()
        wait_until_blocked()
    guest.join(10)
    assert outcome == ["gone"]
    assert not Night.objects.exists()


def wait_until_blocked() -> None:
    """Until some backend waits for a lock: the other thread has arrived where it must (ten seconds at most)."""
    for _ in range(1000):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot(), pg_sleep(0.01)")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            if cursor.fetchone()[0]:
                return
    raise AssertionError("nobody waits for a lock")


def test_the_currency_stays_and_with_it_what_every_sum_means(host: Any) -> None:
    room = listed_room(host, weekend_price=Money(150_000))
    for changes, field in (
        ({"currency": "USD"}, "currency"),
        ({"currency": "USD", "base_price": Money(128_000, "USD")}, "currency"),
        ({"base_price": Money(128_000, "USD")}, "base_price"),
    ):
        with pytest.raises(Invalid) as refused:
            services.edit_room(**mine(room), language="en", **changes)
        assert field in refused.value.errors
    services.edit_room(**mine(room), language="en", currency="KRW", base_price=Money(130_000))
    room.refresh_from_db()
    assert (room.currency, room.base_price_minor, room.weekend_price_minor) == ("KRW", 130_000, 150_000)


def test_everything_of_another_host_is_not_there(host: Any, stranger: Any) -> None:
    theirs = {"room_id": listed_room(host).pk, "host_id": stranger.pk}
    for attempt in (
        lambda: services.edit_room(**theirs, language="en", beds=2),
        lambda: services.archive_room(**theirs),
        lambda: services.set_days(**theirs, changes=[DayChange(stay(), blocked=True)]),
        lambda: services.set_discounts(**theirs, discounts=[]),
        lambda: services.set_season(**theirs, name_i18n={}, nights=stay(), price=Money(1)),
        lambda: services.clear_season(**theirs, nights=stay()),
        lambda: services.order_photos(**theirs, codes=[]),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_calendars_roll_on(host: Any, time: Any) -> None:
    room = listed_room(host)
    with write():
        calendar.take_nights(room.pk, stay(), reservation="BB1")
    before = SearchIndex.objects.get(pk=room.pk)
    assert services.roll_calendars() == 0
    time.forward(days=5)
    assert services.roll_calendars() == 1
    after = SearchIndex.objects.get(pk=room.pk)
    assert after.starts_on == before.starts_on + timedelta(days=5)
    assert after.calendar == before.calendar[5:] + "00000"

"""Rooms over HTTP: search, registration, one room, its calendar and its quotes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from airbnb.clock import today_in
from airbnb.db import write
from airbnb.stays import Stay
from rooms import calendar
from rooms.models import Night, Room
from tests.factories.rooms import listed_room
from tests.rooms.asking import NEW, dates, day, problem

pytestmark = pytest.mark.django_db


# ------------------------------------------------------------------------------------------- the main thread
def test_a_posted_room_is_found_priced_and_booked_at_once(api: Any, host: Any) -> None:
    made = api(host).post("/api/v1/rooms/", NEW)
    assert made.status_code == 201, made.content
    room = made.json()
    assert made["Location"] == f"/api/v1/rooms/{room['id']}/"
    assert {name: room[name] for name in NEW if name not in ("amenities",)} == {
        name: value for name, value in NEW.items() if name not in ("amenities",)
    }
    found = api().get("/api/v1/rooms/", {"city": "Gyeongju", **dates(guests=2)}).json()["results"]
    quoted = api().post(f"/api/v1/rooms/{room['id']}/quote/", dates(guests=2))
    assert quoted.status_code == 200
    body = quoted.json()
    assert [(card["id"], card["total"]) for card in found] == [(room["id"], body["total"])]
    assert sum(line["amount"]["amount"] for line in body["lines"]) == body["total"]["amount"]
    assert [line["kind"] for line in body["lines"]] == ["night"] * 3 + ["cleaning", "service"]
    assert body["total"] == {"amount": 3 * 128_000 + 30_000 + 19_200, "currency": "KRW"}
    assert body["cancellation"]["policy"] == "flexible"
    assert body["expires_at"]
    assert body["lines"][0]["date"] == day(10)
    assert body["lines"][0]["label"].startswith("Night of ")


def test_labels_follow_the_readers_language(api: Any, host: Any) -> None:
    room = listed_room(host)
    korean = api(**{"Accept-Language": "ko"}).post(f"/api/v1/rooms/{room.code}/quote/", dates())
    assert korean.json()["lines"][0]["label"].endswith("밤")
    assert api(**{"Accept-Language": "ko"}).get(f"/api/v1/rooms/{room.code}/").json()["title"].startswith("느티나무")


def test_reading_and_editing_and_taking_down(api: Any, host: Any) -> None:
    room = listed_room(host)
    path, mine = f"/api/v1/rooms/{room.code}/", api(host)
    edited = mine.patch(path, {"capacity": 2, "weekend_price": {"amount": 150000, "currency": "KRW"}})
    assert edited.status_code == 200
    assert (edited.json()["capacity"], edited.json()["weekend_price"]["amount"]) == (2, 150000)
    assert mine.patch(path, {"weekend_price": None}).json()["weekend_price"] is None
    assert mine.patch(path, {"status": "paused"}).json()["status"] == "paused"
    assert api().get(path).status_code == 200
    assert mine.delete(path).status_code == 204
    assert Room.objects.get().status == "archived"
    problem(api().get(path), 404, "not_found")
    problem(mine.delete(path), 404, "not_found")


def test_taking_down_is_refused_while_stays_lie_ahead(api: Any, host: Any) -> None:
    room = listed_room(host)
    first = today_in("Asia/Seoul") + timedelta(days=9)
    with write():
        calendar.take_nights(room.pk, Stay(first, first + timedelta(days=1)), reservation="BB1")
    assert problem(api(host).delete(f"/api/v1/rooms/{room.code}/"), 409, "stays_ahead")["reservations"] == ["BB1"]


def test_a_conditional_read(api: Any, host: Any) -> None:
    path = f"/api/v1/rooms/{listed_room(host).code}/"
    tag = api().get(path)["ETag"]
    again = api(**{"If-None-Match": tag}).get(path)
    assert again.status_code == 304
    assert not again.content
    api(host).patch(path, {"beds": 5})
    assert api(**{"If-None-Match": tag}).get(path).status_code == 200


def test_the_address_and_exact_place_are_the_hosts_alone(api: Any, host: Any, stranger: Any) -> None:
    room = listed_room(host, lat=35.83631, lng=129.20987, arrival_guide="The key is under the pot.")
    path = f"/api/v1/rooms/{room.code}/"
    for reader in (api(), api(stranger)):
        shown = reader.get(path)
        assert "경주시 황남동 1" not in shown.content.decode()
        assert "address" not in shown.json()
        assert "arrival_guide" not in shown.json()
        assert (shown.json()["lat"], shown.json()["lng"]) == (35.836, 129.21)
    own = api(host).get(path).json()
    assert (own["address"], own["lat"], own["state"]) == ("경주시 황남동 1", 35.83631, "free")
    assert api().get("/api/v1/rooms/").json()["results"][0]["lat"] == 35.836


# --------------------------------------------------------------------------------------------------- search
def test_pages_by_cursor(api: Any, host: Any) -> None:
    rooms = {listed_room(host).code for _ in range(5)}
    first = api().get("/api/v1/rooms/", {"page_size": 2, "city": "gyeongju"}).json()
    assert first["previous"] is None
    second = api().get(first["next"]).json()
    third = api().get(second["next"]).json()
    assert third["next"] is None
    assert api().get(third["previous"]).json()["results"] == second["results"]
    codes = [card["id"] for page in (first, second, third) for card in page["results"]]
    assert set(codes) == rooms
    assert len(codes) == 5
    assert first["results"][0]["total"] is None
    assert first["results"][0]["from"]["currency"] == "KRW"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"guests": "0"}, "guests"),
        ({"guests": "many"}, "guests"),
        ({"check_in": "tomorrow", "check_out": "2026-12-02"}, "check_in"),
        ({"check_in": "2026-12-01"}, "check_out"),
        ({"check_in": "0001-01-01", "check_out": "0001-01-02"}, "check_in"),
        ({"bbox": "1,2,3"}, "bbox"),
        ({"bbox": "1,2,3,x"}, "bbox"),
        ({"bbox": "0,50,1,40"}, "bbox"),
        ({"bbox": "nan,0,1,2"}, "bbox"),
        ({"kind": "castle"}, "kind"),
        ({"amenities": "wifi,moat"}, "amenities"),
        ({"sort": "cheap"}, "sort"),
        ({"cursor": "abc"}, "cursor"),
        ({"page_size": "101"}, "page_size"),
        ({"price_max": "-1"}, "price_max"),
        ({"instant": "perhaps"}, "instant"),
        ({"guests": "9" * 5000}, "guests"),
        ({"price_min": "9" * 900}, "price_min"),
    ],
)
def test_wrong_questions_are_refused_by_name(api: Any, query: dict[str, str], field: str) -> None:
    assert field in problem(api().get("/api/v1/rooms/", query), 400, "invalid")["errors"]


def test_a_nul_is_no_room_and_no_question(api: Any) -> None:
    assert api().get("/api/v1/rooms/R%00/").status_code == 404
    assert api().get("/api/v1/rooms/R%00/calendar/").status_code == 404
    assert api().get("/api/v1/rooms/?q=%00").status_code == 400
    assert api().get("/api/v1/rooms/?city=a%00b").status_code == 400


def test_no_box_tells_more_of_a_place_than_is_shown(api: Any, host: Any) -> None:
    """35.83634 is shown as 35.836: a box is held against that, so halving boxes ends at what everyone sees."""
    listed_room(host, lat=35.83634, lng=129.20984)

    def found(south: float, north: float, west: float = 129.0, east: float = 130.0) -> int:
        return int(api().get("/api/v1/rooms/", {"bbox": f"{west},{south},{east},{north}"}).json()["count"])

    assert found(35.836, 35.836) == 1
    assert found(35.8361, 35.84) == 0
    assert found(35.0, 36.0, west=129.21, east=129.21) == 1
    assert found(35.0, 36.0, west=129.2, east=129.2099) == 0


def test_a_check_out_before_the_check_in(api: Any, host: Any) -> None:
    problem(api().get("/api/v1/rooms/", dates(5, 5)), 422, "invalid_stay")
    problem(api().post(f"/api/v1/rooms/{listed_room(host).code}/quote/", dates(5, 4)), 422, "invalid_stay")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"base_price": 128000}, "base_price"),
        ({"base_price": {"amount": -1, "currency": "KRW"}}, "base_price"),
        ({"base_price": {"amount": 1.5, "currency": "KRW"}}, "base_price"),
        ({"capacity": "4"}, "capacity"),
        ({"capacity": 0}, "capacity"),
        ({"kind": "castle"}, "kind"),
        ({"status": "archived"}, "status"),
        ({"colour": "red"}, "colour"),
        ({"title": ""}, "title"),
        ({"amenities": "wifi"}, "amenities"),
        ({"instant_book": "maybe"}, "instant_book"),
        ({"title_i18n": {"fr": "Maison"}}, "title_i18n.fr"),
    ],
)
def test_a_wrong_room_is_refused_by_field_and_not_written(
    api: Any, host: Any, change: dict[str, Any], field: str
) -> None:
    assert field in problem(api(host).post("/api/v1/rooms/", {**NEW, **change}), 400, "invalid")["errors"]
    assert not Room.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"min_nights": 9, "max_nights": 3}, "min_nights"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"cancellation_policy": "whim"}, "cancellation_policy"),
        ({"currency": "USD"}, "base_price"),
        ({"amenities": ["moat"]}, "amenities"),
        ({"weekend_price": {"amount": 0, "currency": "KRW"}}, "weekend_price"),
    ],
)
def test_rules_between_fields(api: Any, host: Any, change: dict[str, Any], field: str) -> None:
    assert field in problem(api(host).post("/api/v1/rooms/", {**NEW, **change}), 422, "invalid")["errors"]
    assert not Room.objects.exists()


@pytest.mark.parametrize(("change", "field"), [({"currency": "USD"}, "currency")])
def test_what_a_registered_room_cannot_become(api: Any, host: Any, change: dict[str, Any], field: str) -> None:
    room = listed_room(host)
    assert field in problem(api(host).patch(f"/api/v1/rooms/{room.code}/", change), 422, "invalid")["errors"]
    room.refresh_from_db()
    assert (room.currency, room.instant_book, room.version) == ("KRW", True, 1)


@pytest.mark.parametrize("missing", ["title", "kind", "city", "capacity", "base_price"])
def test_what_a_room_cannot_do_without(api: Any, host: Any, missing: str) -> None:
    body = {name: value for name, value in NEW.items() if name != missing}
    assert missing in problem(api(host).post("/api/v1/rooms/", body), 400, "invalid")["errors"]


@pytest.mark.parametrize("body", ["[]", '"x"', "{", "null"])
def test_a_body_that_is_no_object(api: Any, host: Any, body: str) -> None:
    client, room = api(host), listed_room(host)
    for send, path in (
        (client.post, "/api/v1/rooms/"),
        (client.patch, f"/api/v1/rooms/{room.code}/"),
        (client.put, f"/api/v1/rooms/{room.code}/calendar/"),
        (client.post, f"/api/v1/rooms/{room.code}/quote/"),
    ):
        assert send(path, body, content_type="application/json").status_code == 400


# ----------------------------------------------------------------------------------------- calendar, quotes
def test_closing_pricing_and_opening_nights(api: Any, host: Any) -> None:
    room = listed_room(host)
    path, mine = f"/api/v1/rooms/{room.code}/calendar/", api(host)
    changes = [
        {"from": day(10), "to": day(12), "blocked": True},
        {"from": day(12), "to": day(13), "price": {"amount": 99000, "currency": "KRW"}, "min_nights": 2},
    ]
    put = mine.put(path, changes)
    assert put.status_code == 200, put.content
    shown = api().get(path, {"from": day(10), "to": day(14)}).json()
    assert put.json() == shown[:3]
    assert [(each["date"], each["available"], each["reason"]) for each in shown] == [
        (day(10), False, "blocked"),
        (day(11), False, "blocked"),
        (day(12), True, None),
        (day(13), True, None),
    ]
    assert [each["price"]["amount"] for each in shown] == [128000, 128000, 99000, 128000]
    assert [each["min_nights"] for each in shown] == [1, 1, 2, 1]
    opened = mine.put(path, [{"from": day(10), "to": day(10), "blocked": False}])
    assert [each["available"] for each in opened.json()] == [True]
    assert Night.objects.count() == 1


@pytest.mark.parametrize(
    "wanted",
    [{"blocked": True}, {"blocked": False}, {"price": {"amount": 99000, "currency": "KRW"}}, {"min_nights": 2}],
)
def test_reserved_nights_are_not_the_hosts_to_change(api: Any, host: Any, wanted: dict[str, Any]) -> None:
    room = listed_room(host)
    first = today_in("Asia/Seoul") + timedelta(days=10)
    with write():
        calendar.take_nights(room.pk, Stay(first, first + timedelta(days=2)), reservation="BB1")
    path = f"/api/v1/rooms/{room.code}/calendar/"
    refused = api(host).put(path, [{"from": day(5), "to": day(20), **wanted}])
    assert problem(refused, 409, "nights_reserved")["nights"] == [day(10), day(11)]
    assert Night.objects.count() == 2
    beside = api(host).put(path, [{"from": day(12), "to": day(14), **wanted}])
    assert beside.status_code == 200, beside.content
    shown = api().get(path, {"from": day(10), "to": day(11)}).json()
    assert (shown[0]["available"], shown[0]["reason"]) == (False, "taken")
    assert "BB1" not in str(shown)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"blocked": True, "colour": "red"},
        {"price": 5},
        {"min_nights": 0},
        {"blocked": True, "to": "2026-01-01"},
        {"blocked": True, "to": "2099-01-01"},
        {"blocked": "maybe"},
    ],
)
def test_a_wrong_change_of_days(api: Any, host: Any, change: dict[str, Any]) -> None:
    path = f"/api/v1/rooms/{listed_room(host).code}/calendar/"
    sent = [{"from": day(10), "to": day(12), **change}]
    problem(api(host).put(path, sent), 400, "invalid")
    problem(api(host).put(path, []), 400, "invalid")


@pytest.mark.parametrize(
    "query", [{"from": "x"}, {"to": "2099-01-01"}, {"from": "2026-12-02", "to": "2026-12-01"}, {"a": 1}]
)
def test_a_wrong_question_about_days(api: Any, host: Any, query: dict[str, Any]) -> None:
    problem(api().get(f"/api/v1/rooms/{listed_room(host).code}/calendar/", query), 400, "invalid")


def test_a_stay_that_cannot_be_says_why(api: Any, host: Any) -> None:
    path = f"/api/v1/rooms/{listed_room(host, max_nights=5).code}/quote/"
    refused = problem(api().post(path, dates(10, 20, guests=9)), 409, "stay_refused")
    assert [each["code"] for each in refused["reasons"]] == ["max_nights", "too_many_guests"]
    for wrong in ({}, dates(guests=0), dates(guests="2"), dates(children=1)):
        problem(api().post(path, wrong), 400, "invalid")

"""Rooms over HTTP: every endpoint works, and refuses whom and what it must."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from airbnb.clock import today_in
from airbnb.db import write
from airbnb.stays import Stay
from rooms import calendar, services
from rooms.models import Night, Photo, Room, RoomReview, SearchIndex
from tests.factories.rooms import draft_room, listed_room, picture, ready_photo

pytestmark = pytest.mark.django_db

NEW = {
    "title": "Zelkova House",
    "description": "A quiet house.",
    "kind": "hanok",
    "city": "경주",
    "address": "1 Hwangnam-dong",
    "lat": 35.8363,
    "lng": 129.2098,
    "capacity": 4,
    "bedrooms": 2,
    "beds": 2,
    "bathrooms": 1,
    "base_price": {"amount": 128000, "currency": "KRW"},
    "currency": "KRW",
    "cleaning_fee": {"amount": 30000, "currency": "KRW"},
    "min_nights": 1,
    "max_nights": 14,
    "instant_book": True,
    "cancellation_policy": "flexible",
    "time_zone": "Asia/Seoul",
    "amenities": ["wifi", "kitchen"],
    "status": "listed",
}


def day(ahead: int) -> str:
    return (today_in("Asia/Seoul") + timedelta(days=ahead)).isoformat()


def dates(first: int = 10, last: int = 13, **more: Any) -> dict[str, Any]:
    return {"check_in": day(first), "check_out": day(last), **more}


def problem(response: Any, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["code"] == code
    assert body["correlation_id"]
    return body


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
    ],
)
def test_wrong_questions_are_refused_by_name(api: Any, query: dict[str, str], field: str) -> None:
    assert field in problem(api().get("/api/v1/rooms/", query), 400, "invalid")["errors"]


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
    ],
)
def test_rules_between_fields(api: Any, host: Any, change: dict[str, Any], field: str) -> None:
    assert field in problem(api(host).post("/api/v1/rooms/", {**NEW, **change}), 422, "invalid")["errors"]
    assert not Room.objects.exists()


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


def test_reserved_nights_are_not_the_hosts_to_close(api: Any, host: Any) -> None:
    room = listed_room(host)
    first = today_in("Asia/Seoul") + timedelta(days=10)
    with write():
        calendar.take_nights(room.pk, Stay(first, first + timedelta(days=2)), reservation="BB1")
    path = f"/api/v1/rooms/{room.code}/calendar/"
    refused = api(host).put(path, [{"from": day(5), "to": day(20), "blocked": True}])
    assert problem(refused, 409, "nights_reserved")["nights"] == [day(10), day(11)]
    assert Night.objects.count() == 2
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


# ------------------------------------------------------------------------------------------------ photographs
def upload(client: Any, room: Room, file: Any, **more: Any) -> Any:
    return client.post(f"/api/v1/rooms/{room.code}/photos/", {"image": file, **more}, format="multipart")


def test_a_photograph_is_processing_and_then_has_sizes(api: Any, host: Any) -> None:
    room, mine = listed_room(host), api(host)
    sent = upload(mine, room, picture(), alt_ko="마당", alt_en="The courtyard")
    assert sent.status_code == 201, sent.content
    assert (sent.json()["status"], sent.json()["alt"]) == ("processing", "The courtyard")
    path = f"/api/v1/rooms/{room.code}/photos/"
    assert [each["status"] for each in mine.get(path).json()] == ["processing"]
    assert api().get(path).json() == []
    services.process_photo(Photo.objects.get().pk)
    [shown] = api().get(path).json()
    assert set(shown["sizes"]) == {"480", "960", "1600"}
    assert shown["sizes"]["480"] == {"url": shown["sizes"]["480"]["url"], "width": 480, "height": 360}
    assert api().get(f"/api/v1/rooms/{room.code}/").json()["photos"] == [shown]
    one = f"{path}{shown['id']}/"
    ready_photo(room)
    moved = mine.patch(one, {"position": 1, "alt": "Yard"})
    assert (moved.json()["position"], moved.json()["alt_i18n"]) == (1, {"ko": "마당", "en": "Yard"})
    assert api().get(one).json() == moved.json()
    assert mine.delete(one).status_code == 204
    problem(mine.get(one), 404, "not_found")
    problem(mine.delete(one), 404, "not_found")


def test_wrong_uploads(api: Any, host: Any) -> None:
    room, mine = listed_room(host), api(host)
    import io

    text = io.BytesIO(b"not a picture")
    text.name = "holiday.jpg"
    assert "image" in problem(upload(mine, room, text), 422, "not_a_picture")["errors"]
    assert "image" in problem(upload(mine, room, "text"), 400, "invalid")["errors"]
    problem(upload(mine, room, picture(), colour="red"), 400, "invalid")
    problem(mine.post(f"/api/v1/rooms/{room.code}/photos/", {}), 400, "invalid")
    ready = ready_photo(room)
    for wrong in ({"position": 5}, {"position": "0"}, {"colour": 1}):
        answer = mine.patch(f"/api/v1/rooms/{room.code}/photos/{ready.code}/", wrong)
        assert answer.status_code in (400, 422)
    assert Photo.objects.count() == 1


# ------------------------------------------------------------------------------------------ reviews and board
def review(room: Room, number: int, rating: int) -> None:
    RoomReview.objects.create(
        review_id=str(number),
        room_id=room.pk,
        author_name="민재",
        rating=rating,
        scores={"value": rating},
        text="Good.",
        published_at=f"2026-10-{number:02}T10:00:00Z",
    )
    SearchIndex.objects.write(room)


def test_published_reviews_of_a_room(api: Any, host: Any) -> None:
    room = listed_room(host)
    path = f"/api/v1/rooms/{room.code}/reviews/"
    assert api().get(path).json() == {
        "next": None,
        "previous": None,
        "review_count": 0,
        "rating": None,
        "scores": {},
        "results": [],
    }
    for number, rating in ((1, 5), (2, 2), (3, 4)):
        review(room, number, rating)
    first = api().get(path, {"page_size": 2}).json()
    assert [each["id"] for each in first["results"]] == ["3", "2"]
    assert (first["review_count"], first["rating"], first["scores"]) == (3, 3.67, {"value": 3.67})
    assert [each["id"] for each in api().get(first["next"]).json()["results"]] == ["1"]
    assert api().get(path, {"sort": "lowest"}).json()["results"][0]["rating"] == 2
    detail = api().get(f"/api/v1/rooms/{room.code}/").json()
    assert (detail["review_count"], detail["rating"]) == (3, 3.67)
    problem(api().get(path, {"sort": "best"}), 400, "invalid")


def test_the_board_is_the_hosts_own(api: Any, host: Any, stranger: Any, guest: Any, deliver: Any) -> None:
    room = listed_room(host)
    listed_room(stranger)
    first = today_in("Asia/Seoul") + timedelta(days=2)
    with write():
        calendar.take_nights(room.pk, Stay(first, first + timedelta(days=2)), reservation="BB1")
    deliver()
    board = api(host).get("/api/v1/host/board/", {"from": day(1), "to": day(5)}).json()
    [row] = board["rooms"]
    assert (row["room"], row["status"], row["state"]) == (room.code, "listed", "free")
    assert [(night["state"], night["reservation"]) for night in row["nights"]] == [
        ("free", None),
        ("held", "BB1"),
        ("held", "BB1"),
        ("free", None),
    ]
    problem(api(guest).get("/api/v1/host/board/"), 403, "forbidden")
    problem(api().get("/api/v1/host/board/"), 401, "not_authenticated")
    problem(api(host).get("/api/v1/host/board/", {"to": "2099-01-01"}), 400, "invalid")
    assert api(host).post("/api/v1/host/board/").status_code in (403, 405)


def test_a_board_of_many_rooms_is_few_statements(api: Any, host: Any, django_assert_max_num_queries: Any) -> None:
    from rooms import queries

    for _ in range(8):
        listed_room(host)
    with django_assert_max_num_queries(7):
        rows = queries.board(host.pk)
    assert len(rows) == 8


# --------------------------------------------------------------------------------------------- who may do what
WRITES = [
    ("patch", "", {"beds": 3}),
    ("delete", "", None),
    ("put", "calendar/", [{"from": "2026-12-10", "to": "2026-12-12", "blocked": True}]),
    ("post", "photos/", {}),
    ("patch", "photos/{photo}/", {"position": 0}),
    ("delete", "photos/{photo}/", None),
]
READS = ["", "calendar/", "photos/", "reviews/", "photos/{photo}/"]


@pytest.mark.parametrize(("method", "tail", "body"), WRITES)
def test_writes_need_the_host_with_the_scope(
    api: Any, host: Any, stranger: Any, guest: Any, method: str, tail: str, body: Any
) -> None:
    room = listed_room(host)
    path = f"/api/v1/rooms/{room.code}/" + tail.format(photo=ready_photo(room).code)
    problem(getattr(api(), method)(path, body), 401, "not_authenticated")
    problem(getattr(api(stranger), method)(path, body), 404, "not_found")
    problem(getattr(api(host, scopes=("read", "book")), method)(path, body), 403, "forbidden")
    problem(getattr(api(guest), method)(path, body), 403, "forbidden")
    unknown = "/api/v1/rooms/RNOTHING/" + tail.format(photo="PNOTHING")
    problem(getattr(api(host), method)(unknown, body), 404, "not_found")
    room.refresh_from_db()
    assert (room.version, room.status, Night.objects.count(), Photo.objects.count()) == (1, "listed", 0, 1)


@pytest.mark.parametrize("tail", READS)
def test_reads_of_a_listed_room_are_for_all_and_of_a_draft_for_its_host(
    api: Any, host: Any, stranger: Any, tail: str
) -> None:
    listed, draft = listed_room(host), draft_room(host)
    for room in (listed, draft):
        path = f"/api/v1/rooms/{room.code}/" + tail.format(photo=ready_photo(room).code)
        assert api(host).get(path).status_code == 200
        for other in (api(), api(stranger)):
            assert other.get(path).status_code == (200 if room is listed else 404)
    problem(api().get("/api/v1/rooms/RNOTHING/" + tail.format(photo="P")), 404, "not_found")


def test_a_draft_is_not_quoted_for_others(api: Any, host: Any, stranger: Any) -> None:
    path = f"/api/v1/rooms/{draft_room(host).code}/quote/"
    problem(api(stranger).post(path, dates()), 404, "not_found")
    problem(api().post(path, dates()), 404, "not_found")
    problem(api(host).post(path, dates()), 409, "stay_refused")


@pytest.mark.parametrize(
    ("tail", "methods"),
    [
        ("", ["post", "put"]),
        ("calendar/", ["post", "patch", "delete"]),
        ("quote/", ["get", "put", "patch", "delete"]),
        ("photos/", ["put", "patch", "delete"]),
        ("reviews/", ["post", "put", "patch", "delete"]),
    ],
)
def test_wrong_methods(api: Any, host: Any, stranger: Any, tail: str, methods: list[str]) -> None:
    path = f"/api/v1/rooms/{listed_room(host).code}/{tail}"
    for method in methods:
        problem(getattr(api(host), method)(path, {}), 405, "method_not_allowed")
        if method != "get":
            problem(getattr(api(stranger), method)(path, {}), 404, "not_found")
    assert api(host).delete("/api/v1/rooms/").status_code == 405


def test_registering_needs_a_host(api: Any, guest: Any, host: Any) -> None:
    problem(api().post("/api/v1/rooms/", NEW), 401, "not_authenticated")
    problem(api(guest).post("/api/v1/rooms/", NEW), 403, "forbidden")
    problem(api(host, scopes=("read",)).post("/api/v1/rooms/", NEW), 403, "forbidden")
    assert not Room.objects.exists()


def test_what_goes_out_is_what_the_schema_says(api: Any, host: Any) -> None:
    from rooms.api import outputs

    room = listed_room(host)
    ready_photo(room)
    review(room, 1, 5)
    path, mine = f"/api/v1/rooms/{room.code}/", api(host)
    shown = mine.get(path).json()
    quote = mine.post(f"{path}quote/", dates()).json()
    search = mine.get("/api/v1/rooms/").json()
    reviews = mine.get(f"{path}reviews/").json()
    board = mine.get("/api/v1/host/board/").json()
    said = {
        outputs.RoomOutput: shown,
        outputs.PhotoOutput: shown["photos"][0],
        outputs.QuoteOutput: quote,
        outputs.QuoteLineOutput: quote["lines"][0],
        outputs.CancellationTermsOutput: quote["cancellation"],
        outputs.SearchOutput: search,
        outputs.CardOutput: search["results"][0],
        outputs.RoomReviewsOutput: reviews,
        outputs.RoomReviewOutput: reviews["results"][0],
        outputs.DayOutput: mine.get(f"{path}calendar/").json()[0],
        outputs.BoardOutput: board,
        outputs.BoardRowOutput: board["rooms"][0],
        outputs.BoardNightOutput: board["rooms"][0]["nights"][0],
    }
    assert {shape.__name__: set(shape().fields) for shape in said} == {
        shape.__name__: set(body) for shape, body in said.items()
    }

"""Rooms over HTTP: photographs, reviews, the board, who may do what, and the schema."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from airbnb.clock import today_in
from airbnb.db import write
from airbnb.stays import Stay
from rooms import calendar, services
from rooms.models import Night, Photo, Room, RoomReview, SearchIndex
from tests.factories.rooms import draft_room, listed_room, picture, ready_photo
from tests.rooms.asking import NEW, dates, day, problem

pytestmark = pytest.mark.django_db


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
    problem(getattr(api(guest), method)(path, body), 404, "not_found")
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


@pytest.mark.parametrize("body", [[1], "a", 5, None])
def test_a_photograph_that_is_no_form_is_a_bad_request(api: Any, host: Any, body: Any) -> None:
    room = listed_room(host)
    response = api(host).post(f"/api/v1/rooms/{room.code}/photos/", body, format="json")
    assert response.status_code in (400, 415), response.content
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("field", ["image", "photo", "file"])
def test_the_file_of_a_photograph_may_have_its_common_names(api: Any, host: Any, field: str) -> None:
    room = listed_room(host)
    before = room.photos.count()
    upload = SimpleUploadedFile("house.jpg", picture().read(), content_type="image/jpeg")
    response = api(host).post(f"/api/v1/rooms/{room.code}/photos/", {field: upload}, format="multipart")
    assert response.status_code == 201, response.content
    assert room.photos.count() == before + 1

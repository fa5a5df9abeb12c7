"""Reviews over HTTP: the contract's shapes, and that nothing of a blind review reaches anyone but its author."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from reviews.models import Review
from tests.factories.reviews import TEXT, review_by, review_window

pytestmark = pytest.mark.django_db
URL = "/api/v1/reviews/"


def body(window: Any, **changes: Any) -> dict[str, Any]:
    return {"reservation": window.reservation, "rating": 5, "scores": {"cleanliness": 5}, "text": TEXT, **changes}


def post(client: Any, data: Any, key: str | None = None, url: str = URL) -> Any:
    return client.post(url, data, headers={"Idempotency-Key": key or str(uuid4())})


@pytest.fixture
def window(guest: Any, host: Any) -> Any:
    return review_window(guest, host)


def test_posting_answers_with_the_review(api: Any, guest: Any, window: Any) -> None:
    answer = post(api(guest), body(window, private_note="전등이 깜박여요"))
    assert answer.status_code == 201, answer.json()
    told = answer.json()
    assert told["status"] == "blind"
    assert told["direction"] == "guest_to_host"
    assert told["scores"] == {"cleanliness": 5}
    assert told["private_note"] == "전등이 깜박여요"
    assert told["published_at"] is None
    assert answer["Location"].endswith(f"/reviews/{told['id']}/")
    assert api(guest).get(f"{URL}{told['id']}/").json() == told


def test_the_same_key_replays_and_another_key_conflicts(api: Any, guest: Any, window: Any) -> None:
    client = api(guest)
    first = post(client, body(window), "one")
    again = post(client, body(window), "one")
    assert (again.status_code, again["Idempotency-Replayed"], again.json()) == (201, "true", first.json())
    assert post(client, body(window, rating=1), "one").json()["code"] == "idempotency_key_reused"
    other = post(client, body(window), "two")
    assert (other.status_code, other.json()["code"]) == (409, "review_exists")
    without = client.post(URL, body(window))
    assert (without.status_code, without.json()["code"]) == (409, "review_exists"), "the key is a choice here"
    assert Review.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"rating": 6}, 400, "rating"),
        ({"rating": "5"}, 400, "rating"),
        ({"rating": None}, 400, "rating"),
        ({"scores": {"cleanliness": 0}}, 400, "scores.cleanliness"),
        ({"scores": {"rules": 5}}, 422, "scores"),
        ({"text": ""}, 400, "text"),
        ({"text": "x" * 1001}, 400, "text"),
        ({"stars": 5}, 400, "stars"),
    ],
)
def test_bad_input_is_named(api: Any, guest: Any, window: Any, changes: Any, status: int, field: str) -> None:
    answer = post(api(guest), body(window, **changes))
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert field in answer.json()["errors"]
    assert not Review.objects.exists()


def test_a_body_that_is_no_object_is_refused(api: Any, guest: Any) -> None:
    assert post(api(guest), [1, 2]).status_code == 400


def test_who_may(api: Any, guest: Any, stranger: Any, window: Any) -> None:
    assert post(api(), body(window)).status_code == 401
    assert post(api(guest, scopes=("read",)), body(window)).status_code == 403
    assert post(api(stranger), body(window)).status_code == 404
    assert post(api(guest), body(window, reservation="BBNOTHING")).status_code == 404
    assert api(guest).put(URL, body(window)).status_code == 405
    assert api(guest).get(f"{URL}?reservation=%00").status_code == 400
    assert post(api(guest), body(window, reservation="a\0b")).status_code == 400


def test_a_host_may_write_with_the_host_scope(api: Any, host: Any, window: Any) -> None:
    answer = post(api(host, scopes=("host",)), body(window, scores={"rules": 4}))
    assert (answer.status_code, answer.json()["direction"]) == (201, "host_to_guest")


def test_each_side_writes_with_its_own_scope(api: Any, guest: Any, host: Any, window: Any) -> None:
    guest.is_host = True
    guest.save()
    as_host_only, as_guest_only = api(guest, scopes=("read", "host")), api(host, scopes=("read", "book"))
    assert post(as_host_only, body(window)).status_code == 403
    assert post(as_guest_only, body(window, scores={"rules": 4})).status_code == 403
    review, other = review_by(guest, window), review_by(host, window)
    assert as_host_only.patch(f"{URL}{review.pk}/", {"rating": 1}).status_code == 403
    assert as_host_only.delete(f"{URL}{review.pk}/").status_code == 403
    assert post(as_guest_only, {"text": "x"}, url=f"{URL}{review.pk}/answer/").status_code == 403
    assert post(as_host_only, {"text": "x"}, url=f"{URL}{other.pk}/answer/").status_code == 403
    assert post(api(host, scopes=("read", "host")), {"text": "x"}, url=f"{URL}{review.pk}/answer/").status_code == 201


@pytest.mark.parametrize("method", ["get", "head", "put", "patch", "delete", "post", "options"])
@pytest.mark.parametrize("path", ["", "answer/"])
def test_blind_it_does_not_exist_for_anyone_else(
    api: Any, guest: Any, host: Any, stranger: Any, window: Any, method: str, path: str
) -> None:
    review = review_by(guest, window)
    for other in (host, stranger):
        answer = getattr(api(other), method)(f"{URL}{review.pk}/{path}", {"text": "x"})
        assert answer.status_code == 404, (method, path)
        assert TEXT not in answer.content.decode()
    review.refresh_from_db()
    assert review.text == TEXT


def test_once_public_the_other_side_reads_but_cannot_write(
    api: Any, guest: Any, host: Any, stranger: Any, window: Any
) -> None:
    review = review_by(guest, window)
    review_by(host, window, text="Tidy")
    mine = f"{URL}{review.pk}/"
    assert api(host).get(mine).json()["text"] == TEXT
    assert api(host).get(mine).json()["private_note"] == "전등이 깜박여요"
    assert api(host).patch(mine, {"rating": 1}).status_code == 404
    assert api(host).delete(mine).status_code == 404
    assert api(stranger).get(mine).status_code == 404
    late = api(guest).patch(mine, {"rating": 1})
    assert (late.status_code, late.json()["code"]) == (409, "review_published")


def test_editing_and_deleting_ones_own(api: Any, guest: Any, window: Any) -> None:
    client, review = api(guest), review_by(guest, window)
    url = f"{URL}{review.pk}/"
    changed = client.patch(url, {"rating": 3, "scores": {"value": 2}})
    assert (changed.status_code, changed.json()["rating"], changed.json()["scores"]) == (200, 3, {"value": 2})
    assert changed.json()["text"] == TEXT
    assert client.patch(url, {"rating": 9}).status_code == 400
    assert client.patch(url, {"reservation": "X"}).json()["errors"].keys() == {"reservation"}
    assert client.delete(url).status_code == 204
    assert client.get(url).status_code == 404
    assert client.delete(url).status_code == 404
    assert client.get(f"{URL}{uuid4()}/").status_code == 404


def test_the_list_has_ones_own_and_what_is_public_about_one(
    api: Any, guest: Any, host: Any, stranger: Any, window: Any
) -> None:
    review_by(guest, window)
    assert [each["text"] for each in api(guest).get(URL).json()["results"]] == [TEXT]
    assert api(host).get(URL).json()["results"] == []
    review_by(host, window, text="Tidy")
    listed = api(host).get(f"{URL}?reservation={window.reservation}").json()["results"]
    assert {each["text"] for each in listed} == {TEXT, "Tidy"}
    assert api(host).get(f"{URL}?reservation=OTHER").json()["results"] == []
    assert api(stranger).get(URL).json()["results"] == []
    assert api().get(URL).status_code == 401


def test_a_conditional_read(api: Any, guest: Any, window: Any) -> None:
    client, review = api(guest), review_by(guest, window)
    first = client.get(f"{URL}{review.pk}/")
    same = client.get(f"{URL}{review.pk}/", headers={"If-None-Match": first["ETag"]})
    assert (same.status_code, same.content) == (304, b"")


def test_answering(api: Any, guest: Any, host: Any, window: Any) -> None:
    review = review_by(guest, window)
    review_by(host, window)
    url = f"{URL}{review.pk}/answer/"
    assert post(api(guest), {"text": "my own"}, url=url).status_code == 404
    assert post(api(host), {"text": ""}, url=url).status_code == 400
    answer = post(api(host), {"text": "Come again"}, url=url)
    assert (answer.status_code, answer.json()["text"]) == (201, "Come again")
    assert post(api(host), {"text": "again"}, url=url).json()["code"] == "answer_exists"
    assert api(guest).get(f"{URL}{review.pk}/").json()["answer"]["text"] == "Come again"

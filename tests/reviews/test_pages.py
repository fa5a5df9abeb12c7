"""The pages of reviews: forms without JavaScript, errors beside their field, and no word of a blind review."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from reviews import services
from reviews.models import Review
from tests.factories.reviews import TEXT, review_by, review_window

pytestmark = pytest.mark.django_db
FORM = {"rating": "5", "score_cleanliness": "4", "text": TEXT, "private_note": ""}


def signed_in(user: Any) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user)
    return client


@pytest.fixture
def window(guest: Any, host: Any) -> Any:
    return review_window(guest, host)


def trip_url(window: Any) -> str:
    return f"/trips/{window.reservation}/review/"


def host_url(window: Any) -> str:
    return f"/host/reservations/{window.reservation}/review/"


def test_a_guest_writes(guest: Any, window: Any) -> None:
    client = signed_in(guest)
    page = client.get(trip_url(window))
    assert page.status_code == 200
    assert "How was Zelkova House?" in page.content.decode()
    answer = client.post(trip_url(window), FORM)
    review = Review.objects.get()
    assert answer["Location"] == f"/reviews/{review.pk}/"
    assert (review.rating, review.scores, review.text) == (5, {"cleanliness": 4}, TEXT)
    assert client.get(trip_url(window))["Location"] == f"/reviews/{review.pk}/", "one review a side"
    assert TEXT in client.get(f"/reviews/{review.pk}/").content.decode()


def test_a_host_writes_and_both_become_public(guest: Any, host: Any, window: Any) -> None:
    first = review_by(guest, window)
    client = signed_in(host)
    assert client.get(host_url(window)).status_code == 200
    answer = client.post(host_url(window), {"rating": "4", "score_rules": "5", "text": "Tidy"}, follow=True)
    assert "both reviews are public now" in answer.content.decode()
    assert TEXT in client.get(f"/reviews/{first.pk}/").content.decode()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rating": ""}, "Choose from 1 to 5 stars"),
        ({"rating": "6"}, "Choose from 1 to 5 stars"),
        ({"score_value": "x"}, "Choose from 1 to 5 stars"),
        ({"text": " "}, "Write a few words"),
        ({"text": "x" * 1001}, "1000"),
    ],
)
def test_errors_stand_beside_their_field(guest: Any, window: Any, changes: Any, message: str) -> None:
    answer = signed_in(guest).post(trip_url(window), {**FORM, **changes})
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert not Review.objects.exists()


def test_errors_speak_the_readers_language(guest: Any, window: Any) -> None:
    client = signed_in(guest)
    client.cookies["django_language"] = "ko"
    assert "몇 마디" in client.post(trip_url(window), {**FORM, "text": ""}).content.decode()


def test_the_list_of_who_finds_what(guest: Any, host: Any, stranger: Any, window: Any) -> None:
    review = review_by(guest, window)
    own = [f"/reviews/{review.pk}/", f"/reviews/{review.pk}/deletion/"]
    for path in [trip_url(window), host_url(window), "/reviews/", "/host/reviews/", *own]:
        assert Client().get(path).status_code == 302, f"{path}: sign in first"
    for path in [trip_url(window), host_url(window), *own]:
        assert signed_in(stranger).get(path).status_code == 404, path
        assert signed_in(stranger).post(path, FORM).status_code == 404, path
    assert signed_in(host).get(trip_url(window)).status_code == 404, "the guest's form is the guest's"
    for path in own:
        assert signed_in(host).get(path).status_code == 404, f"{path}: blind"
        assert signed_in(host).post(path, FORM).status_code == 404, f"{path}: blind"
    for code in ("BBNOTHING", "%00", "%F0%9F%8F%A0"):
        assert signed_in(guest).get(f"/trips/{code}/review/").status_code == 404
    assert signed_in(guest).delete(trip_url(window)).status_code == 405
    assert signed_in(guest).get(f"/reviews/{review.pk}/answer/").status_code == 405


def test_nothing_of_a_blind_review_is_on_any_page_of_the_other_side(guest: Any, host: Any, window: Any) -> None:
    client = signed_in(host)
    pages = ["/host/reviews/", "/host/reviews/?tab=received", host_url(window), "/reviews/"]
    before = [_without_token(client.get(path).content.decode()) for path in pages]
    review_by(guest, window, rating=1, text="the secret words")
    after = [_without_token(client.get(path).content.decode()) for path in pages]
    assert before == after


def _without_token(page: str) -> str:
    import re

    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page)


def test_editing_while_blind_and_not_after(guest: Any, host: Any, window: Any) -> None:
    review, client = review_by(guest, window), signed_in(guest)
    url = f"/reviews/{review.pk}/"
    assert client.post(url, {**FORM, "rating": ""}).status_code == 422
    assert client.post(url, {**FORM, "rating": "2"}).status_code == 302
    review.refresh_from_db()
    assert (review.rating, review.scores) == (2, {"cleanliness": 4})
    review_by(host, window)
    late = client.post(url, {**FORM, "rating": "1"})
    assert late.status_code == 422
    assert "public now" in late.content.decode()
    assert signed_in(host).post(url, FORM).status_code == 404, "readable, but not the host's to change"


def test_a_window_that_is_over_says_so(guest: Any, window: Any, time: Any) -> None:
    time.at(window.closes_at + timedelta(seconds=1))
    client = signed_in(guest)
    assert "is over" in client.get(trip_url(window)).content.decode()
    assert client.post(trip_url(window), FORM).status_code == 422
    assert not Review.objects.exists()


def test_deletion_asks_first(guest: Any, window: Any) -> None:
    review, client = review_by(guest, window), signed_in(guest)
    url = f"/reviews/{review.pk}/deletion/"
    assert client.get(url).status_code == 200
    assert Review.objects.get().state == "blind"
    assert client.post(url)["Location"] == "/reviews/"
    assert Review.objects.get().state == "deleted"
    assert client.get(url).status_code == 404
    again = client.get(trip_url(window))
    assert "already reviewed" in again.content.decode()
    assert "<textarea" not in again.content.decode()


def test_answering_on_the_page(guest: Any, host: Any, window: Any) -> None:
    review = review_by(guest, window)
    review_by(host, window)
    client, url = signed_in(host), f"/reviews/{review.pk}/answer/"
    assert "Answer 서윤" in client.get("/host/reviews/").content.decode()
    assert client.post(url, {"text": ""}).status_code == 422
    assert client.post(url, {"text": "Come again"}).status_code == 302
    assert "Come again" in signed_in(guest).get(f"/reviews/{review.pk}/").content.decode()
    assert client.post(url, {"text": "again"}).status_code == 422
    assert signed_in(guest).post(url, {"text": "my own"}).status_code == 404


def test_lists_cost_the_same_however_long(guest: Any, host: Any, django_assert_max_num_queries: Any) -> None:
    for _turn in range(4):
        window = review_window(guest, host)
        review_by(guest, window)
        review_by(host, window)
    client = signed_in(host)
    for path in ("/host/reviews/?tab=received", "/host/reviews/", "/reviews/"):
        with django_assert_max_num_queries(22):
            assert client.get(path).status_code == 200


def test_operators_hide_from_the_admin(operator: Any, guest: Any, window: Any) -> None:
    review, client = review_by(guest, window), signed_in(operator)
    operator.is_superuser = True
    operator.save()
    changelist = reverse("admin:reviews_review_changelist")
    assert client.get(changelist).status_code == 200
    form = {"action": "hide", "_selected_action": [str(review.pk)], "reason": ""}
    client.post(changelist, form)
    assert Review.objects.get().state == "blind", "not without a reason"
    client.post(changelist, {**form, "reason": "An insult"})
    assert Review.objects.get().state == "hidden"
    assert services.Review.objects.get().hidden_reason == "An insult"

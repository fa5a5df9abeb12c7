"""Writing, editing, deleting and publishing: one review per side, blind until both are in or the time is up."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from airbnb.errors import Invalid, NotFound
from airbnb.events.models import StoredEvent
from reviews import queries, reactions, services, tasks
from reviews.models import AnswerClosed, Review, ReviewPublished, ReviewWindow, ReviewWindowClosed
from reviews.scores import Direction
from tests.factories.reviews import review_by, review_window, stay_completed

pytestmark = pytest.mark.django_db


def facts_of(name: str) -> list[dict[str, Any]]:
    return list(StoredEvent.objects.filter(name=name).order_by("occurred_at", "id").values_list("payload", flat=True))


def test_a_completed_stay_opens_a_window_of_14_days_once(guest: Any, host: Any) -> None:
    event = stay_completed(guest, host)
    reactions.open_review_window(event)
    reactions.open_review_window(event)
    window = ReviewWindow.objects.get(reservation=event.reservation)
    assert (window.closes_at - timedelta(days=14)).isoformat() == event.check_out_at


def test_one_side_alone_stays_blind(guest: Any, host: Any) -> None:
    window = review_window(guest, host)
    review = review_by(guest, window, scores={"cleanliness": 4})
    assert review.state == Review.State.BLIND
    assert review.direction == Direction.GUEST_TO_HOST
    assert review.subject_id == host.pk
    assert facts_of("ReviewsPublished") == []
    (created,) = facts_of("ReviewCreated")
    assert not {"rating", "text", "scores", "private_note"} & set(created)


def test_both_sides_become_public_in_one_transaction(guest: Any, host: Any) -> None:
    window = review_window(guest, host)
    review_by(guest, window, rating=4)
    review_by(host, window, rating=5, text="Left everything tidy", scores={"rules": 5})
    states = set(window.reviews.values_list("state", "published_at"))
    assert len(states) == 1
    assert next(iter(states))[0] == "published"
    (published,) = facts_of("ReviewsPublished")
    assert [each["direction"] for each in published["reviews"]] == ["guest_to_host", "host_to_guest"]
    assert published["reviews"][0]["author_name"] == "서윤"
    assert [each["language"] for each in published["reviews"]] == ["ko", "en"]
    assert "private_note" not in str(published)


def test_nobody_writes_twice_and_the_database_knows_it(guest: Any, host: Any) -> None:
    window = review_window(guest, host)
    first = review_by(guest, window)
    with pytest.raises(services.ReviewExists):
        review_by(guest, window)
    with pytest.raises(IntegrityError, match="review_once_per_side"), transaction.atomic():
        Review.objects.create(window=window, direction=first.direction, author=guest, subject=host, rating=1, text="x")
    services.delete_review(author_id=guest.pk, review_id=first.pk)
    with pytest.raises(services.ReviewExists):
        review_by(guest, window)


def test_a_stranger_and_an_unknown_stay_find_nothing(guest: Any, host: Any, stranger: Any) -> None:
    window = review_window(guest, host)
    with pytest.raises(NotFound):
        review_by(stranger, window)
    with pytest.raises(NotFound):
        services.write_review(author_id=guest.pk, reservation="BBNOTHING", rating=5, text="x")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"rating": 0}, "rating"),
        ({"rating": 6}, "rating"),
        ({"rating": True}, "rating"),
        ({"rating": "5"}, "rating"),
        ({"scores": {"rules": 5}}, "scores"),
        ({"scores": {"value": 9}}, "scores"),
        ({"text": "  "}, "text"),
        ({"text": "x" * 1001}, "text"),
        ({"private_note": "x" * 501}, "private_note"),
    ],
)
def test_bad_input_names_its_field_and_writes_nothing(guest: Any, host: Any, given: dict[str, Any], field: str) -> None:
    window = review_window(guest, host)
    with pytest.raises(Invalid) as refused:
        review_by(guest, window, **given)
    assert list(refused.value.errors) == [field]
    assert not Review.objects.exists()


def test_a_blind_review_can_be_edited_a_public_one_cannot(guest: Any, host: Any) -> None:
    window = review_window(guest, host)
    review = review_by(guest, window)
    services.modify_review(author_id=guest.pk, review_id=review.pk, text="Quiet and warm", rating=3)
    review.refresh_from_db()
    assert (review.text, review.rating, review.language) == ("Quiet and warm", 3, "en")
    assert len(facts_of("ReviewModified")) == 1
    review_by(host, window)
    with pytest.raises(ReviewPublished):
        services.modify_review(author_id=guest.pk, review_id=review.pk, rating=1)
    with pytest.raises(NotFound):
        services.modify_review(author_id=host.pk, review_id=review.pk, rating=1)


def test_the_window_ends_at_its_instant_and_the_timer_publishes(guest: Any, host: Any, time: Any) -> None:
    window = review_window(guest, host)
    review = review_by(guest, window)
    time.at(window.closes_at - timedelta(microseconds=1))
    assert tasks.publish_due() == 0
    time.at(window.closes_at)
    with pytest.raises(ReviewWindowClosed):
        review_by(host, window)
    with pytest.raises(ReviewWindowClosed):
        services.modify_review(author_id=guest.pk, review_id=review.pk, rating=1)
    assert tasks.publish_due() == 1
    assert tasks.publish_due() == 0
    review.refresh_from_db()
    assert review.is_published
    assert len(facts_of("ReviewsPublished")[0]["reviews"]) == 1


def test_one_stay_that_fails_does_not_keep_the_others_blind(
    guest: Any, host: Any, stranger: Any, time: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    windows = [review_window(guest, host), review_window(stranger, host), review_window(guest, host)]
    reviews = [review_by(who, window) for who, window in zip((guest, stranger, guest), windows, strict=True)]
    broken, publish_blind = windows[1].pk, services._publish_blind

    def break_one(window: Any) -> bool:
        if window.pk == broken:
            raise RuntimeError("this one breaks")
        return publish_blind(window)

    monkeypatch.setattr(services, "_publish_blind", break_one)
    time.at(max(window.closes_at for window in windows))
    assert tasks.publish_due() == 2
    assert [Review.objects.get(pk=review.pk).is_published for review in reviews] == [True, False, True]


def test_a_review_deleted_while_blind_does_not_count_as_in(guest: Any, host: Any) -> None:
    window = review_window(guest, host)
    services.delete_review(author_id=guest.pk, review_id=review_by(guest, window).pk)
    assert review_by(host, window).state == Review.State.BLIND


def test_deleting_wipes_the_words_and_tells_whether_it_was_public(guest: Any, host: Any) -> None:
    window = review_window(guest, host)
    review = review_by(guest, window)
    review_by(host, window)
    services.delete_review(author_id=guest.pk, review_id=review.pk)
    review.refresh_from_db()
    assert (review.text, review.private_note, review.state) == ("", "", "deleted")
    assert [each["was_published"] for each in facts_of("ReviewDeleted")] == [True]
    with pytest.raises(NotFound):
        services.delete_review(author_id=guest.pk, review_id=review.pk)


def test_counters_are_derived_and_follow(guest: Any, host: Any) -> None:
    window = review_window(guest, host)
    review = review_by(guest, window, rating=4)
    assert queries.rating_of_room(window.room_id) == queries.Rating(0, None)
    review_by(host, window, rating=2)
    assert queries.rating_of_room(window.room_id).count == 1
    assert str(queries.rating_of_host(host.pk).mean) == "4.00"
    assert str(queries.rating_of_guest(guest.pk).mean) == "2.00"
    services.delete_review(author_id=guest.pk, review_id=review.pk)
    assert queries.rating_of_room(window.room_id) == queries.Rating(0, None)


def test_one_answer_within_30_days_by_the_subject(guest: Any, host: Any, time: Any) -> None:
    window = review_window(guest, host)
    review = review_by(guest, window)
    with pytest.raises(NotFound):
        services.answer_review(author_id=host.pk, review_id=review.pk, text="Thank you")
    other = review_by(host, window)
    with pytest.raises(NotFound):
        services.answer_review(author_id=guest.pk, review_id=review.pk, text="me too")
    answer = services.answer_review(author_id=host.pk, review_id=review.pk, text="고마워요")
    assert answer.language == "ko"
    assert facts_of("ReviewAnswered")[0]["text"] == "고마워요"
    with pytest.raises(services.AnswerExists):
        services.answer_review(author_id=host.pk, review_id=review.pk, text="again")
    time.forward(days=30, seconds=1)
    with pytest.raises(AnswerClosed):
        services.answer_review(author_id=guest.pk, review_id=other.pk, text="too late")


def test_an_operator_hides_with_a_reason(guest: Any, host: Any) -> None:
    window = review_window(guest, host)
    review = review_by(guest, window)
    review_by(host, window)
    with pytest.raises(Invalid):
        services.hide_review(review_id=review.pk, reason=" ")
    services.hide_review(review_id=review.pk, reason="An insult")
    assert queries.rating_of_host(host.pk).count == 0
    assert queries.review_seen_by(host.pk, str(review.pk)) is None
    own = queries.review_seen_by(guest.pk, str(review.pk))
    assert own is not None
    assert own.hidden_reason == "An insult"
    assert facts_of("ReviewDeleted")[0]["by"] == "operator"
    with pytest.raises(NotFound):
        services.hide_review(review_id=review.pk, reason="again")


def test_the_database_refuses_a_public_review_without_its_time(guest: Any, host: Any) -> None:
    review = review_by(guest, review_window(guest, host))
    with pytest.raises(IntegrityError, match="review_published_has_its_time"), transaction.atomic():
        Review.objects.filter(pk=review.pk).update(state="published")
    with pytest.raises(IntegrityError, match="review_rating_in_range"), transaction.atomic():
        Review.objects.filter(pk=review.pk).update(rating=6)

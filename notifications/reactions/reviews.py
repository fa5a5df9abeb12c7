"""What is said of reviews. While they are blind: only that the other side has written."""

from __future__ import annotations

from typing import Any

from airbnb.events.bus import when
from notifications import stories
from notifications.services import tell
from reservations.queries import StayFacts, stay_facts
from reviews.events import ReviewAnswered, ReviewCreated, ReviewDeleted, ReviewsPublished


def _tell(stay: StayFacts, recipient_id: int, kind: str, **more: Any) -> None:
    """Tell one of the two people of the stay; nobody else is ever told."""
    if not stay.has_party(recipient_id):
        return
    tell(
        recipient_id=recipient_id,
        kind=kind,
        role="host" if recipient_id == stay.host_id else "guest",
        params=stories.of_stay(stay, **more),
        reservation=stay.code,
    )


def _name(stay: StayFacts, author_id: int) -> str:
    names = stories.of_stay(stay)
    return str(names["host" if author_id == stay.host_id else "guest"])


@when(ReviewCreated)
def tell_review_written(event: ReviewCreated) -> None:
    """The other side learns that, never what, was written."""
    stay = stay_facts(event.reservation)
    _tell(stay, event.subject_id, "review_written", author=_name(stay, event.author_id))


@when(ReviewsPublished)
def tell_reviews_published(event: ReviewsPublished) -> None:
    """Both people of the stay can read now."""
    stay = stay_facts(event.reservation)
    for recipient_id in (stay.guest_id, stay.host_id):
        _tell(stay, recipient_id, "reviews_published")


@when(ReviewAnswered)
def tell_review_answered(event: ReviewAnswered) -> None:
    """The author learns of the public answer."""
    stay = stay_facts(event.reservation)
    _tell(
        stay,
        event.author_id,
        "review_answered",
        author=_name(stay, event.subject_id),
        review_id=event.review_id,
    )


@when(ReviewDeleted)
def tell_review_hidden(event: ReviewDeleted) -> None:
    """An author whose review an operator withheld learns it, and where the reason stands."""
    if event.by == "operator":
        stay = stay_facts(event.reservation)
        _tell(stay, event.author_id, "review_hidden", review_id=event.review_id)

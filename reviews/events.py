"""What happens to reviews, for everyone who must know. Nothing here tells what a blind review says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from airbnb.events.bus import Event


@dataclass(frozen=True, kw_only=True)
class ReviewEvent(Event):
    """Which review; ``direction`` is guest_to_host or host_to_guest. No rating, no text: it may still be blind."""

    review_id: str
    direction: str
    reservation: str
    room_id: int
    room_code: str
    author_id: int
    subject_id: int


@dataclass(frozen=True, kw_only=True)
class ReviewCreated(ReviewEvent):
    """One side has written; the other may know that, and no more."""


@dataclass(frozen=True, kw_only=True)
class ReviewModified(ReviewEvent):
    """The author changed a review that is still blind."""


@dataclass(frozen=True, kw_only=True)
class ReviewDeleted(ReviewEvent):
    """The author took the review back, or an operator hid it (``by``: author or operator)."""

    was_published: bool
    by: str = "author"


@dataclass(frozen=True, kw_only=True)
class ReviewsPublished(Event):
    """The reviews of one stay became public together.

    Each of ``reviews`` has review_id, direction, author_id, author_name, subject_id, rating, scores, text and
    language. ``published_at`` is an instant.
    """

    reservation: str
    room_id: int
    room_code: str
    reviews: list[dict[str, Any]]
    published_at: str


@dataclass(frozen=True, kw_only=True)
class ReviewAnswered(ReviewEvent):
    """The person a published review is about answered it in public, once."""

    text: str
    language: str
    answered_at: str

"""What the page of a room shows: facts, photographs, amenities, reviews, and rooms like it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from airbnb.errors import NotFound
from rooms import policies
from rooms.amenities import Amenity, described
from rooms.kinds import KINDS
from rooms.models import Photo, Room, RoomAnswer, RoomReview
from rooms.policies import Policy
from rooms.queries.facts import RoomFacts, facts_of, with_facts
from rooms.queries.search import Card, SearchFilters, search
from rooms.texts import Texts, both

SCORES = ("cleanliness", "accuracy", "check_in", "communication", "location", "value")


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """A photograph: ``sizes`` maps "480", "960", "1600" to {"url", "width", "height"}; empty until it is ready."""

    code: str
    position: int
    state: str
    alt_i18n: Texts
    sizes: dict[str, dict[str, object]]
    refused_because: str


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """A published review by a guest."""

    id: str
    author_name: str
    rating: int
    scores: dict[str, int]
    text: str
    language: str
    published_at: datetime
    answer: str = ""
    answer_language: str = ""


@dataclass(frozen=True, slots=True)
class ReviewsSummary:
    """Count, mean, how many of each rating from 5 to 1, and the means of the sub-scores that were given."""

    count: int
    rating: float | None
    by_rating: dict[int, int]
    scores: dict[str, float]


@dataclass(frozen=True, slots=True)
class RoomPage:
    """Everything the page shows that is the same for every reader."""

    facts: RoomFacts
    kind_i18n: Texts
    description_i18n: Texts
    photos: list[PhotoFacts]
    amenities: list[Amenity]
    policy: Policy
    summary: ReviewsSummary
    reviews: list[ReviewFacts]


def room_page(slug: str, *, viewer_id: int | None = None, reviews: int = 6) -> RoomPage:
    """A listed or paused room, or the viewer's own one in any state; raises NotFound for all others."""
    room = with_facts(slug=slug).first()
    if room is None or not _may_see(room, viewer_id):
        raise NotFound()
    return RoomPage(
        facts=facts_of(room),
        kind_i18n=KINDS[room.kind],
        description_i18n=both(room.description_i18n),
        photos=[photo_facts(photo) for photo in room.photos.all() if photo.state == Photo.State.READY],
        amenities=described(room.amenities),
        policy=policies.POLICIES[room.cancellation_policy],
        summary=summary_of(room.pk),
        reviews=reviews_of(room.pk, limit=reviews),
    )


def _may_see(room: Room, viewer_id: int | None) -> bool:
    return room.status in (Room.Status.LISTED, Room.Status.PAUSED) or room.host_id == viewer_id


def photo_facts(photo: Photo) -> PhotoFacts:
    """A photograph with the addresses of its sizes."""
    urls = photo.addresses
    return PhotoFacts(
        code=photo.code,
        position=photo.position,
        state=photo.state,
        alt_i18n=both(photo.alt_i18n),
        sizes={
            width: {"url": urls[width], "width": size["width"], "height": size["height"]}
            for width, size in photo.sizes.items()
        },
        refused_because=photo.refused_because,
    )


def summary_of(room_id: int) -> ReviewsSummary:
    """The numbers of a room's published reviews, in two statements."""
    shown = RoomReview.objects.filter(room_id=room_id, deleted=False)
    by_rating = dict(shown.values_list("rating").annotate(count=Count("pk")))
    count = sum(by_rating.values())
    return ReviewsSummary(
        count=count,
        rating=round(sum(rating * n for rating, n in by_rating.items()) / count, 2) if count else None,
        by_rating={rating: by_rating.get(rating, 0) for rating in (5, 4, 3, 2, 1)},
        scores=_score_means(room_id) if count else {},
    )


def _score_means(room_id: int) -> dict[str, float]:
    given: dict[str, list[int]] = {}
    for scores in RoomReview.objects.filter(room_id=room_id, deleted=False).values_list("scores", flat=True):
        for name, value in (scores or {}).items():
            given.setdefault(name, []).append(value)
    return {name: round(sum(given[name]) / len(given[name]), 2) for name in SCORES if name in given}


def reviews_of(room_id: int, *, limit: int = 20, offset: int = 0, low_first: bool = False) -> list[ReviewFacts]:
    """Published reviews of a room, newest first, or the lowest ratings first."""
    order = ("rating", "-published_at", "pk") if low_first else ("-published_at", "pk")
    rows = RoomReview.objects.filter(room_id=room_id, deleted=False).order_by(*order)[offset : offset + limit]
    shown = [row for row in rows if row.published_at is not None]
    answers = RoomAnswer.objects.in_bulk([row.pk for row in shown]) if shown else {}
    return [_review_facts(row, answers.get(row.pk)) for row in shown]


def _review_facts(row: RoomReview, answer: RoomAnswer | None) -> ReviewFacts:
    assert row.published_at is not None
    return ReviewFacts(
        row.pk,
        row.author_name,
        row.rating,
        row.scores,
        row.text,
        row.language,
        row.published_at,
        answer=answer.text if answer else "",
        answer_language=answer.language if answer else "",
    )


def similar(room_id: int, filters: SearchFilters, limit: int = 4) -> list[Card]:
    """Other rooms of the same city that match the reader's dates and guests, best first."""
    room = Room.objects.filter(pk=room_id).values("city").first()
    if room is None:
        raise NotFound()
    like = SearchFilters(
        city=room["city"], check_in=filters.check_in, check_out=filters.check_out, guests=filters.guests
    )
    found = search(like, page_size=limit + 1, facets=False)
    return [card for card in found.cards if card.id != room_id][:limit]

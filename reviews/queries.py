"""What others may ask about reviews. A blind review is never part of an answer to anyone but its author."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Avg, Count, Q, QuerySet

from airbnb import clock
from airbnb.accounts import people
from reviews.models import Review, ReviewWindow
from reviews.scores import Direction


@dataclass(frozen=True)
class Rating:
    """How a person or a room is rated by published reviews: the number, and the mean (None without any)."""

    count: int
    mean: Decimal | None


@dataclass(frozen=True)
class WindowFacts:
    """A stay that can be reviewed by the asker until ``closes_at``, and the name of the other side."""

    reservation: str
    direction: str
    other_id: int
    other_name: str
    room_code: str
    room_slug: str
    room_title_i18n: dict[str, str]
    cover: dict[str, str]
    check_in: date
    check_out: date
    guests: int
    time_zone: str
    closes_at: datetime


@dataclass(frozen=True)
class ReviewFacts:
    """A review as the asker may see it; ``private_note`` is empty for anyone but the two people."""

    id: str
    reservation: str
    direction: str
    state: str
    author_id: int
    author_name: str
    subject_id: int
    subject_name: str
    room_title_i18n: dict[str, str]
    check_in: date
    rating: int
    scores: dict[str, int]
    text: str
    private_note: str
    language: str
    created_at: datetime
    published_at: datetime | None
    closes_at: datetime
    time_zone: str
    answer: str = ""
    answer_language: str = ""
    answered_at: datetime | None = None
    hidden_reason: str = ""


@dataclass(frozen=True)
class StayReviews:
    """What one of the two people of a stay may see of its reviews; ``used``: their one review was written."""

    window: WindowFacts | None
    own: ReviewFacts | None
    others: ReviewFacts | None
    may_write: bool = False
    used: bool = False


def rating_of_room(room_id: int) -> Rating:
    """A room's rating by its guests."""
    return _rating(Q(window__room_id=room_id, direction=Direction.GUEST_TO_HOST))


def rating_of_host(host_id: int) -> Rating:
    """A host's rating by the guests of all rooms."""
    return _rating(Q(subject=host_id, direction=Direction.GUEST_TO_HOST))


def rating_of_guest(guest_id: int) -> Rating:
    """A guest's rating by hosts."""
    return _rating(Q(subject=guest_id, direction=Direction.HOST_TO_GUEST))


def to_write(user_id: int, direction: Direction) -> list[WindowFacts]:
    """The stays this person can still review in this direction, the most urgent first."""
    side = {"guest": user_id} if direction is Direction.GUEST_TO_HOST else {"host": user_id}
    windows = ReviewWindow.objects.filter(**side).open(clock.now()).unwritten(direction).order_by("closes_at")
    return _windows(list(windows[:100]), user_id)


def to_write_count(user_id: int, direction: Direction) -> int:
    """How many stays wait for this person's review."""
    side = {"guest": user_id} if direction is Direction.GUEST_TO_HOST else {"host": user_id}
    return ReviewWindow.objects.filter(**side).open(clock.now()).unwritten(direction).count()


def written(user_id: int, direction: Direction, limit: int = 50) -> list[ReviewFacts]:
    """What this person wrote in this direction, newest first, blind ones included, deleted ones not."""
    reviews = Review.objects.filter(author=user_id, direction=direction).exclude(state=Review.State.DELETED)
    return _facts(_joined(reviews)[:limit], user_id)


def received(user_id: int, direction: Direction, limit: int = 50) -> list[ReviewFacts]:
    """Published reviews about this person, newest first."""
    reviews = Review.objects.published().filter(subject=user_id, direction=direction)
    return _facts(_joined(reviews).order_by("-published_at", "-id")[:limit], user_id)


def unanswered(user_id: int, direction: Direction) -> list[ReviewFacts]:
    """Published reviews about this person that can still be answered, newest first."""
    reviews = Review.objects.filter(subject=user_id, direction=direction).unanswered(clock.now())
    return _facts(_joined(reviews).order_by("-published_at", "-id")[:50], user_id)


def review_seen_by(user_id: int, review_id: str) -> ReviewFacts | None:
    """One review as this person may see it: the author always, the other side once it is public, nobody else."""
    found = _facts(_joined(Review.objects.seen_by(user_id).filter(pk=review_id)), user_id)
    return found[0] if found else None


def reviews_of_stay(reservation: str, user_id: int) -> StayReviews:
    """What this person may see of a stay's reviews; empty for a stranger and before the check-out."""
    window = ReviewWindow.objects.filter(reservation=reservation).first()
    direction = window.direction_of(user_id) if window else None
    if window is None or direction is None:
        return StayReviews(None, None, None)
    seen = _facts(_joined(Review.objects.seen_by(user_id).filter(window=window)), user_id)
    own = next((each for each in seen if each.author_id == user_id), None)
    others = next((each for each in seen if each.author_id != user_id), None)
    used = Review.objects.filter(window=window, direction=direction).exists()
    may_write = not used and clock.now() < window.closes_at
    return StayReviews(_windows([window], user_id)[0], own, others, may_write, used)


def _rating(of: Q) -> Rating:
    found = Review.objects.published().filter(of).aggregate(count=Count("id"), mean=Avg("rating"))
    mean = found["mean"]
    return Rating(found["count"], None if mean is None else Decimal(str(mean)).quantize(Decimal("0.01")))


def _joined(reviews: QuerySet[Review]) -> QuerySet[Review]:
    return reviews.select_related("window", "answer")


def _windows(windows: list[ReviewWindow], user_id: int) -> list[WindowFacts]:
    names = people.people(window.host_id if window.guest_id == user_id else window.guest_id for window in windows)
    return [_window_facts(window, user_id, names) for window in windows]


def _window_facts(window: ReviewWindow, user_id: int, names: dict[int, people.Person]) -> WindowFacts:
    other = window.host_id if window.guest_id == user_id else window.guest_id
    return WindowFacts(
        reservation=window.reservation,
        direction=str(window.direction_of(user_id)),
        other_id=other,
        other_name=names[other].name,
        room_code=window.room_code,
        room_slug=window.room_slug,
        room_title_i18n=window.room_title_i18n,
        cover=window.cover,
        check_in=window.check_in,
        check_out=window.check_out,
        guests=window.guests,
        time_zone=window.time_zone,
        closes_at=window.closes_at,
    )


def _facts(reviews: Iterable[Review], asker_id: int) -> list[ReviewFacts]:
    listed = list(reviews)
    names = people.people(id_ for review in listed for id_ in (review.author_id, review.subject_id))
    return [_review_facts(review, asker_id, names) for review in listed]


def _review_facts(review: Review, asker_id: int, names: dict[int, people.Person]) -> ReviewFacts:
    answer = getattr(review, "answer", None)
    return ReviewFacts(
        id=str(review.pk),
        reservation=review.window.reservation,
        direction=review.direction,
        state=review.state,
        author_id=review.author_id,
        author_name=names[review.author_id].name,
        subject_id=review.subject_id,
        subject_name=names[review.subject_id].name,
        room_title_i18n=review.window.room_title_i18n,
        check_in=review.window.check_in,
        rating=review.rating,
        scores=review.scores,
        text=review.text,
        private_note=review.private_note if asker_id in (review.author_id, review.subject_id) else "",
        language=review.language,
        created_at=review.created_at,
        published_at=review.published_at,
        closes_at=review.window.closes_at,
        time_zone=review.window.time_zone,
        answer=answer.text if answer else "",
        answer_language=answer.language if answer else "",
        answered_at=answer.answered_at if answer else None,
        hidden_reason=review.hidden_reason if asker_id == review.author_id else "",
    )

"""Every write on reviews. Each takes the lock of its stay's reviews first, so both sides are seen whole."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from airbnb import clock, db
from airbnb.accounts import people
from airbnb.errors import Conflict, Invalid, NotFound
from airbnb.events.bus import publish
from reservations.queries import stay_facts
from reviews.events import (
    ReviewAnswered,
    ReviewCreated,
    ReviewDeleted,
    ReviewModified,
    ReviewsPublished,
)
from reviews.models import Answer, Review, ReviewWindow
from reviews.scores import Direction, language_of, require_answer, require_valid

log = structlog.get_logger(__name__)


class ReviewExists(Conflict):
    """This side has reviewed this stay before, deleted or not."""

    code = "review_exists"
    title = _("You have already reviewed this stay")


class StayNotCompleted(Conflict):
    """Reviews are written after the check-out only."""

    code = "stay_not_completed"
    title = _("A stay can be reviewed once it is over")


class AnswerExists(Conflict):
    """A review is answered once."""

    code = "answer_exists"
    title = _("This review has been answered")


def open_window(*, closes_at: datetime, **facts: Any) -> ReviewWindow:
    """Let both sides of a completed stay write until ``closes_at``; the same stay again changes nothing."""
    window, _made = ReviewWindow.objects.get_or_create(
        reservation=facts.pop("reservation"), defaults={"closes_at": closes_at, **facts}
    )
    return window


def window_for(*, reservation: str, user_id: int) -> ReviewWindow:
    """The window of a stay as one of its two people; opened here when the event has not arrived yet.

    Raises NotFound for a stranger or an unknown code, StayNotCompleted before the check-out.
    """
    if not (reservation.isascii() and reservation.isalnum()):  # no code: not even a question for the database
        raise NotFound()
    window = ReviewWindow.objects.filter(reservation=reservation).first()
    if window is None:
        window = _window_from_reservation(reservation, user_id)
    if window.direction_of(user_id) is None:
        raise NotFound()
    return window


def write_review(
    *,
    author_id: int,
    reservation: str,
    rating: int,
    text: str,
    scores: dict[str, int] | None = None,
    private_note: str = "",
) -> Review:
    """Write one side's review; when the other side's is in, both become public in this same transaction.

    Raises NotFound, StayNotCompleted, ReviewWindowClosed, ReviewExists or Invalid. Locks the stay's reviews.
    """
    with db.write():
        _lock(reservation)
        window = window_for(reservation=reservation, user_id=author_id)
        direction = window.direction_of(author_id)
        assert direction is not None
        if window.reviews.filter(direction=direction).exists():
            raise ReviewExists()
        window.require_open(clock.now())
        require_valid(direction, rating, scores or {}, text, private_note)
        review = Review.objects.create(
            window=window,
            direction=direction,
            author_id=author_id,
            subject_id=window.host_id if direction is Direction.GUEST_TO_HOST else window.guest_id,
            rating=rating,
            scores=scores or {},
            text=text.strip(),
            private_note=private_note.strip(),
            language=language_of(text),
        )
        publish(ReviewCreated(**_facts(review)))
        if window.reviews.blind().count() == 2:
            _publish_blind(window)
            review.refresh_from_db()
    return review


def modify_review(*, author_id: int, review_id: UUID | str, **changes: Any) -> Review:
    """Change one's own blind review: any of rating, scores, text, private_note.

    Raises NotFound, ReviewPublished, ReviewWindowClosed or Invalid. Locks the stay's reviews.
    """
    with db.write():
        review = _own(author_id, review_id)
        merged = {name: changes.get(name, getattr(review, name)) for name in ("rating", "scores", "text")}
        note = changes.get("private_note", review.private_note)
        require_valid(Direction(review.direction), merged["rating"], merged["scores"], merged["text"], note)
        review.modify(clock.now(), changes)
        publish(ReviewModified(**_facts(review)))
    return review


def delete_review(*, author_id: int, review_id: UUID | str) -> None:
    """Take one's own review back, blind or public. Raises NotFound. Locks the stay's reviews."""
    with db.write():
        review = _own(author_id, review_id)
        was_published = review.is_published
        review.delete_by_author(clock.now())
        publish(ReviewDeleted(**_facts(review), was_published=was_published))


def answer_review(*, author_id: int, review_id: UUID | str, text: str) -> Answer:
    """Answer a public review about oneself: once, within 30 days.

    Raises NotFound, AnswerClosed, AnswerExists or Invalid. Locks the stay's reviews.
    """
    with db.write():
        review = _locked(Review.objects.published().filter(subject_id=author_id), review_id)
        at = clock.now()
        if Answer.objects.filter(review=review).exists():
            raise AnswerExists()
        review.require_answerable(at)
        require_answer(text)
        answer = Answer.objects.create(review=review, text=text.strip(), language=language_of(text), answered_at=at)
        publish(
            ReviewAnswered(**_facts(review), text=answer.text, language=answer.language, answered_at=at.isoformat())
        )
    return answer


def may_answer(review_id: UUID | str) -> bool:
    """Whether the subject of this public review could answer it now."""
    return Review.objects.unanswered(clock.now()).filter(pk=review_id).exists()


def hide_review(*, review_id: UUID | str, reason: str) -> None:
    """Withhold a review, as an operator, with a reason that its author sees; listeners see it deleted.

    Raises NotFound when there is none to hide, Invalid without a reason. Locks the stay's reviews.
    """
    if not reason.strip():
        raise Invalid({"reason": [_("Say why")]})
    with db.write():
        shown = Review.objects.filter(state__in=[Review.State.BLIND, Review.State.PUBLISHED])
        review = _locked(shown, review_id)
        was_published = review.is_published
        review.hide(clock.now(), reason.strip())
        publish(ReviewDeleted(**_facts(review), was_published=was_published, by="operator"))


def publish_due() -> int:
    """Publish what was written in windows that are over; returns how many stays.

    Each stay is its own transaction; one that fails is logged and left to the next scan, and the others go on.
    """
    due = ReviewWindow.objects.over(clock.now()).with_blind_reviews().values_list("reservation", flat=True)
    done = 0
    for reservation in list(due[:500]):
        try:
            done += _publish_over(reservation)
        except Exception:
            log.exception("reviews_not_published", reservation=reservation)
    return done


def follow_stay(*, reservation: str) -> None:
    """Read a moved stay's dates and end anew, where a local stack moves reservations in time; no window, no work."""
    with db.write():
        _lock(reservation)
        for window in ReviewWindow.objects.filter(reservation=reservation):
            stay = stay_facts(reservation)
            window.follow(stay.check_in, stay.check_out, closing_time(stay.check_out_at))


def _publish_over(reservation: str) -> int:
    with db.write():
        _lock(reservation)
        window = ReviewWindow.objects.over(clock.now()).filter(reservation=reservation).first()
        return int(window is not None and _publish_blind(window))


def _publish_blind(window: ReviewWindow) -> bool:
    at = clock.now()
    reviews = list(window.reviews.blind().order_by("created_at"))
    if not reviews:
        return False
    for review in reviews:
        review.reveal(at)
    publish(
        ReviewsPublished(
            reservation=window.reservation,
            room_id=window.room_id,
            room_code=window.room_code,
            reviews=_told(reviews),
            published_at=at.isoformat(),
        )
    )
    return True


def _told(reviews: Iterable[Review]) -> list[dict[str, Any]]:
    names = people.people(review.author_id for review in reviews)
    return [
        {
            "review_id": str(review.pk),
            "direction": review.direction,
            "author_id": review.author_id,
            "author_name": names[review.author_id].name,
            "subject_id": review.subject_id,
            "rating": review.rating,
            "scores": review.scores,
            "text": review.text,
            "language": review.language,
        }
        for review in reviews
    ]


def _window_from_reservation(reservation: str, user_id: int) -> ReviewWindow:
    stay = stay_facts(reservation)
    if not stay.has_party(user_id):
        raise NotFound()
    if stay.completed_at is None:
        raise StayNotCompleted()
    return open_window(
        closes_at=closing_time(stay.check_out_at),
        reservation=reservation,
        guest_id=stay.guest_id,
        host_id=stay.host_id,
        room_id=stay.room_id,
        room_code=stay.room_code,
        room_slug=stay.room_slug,
        room_title_i18n=stay.room_title_i18n,
        check_in=stay.check_in,
        check_out=stay.check_out,
        guests=stay.guests,
        time_zone=stay.time_zone,
    )


def closing_time(check_out_at: datetime) -> datetime:
    """When a stay's window ends: 14 days after the check-out (domain.md, section 7)."""
    return check_out_at + timedelta(days=settings.BINBANG["REVIEW_DAYS"])


def stay_dates(check_in: str, check_out: str) -> dict[str, date]:
    """An event's ISO dates as dates."""
    return {"check_in": date.fromisoformat(check_in), "check_out": date.fromisoformat(check_out)}


def _own(author_id: int, review_id: UUID | str) -> Review:
    return _locked(Review.objects.exclude(state=Review.State.DELETED).filter(author_id=author_id), review_id)


def _locked(reviews: Any, review_id: UUID | str) -> Review:
    """The review under its stay's lock, read after the lock was taken; NotFound when it is not among ``reviews``."""
    code = Review.objects.filter(pk=review_id).values_list("window__reservation", flat=True).first()
    if code is None:
        raise NotFound()
    _lock(code)
    review: Review | None = reviews.select_related("window").filter(pk=review_id).first()
    if review is None:
        raise NotFound()
    return review


def _lock(reservation: str) -> None:
    db.lock(f"review:{reservation}")


def _facts(review: Review) -> dict[str, Any]:
    return {
        "review_id": str(review.pk),
        "direction": review.direction,
        "reservation": review.window.reservation,
        "room_id": review.window.room_id,
        "room_code": review.window.room_code,
        "author_id": review.author_id,
        "subject_id": review.subject_id,
    }

"""Tables of reviews: the window a completed stay opens, what each side wrote in it, and the public answer."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from airbnb.codes import new_id
from airbnb.errors import Conflict
from reviews.scores import Direction, language_of


class ReviewWindowClosed(Conflict):
    """The days for writing about this stay are over."""

    code = "review_window_closed"
    title = _("The time for reviewing this stay is over")


class ReviewPublished(Conflict):
    """What both sides can read is not changed any more; it can only be deleted."""

    code = "review_published"
    title = _("This review is public now, so it can no longer be edited; you can delete it")


class AnswerClosed(Conflict):
    """The days for answering this review are over, or it is not public."""

    code = "answer_closed"
    title = _("This review can no longer be answered")


class ReviewWindowQuerySet(models.QuerySet["ReviewWindow"]):
    """Filters over windows."""

    def open(self, at: datetime) -> ReviewWindowQuerySet:
        """Those in which one may still write."""
        return self.filter(closes_at__gt=at)

    def over(self, at: datetime) -> ReviewWindowQuerySet:
        """Those whose time is up."""
        return self.filter(closes_at__lte=at)

    def with_blind_reviews(self) -> ReviewWindowQuerySet:
        """Those that hold something not yet public."""
        return self.filter(Q(reviews__state=Review.State.BLIND)).distinct()

    def unwritten(self, direction: Direction) -> ReviewWindowQuerySet:
        """Those in which this side has not written."""
        return self.exclude(reviews__direction=direction)


class ReviewWindow(models.Model):
    """A completed stay that its guest and its host may review until ``closes_at``; facts as of the check-out."""

    reservation = models.CharField(max_length=16, unique=True)
    guest = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="guest_windows")
    host = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="host_windows")
    room_id = models.BigIntegerField()
    room_code = models.CharField(max_length=16)
    room_slug = models.CharField(max_length=120, blank=True, default="")
    room_title_i18n = models.JSONField(default=dict)
    cover = models.JSONField(default=dict)
    check_in = models.DateField()
    check_out = models.DateField()
    guests = models.PositiveSmallIntegerField(default=1)
    time_zone = models.CharField(max_length=40)
    closes_at = models.DateTimeField()

    objects = ReviewWindowQuerySet.as_manager()

    class Meta:
        verbose_name = _("review window")
        verbose_name_plural = _("review windows")
        constraints = (models.CheckConstraint(condition=~Q(guest=models.F("host")), name="review_window_two_people"),)
        indexes = (
            models.Index(fields=["guest", "closes_at"], name="review_window_of_guest"),
            models.Index(fields=["host", "closes_at"], name="review_window_of_host"),
            models.Index(fields=["closes_at"], name="review_window_by_end"),
        )

    def __str__(self) -> str:
        return self.reservation

    def direction_of(self, user_id: int) -> Direction | None:
        """The way this person reviews here; None for a stranger."""
        if user_id == self.guest_id:
            return Direction.GUEST_TO_HOST
        return Direction.HOST_TO_GUEST if user_id == self.host_id else None

    def require_open(self, at: datetime) -> None:
        """Raise :class:`ReviewWindowClosed` once the time is up, though nothing may be published yet."""
        if at >= self.closes_at:
            raise ReviewWindowClosed(closes_at=self.closes_at.isoformat())

    def follow(self, check_in: date, check_out: date, closes_at: datetime) -> None:
        """Take over the dates of a stay that was moved in time (local stacks only)."""
        self.check_in, self.check_out, self.closes_at = check_in, check_out, closes_at
        self.save(update_fields=["check_in", "check_out", "closes_at"])


class ReviewQuerySet(models.QuerySet["Review"]):
    """Filters over reviews."""

    def blind(self) -> ReviewQuerySet:
        """Written, and nobody's but the author's to see."""
        return self.filter(state=Review.State.BLIND)

    def published(self) -> ReviewQuerySet:
        """Public."""
        return self.filter(state=Review.State.PUBLISHED)

    def seen_by(self, user_id: int) -> ReviewQuerySet:
        """One's own that were not deleted, and published ones about oneself: all anyone sees besides public pages."""
        own = Q(author=user_id) & ~Q(state=Review.State.DELETED)
        return self.filter(own | Q(subject=user_id, state=Review.State.PUBLISHED))

    def unanswered(self, at: datetime) -> ReviewQuerySet:
        """Public, without an answer, and still to be answered."""
        return self.published().filter(answer__isnull=True, published_at__gt=at - _answer_days())


class Review(models.Model):
    """One side's words on one stay; a deleted one keeps its row, so that nobody reviews a stay twice."""

    class State(models.TextChoices):
        BLIND = "blind", _("waiting for the other side")
        PUBLISHED = "published", _("public")
        HIDDEN = "hidden", _("hidden by an operator")
        DELETED = "deleted", _("deleted")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    window = models.ForeignKey(ReviewWindow, on_delete=models.PROTECT, related_name="reviews")
    direction = models.CharField(max_length=16, choices=[(each.value, each.value) for each in Direction])
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reviews_written")
    subject = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reviews_received")
    rating = models.PositiveSmallIntegerField()
    scores = models.JSONField(default=dict)
    text = models.TextField(blank=True)
    private_note = models.TextField(blank=True, default="")
    language = models.CharField(max_length=2, default="ko")
    state = models.CharField(max_length=10, choices=State, default=State.BLIND)
    created_at = models.DateTimeField(db_default=Now())
    edited_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    hidden_reason = models.TextField(blank=True, default="")

    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ("-created_at", "-id")
        constraints = (
            models.UniqueConstraint(fields=["window", "direction"], name="review_once_per_side"),
            models.CheckConstraint(condition=Q(rating__gte=1, rating__lte=5), name="review_rating_in_range"),
            models.CheckConstraint(condition=~Q(author=models.F("subject")), name="review_two_people"),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_at__isnull=False),
                name="review_published_has_its_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="blind") | Q(published_at__isnull=True), name="review_blind_is_not_public"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["blind", "published"], removed_at__isnull=True)
                | Q(state__in=["hidden", "deleted"], removed_at__isnull=False),
                name="review_removed_has_its_time",
            ),
        )
        indexes = (
            models.Index(fields=["author", "-created_at"], name="review_by_author"),
            models.Index(fields=["subject", "-published_at"], name="review_by_subject"),
            models.Index(fields=["window"], condition=Q(state="blind"), name="review_still_blind"),
        )

    def __str__(self) -> str:
        return str(self.id)

    @property
    def is_blind(self) -> bool:
        """Whether only its author may see it."""
        return self.state == self.State.BLIND

    @property
    def is_published(self) -> bool:
        """Whether everyone may see it."""
        return self.state == self.State.PUBLISHED

    def modify(self, at: datetime, changes: dict[str, Any]) -> None:
        """Change what it says while it is blind and its window open."""
        if not self.is_blind:
            raise ReviewPublished()
        self.window.require_open(at)
        for name, value in changes.items():
            setattr(self, name, value)
        self.language, self.edited_at = language_of(self.text), at
        self.save(update_fields=["rating", "scores", "text", "private_note", "language", "edited_at"])

    def reveal(self, at: datetime) -> None:
        """Make a blind review public."""
        self.state, self.published_at = self.State.PUBLISHED, at
        self.save(update_fields=["state", "published_at"])

    def delete_by_author(self, at: datetime) -> None:
        """Take it back for good; the words are wiped, the row stays as the side's one review of this stay."""
        self.state, self.removed_at, self.text, self.private_note = self.State.DELETED, at, "", ""
        self.save(update_fields=["state", "removed_at", "text", "private_note"])

    def hide(self, at: datetime, reason: str) -> None:
        """Withhold it from everyone but its author, who sees why; the words are kept as evidence."""
        self.state, self.removed_at, self.hidden_reason = self.State.HIDDEN, at, reason
        self.save(update_fields=["state", "removed_at", "hidden_reason"])

    def require_answerable(self, at: datetime) -> None:
        """Raise :class:`AnswerClosed` unless it is public and has been for at most ``REPLY_DAYS``."""
        public_since = self.published_at if self.is_published else None
        if public_since is None or at >= public_since + _answer_days():
            raise AnswerClosed()


class Answer(models.Model):
    """The one public answer of the person a review is about."""

    review = models.OneToOneField(Review, on_delete=models.PROTECT, related_name="answer")
    text = models.TextField()
    language = models.CharField(max_length=2, default="ko")
    answered_at = models.DateTimeField()

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")

    def __str__(self) -> str:
        return str(self.review_id)


def _answer_days() -> timedelta:
    return timedelta(days=settings.BINBANG["REPLY_DAYS"])

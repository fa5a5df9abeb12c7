"""Read models built from events alone: the state of each room, its stays, and its published reviews."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Self

from django.db import connection, models
from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _

HOLDING = ("held", "paying", "requested")
COMING = ("confirmed",)
LIVE = (*HOLDING, *COMING, "in_stay")

# Of two payment events of one instant, the later state in a payment's life counts.
PAYMENT_RANK = {
    "none": 0,
    "processing": 1,
    "requires_action": 2,
    "declined": 3,
    "authorized": 3,
    "captured": 4,
    "partially_refunded": 5,
    "voided": 6,
    "refunded": 7,
}


class RoomStayQuerySet(models.QuerySet["RoomStay"]):
    """Stays by life."""

    def live(self) -> Self:
        """Those that have their nights."""
        return self.filter(status__in=LIVE)

    def told(self, reservation: str) -> RoomStay:
        """What is known of a reservation; a row that is not saved yet when nothing is."""
        return self.filter(pk=reservation).first() or RoomStay(pk=reservation)


class RoomStay(models.Model):
    """What events said of one reservation of a room; newer facts win, whatever the order in which they come."""

    reservation = models.CharField(max_length=20, primary_key=True)
    room_id = models.BigIntegerField(null=True)
    host_id = models.BigIntegerField(null=True)
    guest_id = models.BigIntegerField(null=True)
    check_in = models.DateField(null=True)
    check_out = models.DateField(null=True)
    guests = models.PositiveSmallIntegerField(default=1)
    total_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, default="KRW")
    status = models.CharField(max_length=12, default="")
    status_at = models.DateTimeField(null=True)
    revision = models.PositiveIntegerField(default=0)
    payment = models.CharField(max_length=20, default="none")
    payment_at = models.DateTimeField(null=True)
    # Until when the host can answer; of requests alone.
    answer_by = models.DateTimeField(null=True)

    objects: ClassVar[Any] = RoomStayQuerySet.as_manager()

    class Meta:
        verbose_name = _("stay of a room")
        verbose_name_plural = _("stays of rooms")
        indexes = (
            models.Index(fields=["room_id", "check_in"], condition=Q(status__in=LIVE), name="room_stay_live"),
            models.Index(fields=["room_id", "-status_at", "-reservation"], name="room_stay_latest"),
        )

    def __str__(self) -> str:
        return self.reservation

    def tell(self, status: str, at: datetime, revision: int, facts: dict[str, Any]) -> None:
        """Take over a status and its facts unless a later revision of the reservation is known already."""
        if revision < self.revision:
            return
        self.status, self.status_at, self.revision = status, at, revision
        for name, value in facts.items():
            setattr(self, name, value)
        self.save(force_insert=self._state.adding)

    def tell_payment(self, payment: str, at: datetime) -> None:
        """Take over a newer state of the payment."""
        known = (self.payment_at, PAYMENT_RANK[self.payment])
        if self.payment_at is None or (at, PAYMENT_RANK[payment]) >= known:
            self.payment, self.payment_at = payment, at
            self.save(force_insert=self._state.adding)


class RoomReview(models.Model):
    """A published review of a room by a guest; a deleted one leaves a tombstone, so a late publication stays away."""

    review_id = models.CharField(max_length=40, primary_key=True)
    room_id = models.BigIntegerField(null=True)
    reservation = models.CharField(max_length=20, default="")
    author_name = models.CharField(max_length=80, default="")
    rating = models.PositiveSmallIntegerField(default=0)
    scores = models.JSONField(default=dict)
    text = models.TextField(default="")
    language = models.CharField(max_length=2, default="ko")
    published_at = models.DateTimeField(null=True)
    deleted = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("published review")
        verbose_name_plural = _("published reviews")
        indexes = (
            models.Index(
                fields=["room_id", "-published_at", "review_id"], condition=Q(deleted=False), name="room_review_recent"
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(deleted=True) | Q(rating__range=(1, 5), room_id__isnull=False),
                name="room_review_shown_is_whole",
            ),
        )

    def __str__(self) -> str:
        return self.review_id

    def hide(self) -> None:
        """Leave only the tombstone."""
        self.deleted, self.text, self.scores, self.author_name = True, "", {}, ""
        self.save()

    @staticmethod
    def sums(room_id: int) -> tuple[int, int]:
        """``(count, sum of ratings)`` of the room's shown reviews."""
        shown = RoomReview.objects.filter(room_id=room_id, deleted=False)
        found = shown.aggregate(count=models.Count("pk"), sum=Sum("rating"))
        return found["count"], found["sum"] or 0


class RoomAnswer(models.Model):
    """The host's public answer to a review; kept beside it, since it may be told before the review itself."""

    review_id = models.CharField(max_length=40, primary_key=True)
    text = models.TextField()
    language = models.CharField(max_length=2)
    answered_at = models.DateTimeField()

    class Meta:
        verbose_name = _("answer to a review")
        verbose_name_plural = _("answers to reviews")

    def __str__(self) -> str:
        return self.review_id


class RoomView(models.Model):
    """How a room stands now: the original's Roomview. ``shown_*`` is the stay it speaks of."""

    class State(models.TextChoices):
        FREE = "free", _("Free")
        HELD = "held", _("Held")
        RESERVED = "reserved", _("Reserved")
        OCCUPIED = "occupied", _("Occupied")

    room_id = models.BigIntegerField(primary_key=True)
    room_code = models.CharField(max_length=16, default="")
    slug = models.CharField(max_length=80, default="")
    host_id = models.BigIntegerField(null=True, db_index=True)
    title_i18n = models.JSONField(default=dict)
    cover = models.JSONField(default=dict)
    status = models.CharField(max_length=10, default="draft")
    told_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.FREE)
    current_reservation = models.CharField(max_length=20, blank=True, default="")
    next_reservation = models.CharField(max_length=20, blank=True, default="")
    next_check_in = models.DateField(null=True)
    shown_reservation = models.CharField(max_length=20, blank=True, default="")
    shown_status = models.CharField(max_length=12, blank=True, default="")
    shown_payment = models.CharField(max_length=20, blank=True, default="none")
    review_count = models.PositiveIntegerField(default=0)
    rating_sum = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("state of a room")
        verbose_name_plural = _("states of rooms")
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=["free", "held", "reserved", "occupied"]), name="room_view_state_known"
            ),
        )

    def __str__(self) -> str:
        return self.room_code

    @property
    def rating(self) -> float | None:
        """The mean of the shown reviews with two decimals, or None without any."""
        return round(self.rating_sum / self.review_count, 2) if self.review_count else None

    @staticmethod
    def locked(room_id: int) -> RoomView:
        """The row of a room, made if it is new, locked until the transaction ends."""
        rows = RoomView.objects.select_for_update()
        found = rows.filter(pk=room_id).first()
        if found is not None:
            return found
        RoomView.objects.bulk_create([RoomView(room_id=room_id)], ignore_conflicts=True)
        return rows.get(pk=room_id)

    def tell(self, at: datetime, facts: dict[str, Any]) -> None:
        """Take over the room's own facts unless newer ones are known."""
        if self.told_at is not None and at < self.told_at:
            return
        for name, value in facts.items():
            setattr(self, name, value)
        self.told_at = at
        self.save()

    def refresh(self) -> None:
        """Work the state out again from the stays that events have told so far.

        Read are those that have their nights, and without any the one that was told last: what a room has seen in its
        life makes no event dearer.
        """
        stays = RoomStay.objects.filter(room_id=self.room_id)
        live = list(stays.live().only("check_in", "status", "payment").order_by("check_in", "pk"))
        current = next((stay for stay in live if stay.status == "in_stay"), None)
        upcoming = next((stay for stay in live if stay is not current), None)
        shown = current or upcoming or stays.exclude(status="").order_by("-status_at", "-pk").first()
        self._work_out(
            state=_state(current, live),
            current_reservation=current.pk if current else "",
            next_reservation=upcoming.pk if upcoming else "",
            next_check_in=upcoming.check_in if upcoming else None,
            shown_reservation=shown.pk if shown else "",
            shown_status=shown.status if shown else "",
            shown_payment=shown.payment if shown else "none",
        )

    def count_reviews(self) -> None:
        """Count the reviews again that events have told so far."""
        count, total = RoomReview.sums(self.room_id)
        self._work_out(review_count=count, rating_sum=total)

    def _work_out(self, **found: Any) -> None:
        changed = [name for name, value in found.items() if getattr(self, name) != value]
        for name in changed:
            setattr(self, name, found[name])
        if changed:
            self.save(update_fields=changed)


def _state(current: RoomStay | None, live: list[RoomStay]) -> str:
    if current:
        return RoomView.State.OCCUPIED
    if any(stay.status in COMING for stay in live):
        return RoomView.State.RESERVED
    return RoomView.State.HELD if live else RoomView.State.FREE


def lock_stay(reservation: str) -> None:
    """Hold everyone else off this reservation's row until the transaction ends, whether it exists yet or not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"rooms.RoomStay:{reservation}"])

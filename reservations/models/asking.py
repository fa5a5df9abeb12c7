"""Requests to book: how long the host may think, and what they said; part of the reservation's own row."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q

from reservations.states import PAID, Status

if TYPE_CHECKING:
    from reservations.models.reservation import Actor

# How long a host may think (domain.md, section 3); rooms refuse quotes that would leave less than an hour of it.
ANSWER_TIME = timedelta(hours=24)
ANSWER_BEFORE_CHECK_IN = timedelta(hours=24)


# As a filter: see :attr:`Asked.stands_once_paid`.
ASKS_FIRST = Q(instant=False, accepted_at=None)


class Asked(models.Model):
    """How a reservation is decided on. ``instant`` is frozen at the hold: it stands once paid, or the host is asked.

    A request is open until ``answer_by`` while ``accepted_at`` is empty. Accepted and still REQUESTED means that the
    money is being taken: nothing else may happen to it then. ``reminded_hours`` is the last reminder that the host got.
    """

    instant = models.BooleanField(default=True, db_default=True)
    answer_by = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by_id = models.BigIntegerField(null=True, blank=True)
    reminded_hours = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        abstract = True

    # What the reservation itself has.
    status: str
    check_in_at: datetime

    if TYPE_CHECKING:

        def _change(self, to: str, *, at: datetime, actor: Actor, why: str = "", **fields: Any) -> None: ...

        def _adopt(self, fields: dict[str, Any]) -> None: ...

    @property
    def is_open_request(self) -> bool:
        """Whether the host has been asked and has not said yes or no."""
        return self.status == Status.REQUESTED and self.accepted_at is None

    @property
    def is_being_captured(self) -> bool:
        """Whether the host said yes and the money is being taken."""
        return self.status == Status.REQUESTED and self.accepted_at is not None

    @property
    def stands_once_paid(self) -> bool:
        """Whether money may be taken at once: nobody has to be asked, or the host has said yes."""
        return self.instant or self.accepted_at is not None

    def answer_is_over(self, at: datetime) -> bool:
        """Whether the time to answer ended at or before ``at``, swept or not."""
        return self.is_open_request and self.answer_by is not None and self.answer_by <= at

    def latest_answer(self, at: datetime) -> datetime:
        """Until when a host who is asked at ``at`` may answer: 24 hours, never past a day before check-in."""
        return min(at + ANSWER_TIME, self.check_in_at - ANSWER_BEFORE_CHECK_IN)

    def ask(self, *, answer_by: datetime, reminded_hours: int | None, at: datetime, actor: Actor) -> None:
        """PAYING → REQUESTED: the money is set aside, and reminders that are past already count as given."""
        self._change(Status.REQUESTED, at=at, actor=actor, answer_by=answer_by, reminded_hours=reminded_hours)

    def accept(self, *, at: datetime, actor: Actor) -> None:
        """The host says yes: from here on only the outcome of the capture moves it."""
        self._change(self.status, at=at, actor=actor, why="accepted", accepted_at=at, accepted_by_id=actor.id)

    def decline(self, *, at: datetime, actor: Actor, reason: str) -> None:
        """REQUESTED → DECLINED."""
        self._change(Status.DECLINED, at=at, actor=actor, why=reason)

    def remind(self, hours: int) -> None:
        """Note that the host was reminded ``hours`` before the end; the caller holds the reservation's lock."""
        type(self)._default_manager.filter(pk=self.pk).update(reminded_hours=hours)
        self._adopt({"reminded_hours": hours})


CONSTRAINTS = (
    models.CheckConstraint(
        condition=~Q(status=Status.REQUESTED.value)
        | Q(instant=False, answer_by__isnull=False, payment_id__isnull=False),
        name="reservation_request_has_answer_by",
    ),
    models.CheckConstraint(
        condition=Q(accepted_at__isnull=True, accepted_by_id__isnull=True)
        | Q(instant=False, accepted_at__isnull=False, accepted_by_id__isnull=False),
        name="reservation_accepted_says_by_whom",
    ),
    models.CheckConstraint(
        condition=~Q(status__in=[each.value for each in sorted(PAID)]) | Q(instant=True) | Q(accepted_at__isnull=False),
        name="reservation_stands_only_accepted",
    ),
)
INDEXES = (models.Index(fields=["answer_by"], condition=Q(status="requested"), name="reservation_answer_due"),)

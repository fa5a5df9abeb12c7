"""Stored events and their receipts: one ``Delivery`` for each listener that must still react."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from airbnb import clock
from airbnb.codes import new_id

# Seconds until the next try, by attempts made; a little jitter is added. The last one repeats.
BACKOFF_S = (5, 15, 60, 300, 900, 1800, 3600, 7200, 14400, 21600, 43200)
MAX_ATTEMPTS = 12
# A receipt that no worker was woken for is swept up after this long.
FIRST_SWEEP = timedelta(seconds=10)


class StoredEvent(models.Model):
    """A fact, kept for good: read models are rebuilt from these."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=80)
    subject = models.CharField(max_length=20, blank=True, default="", db_default="")
    version = models.PositiveSmallIntegerField(default=1)
    payload = models.JSONField()
    occurred_at = models.DateTimeField(db_default=Now())
    correlation_id = models.CharField(max_length=64)
    causation_id = models.UUIDField(null=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = (
            models.Index(fields=["name", "occurred_at"], name="event_by_name"),
            models.Index(fields=["correlation_id"], name="event_by_correlation"),
            models.Index(fields=["subject"], condition=~models.Q(subject=""), name="event_by_subject"),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.id}"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Filters over receipts."""

    def pending(self) -> DeliveryQuerySet:
        """Not done and not given up."""
        return self.filter(status=Delivery.Status.PENDING)

    def due(self, at: datetime) -> DeliveryQuerySet:
        """Pending, and its time has come."""
        return self.pending().filter(next_attempt_at__lte=at)

    def unfinished(self) -> DeliveryQuerySet:
        """Pending or given up: its effect is missing from what it writes to."""
        return self.exclude(status=Delivery.Status.DONE)

    def dead(self) -> DeliveryQuerySet:
        """Given up after the last attempt: an operator's task."""
        return self.filter(status=Delivery.Status.DEAD)


class Delivery(models.Model):
    """One listener's receipt for one event; its effect and ``done`` are written in one transaction."""

    class Status(models.TextChoices):
        PENDING = "pending", _("to do")
        DONE = "done", _("done")
        DEAD = "dead", _("given up")

    event = models.ForeignKey(StoredEvent, on_delete=models.PROTECT, related_name="deliveries")
    listener = models.CharField(max_length=120)
    queue = models.CharField(max_length=40)
    # Only for listeners of a view whose readers catch up by themselves: what it is about, and who may look at that.
    subject = models.CharField(max_length=20, blank=True, default="", db_default="")
    readers = ArrayField(models.BigIntegerField(), null=True, blank=True)
    status = models.CharField(max_length=8, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(db_default=Now() + FIRST_SWEEP)
    last_error = models.TextField(blank=True, default="")
    done_at = models.DateTimeField(null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = (
            models.UniqueConstraint(fields=["event", "listener"], name="delivery_once_per_listener"),
            models.CheckConstraint(
                condition=models.Q(status="done", done_at__isnull=False)
                | (~models.Q(status="done") & models.Q(done_at__isnull=True)),
                name="delivery_done_has_its_time",
            ),
        )
        indexes = (
            models.Index(fields=["next_attempt_at"], condition=models.Q(status="pending"), name="delivery_due"),
            models.Index(fields=["listener"], condition=models.Q(status="dead"), name="delivery_dead"),
            models.Index(
                fields=["subject"], condition=~models.Q(status="done") & ~models.Q(subject=""), name="delivery_behind"
            ),
            GinIndex(
                fields=["readers"],
                condition=~models.Q(status="done") & ~models.Q(subject=""),
                fastupdate=False,
                name="delivery_behind_for",
            ),
        )

    def __str__(self) -> str:
        return f"{self.event_id} → {self.listener}"

    def finish(self) -> None:
        """Mark the effect as taken, in the transaction that took it. This object does not learn the time."""
        self.status, self.last_error = self.Status.DONE, ""
        mine = Delivery.objects.filter(pk=self.pk)
        mine.update(status=self.status, done_at=clock.instant(), last_error="")

    def postpone(self, until: datetime, error: str) -> None:
        """Try again at ``until``, or give up when all attempts are used."""
        self.last_error = error[-4000:]
        self.next_attempt_at = until
        if self.attempts >= MAX_ATTEMPTS:
            self.status = self.Status.DEAD
        self.save(update_fields=["status", "next_attempt_at", "last_error"])


class ViewState(models.Model):
    """A read model as it stands in this database: which version of its projection built it, and the last comparison."""

    name = models.CharField(max_length=60, primary_key=True)
    version = models.PositiveSmallIntegerField(default=0)
    built_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    checked = models.PositiveIntegerField(default=0)
    drifted = models.PositiveIntegerField(default=0)
    drifted_keys = models.JSONField(default=list)

    class Meta:
        verbose_name = _("state of a view")
        verbose_name_plural = _("states of views")

    def __str__(self) -> str:
        return self.name

"""Tables of notifications: what was told to whom, its way through each channel, and what people switched off."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from airbnb.codes import new_id

# Seconds until the next attempt, by attempts made; after the sixth a message is parked (domain.md, section 8).
BACKOFF_S = (30, 120, 600, 3600, 21600)
MAX_ATTEMPTS = 6
LEASE = timedelta(seconds=30)


class ChannelName(models.TextChoices):
    """The ways to reach somebody."""

    IN_APP = "in_app", _("In the app")
    EMAIL = "email", _("E-mail")
    KAKAOTALK = "kakaotalk", _("KakaoTalk")


class NotificationQuerySet(models.QuerySet["Notification"]):
    """Filters over notifications."""

    def of(self, user_id: int) -> NotificationQuerySet:
        """Those of one person."""
        return self.filter(recipient=user_id)

    def unread(self) -> NotificationQuerySet:
        """Those not yet read."""
        return self.filter(read_at__isnull=True)


class Notification(models.Model):
    """One fact told to one person. Words are made from ``kind``, ``role`` and ``params`` when they are read."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    event_id = models.UUIDField()
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notifications")
    kind = models.CharField(max_length=40)
    role = models.CharField(max_length=8)
    reservation = models.CharField(max_length=16, blank=True, default="")
    params = models.JSONField(default=dict)
    language = models.CharField(max_length=2)
    correlation_id = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_default=Now())
    read_at = models.DateTimeField(null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ("-created_at", "-id")
        constraints = (
            models.UniqueConstraint(fields=["event_id", "recipient"], name="notification_once_per_recipient"),
            models.CheckConstraint(condition=Q(role__in=["guest", "host", "operator"]), name="notification_role_known"),
        )
        indexes = (
            models.Index(fields=["recipient", "-created_at"], name="notification_of_recipient"),
            models.Index(fields=["recipient"], condition=Q(read_at__isnull=True), name="notification_unread"),
            models.Index(fields=["reservation", "kind"], name="notification_of_reservation"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    @property
    def is_unread(self) -> bool:
        """Whether it still counts on the bell."""
        return self.read_at is None

    def read(self, at: datetime) -> None:
        """Mark as read; reading again keeps the first time."""
        if self.read_at is None:
            self.read_at = at
            self.save(update_fields=["read_at"])


class ChannelDeliveryQuerySet(models.QuerySet["ChannelDelivery"]):
    """Filters over deliveries."""

    def open(self) -> ChannelDeliveryQuerySet:
        """Neither sent nor parked."""
        return self.filter(status__in=[ChannelDelivery.Status.PENDING, ChannelDelivery.Status.FAILED])

    def due(self, at: datetime) -> ChannelDeliveryQuerySet:
        """Open, and their time has come."""
        return self.open().filter(next_attempt_at__lte=at)

    def exhausted(self) -> ChannelDeliveryQuerySet:
        """Those whose attempts are all used."""
        return self.filter(attempts__gte=MAX_ATTEMPTS)

    def unexhausted(self) -> ChannelDeliveryQuerySet:
        """Those that may be tried."""
        return self.filter(attempts__lt=MAX_ATTEMPTS)

    def parked(self) -> ChannelDeliveryQuerySet:
        """Given up: an operator's task."""
        return self.filter(status=ChannelDelivery.Status.PARKED)


class ChannelDelivery(models.Model):
    """A notification's way through one channel. ``failed`` is tried again, ``parked`` waits for an operator."""

    class Status(models.TextChoices):
        PENDING = "pending", _("to send")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed, will be tried again")
        PARKED = "parked", _("given up")

    notification = models.ForeignKey(Notification, on_delete=models.PROTECT, related_name="deliveries")
    channel = models.CharField(max_length=12, choices=ChannelName)
    status = models.CharField(max_length=8, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True, default="")

    objects = ChannelDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery through a channel")
        verbose_name_plural = _("deliveries through channels")
        constraints = (
            models.UniqueConstraint(fields=["notification", "channel"], name="channel_delivery_once"),
            models.CheckConstraint(
                condition=Q(status="sent", sent_at__isnull=False) | (~Q(status="sent") & Q(sent_at__isnull=True)),
                name="channel_delivery_sent_has_its_time",
            ),
        )
        indexes = (
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(status__in=["pending", "failed"]),
                name="channel_delivery_due",
            ),
        )

    def __str__(self) -> str:
        return f"{self.channel} {self.notification_id}"

    @property
    def is_exhausted(self) -> bool:
        """Whether every attempt was used."""
        return self.attempts >= MAX_ATTEMPTS

    def begin(self, at: datetime) -> None:
        """Count an attempt and keep others off while it lasts; one whose sender died comes up again."""
        self.attempts += 1
        self.next_attempt_at = at + LEASE
        self.save(update_fields=["attempts", "next_attempt_at"])

    def finish(self, at: datetime) -> None:
        """It went out."""
        self.status, self.sent_at, self.last_error = self.Status.SENT, at, ""
        self.save(update_fields=["status", "sent_at", "last_error"])

    def fail(self, at: datetime, error: str) -> None:
        """Try again after the wait that belongs to this attempt, or park after the last."""
        self.last_error = error[:2000]
        if self.is_exhausted:
            self.status = self.Status.PARKED
        else:
            self.status = self.Status.FAILED
            self.next_attempt_at = at + timedelta(seconds=BACKOFF_S[max(self.attempts, 1) - 1])
        self.save(update_fields=["status", "next_attempt_at", "last_error"])

    def revive(self, at: datetime) -> None:
        """Begin again from the first attempt, at once."""
        self.status, self.attempts, self.next_attempt_at, self.sent_at = self.Status.PENDING, 0, at, None
        self.save(update_fields=["status", "attempts", "next_attempt_at", "sent_at"])


class ChannelPreference(models.Model):
    """A person's wish for one topic and channel. Without a row the channel is on."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="channel_preferences")
    topic = models.CharField(max_length=16)
    channel = models.CharField(max_length=12, choices=ChannelName)
    is_on = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("channel preference")
        verbose_name_plural = _("channel preferences")
        constraints = (models.UniqueConstraint(fields=["user", "topic", "channel"], name="channel_preference_once"),)

    def __str__(self) -> str:
        return f"{self.topic} {self.channel}"

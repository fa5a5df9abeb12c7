"""The room a host lets, with its terms and photographs."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.files.storage import default_storage
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from airbnb.codes import new_code
from airbnb.money import MINOR_DIGITS
from rooms import cities
from rooms.kinds import KINDS, STATUSES
from rooms.policies import POLICIES
from rooms.stay_rules import ASKED_AHEAD, Rules
from rooms.texts import both, in_language

MOST_GUESTS = 50
MOST_NIGHTS = 365
MOST_WINDOW_DAYS = 730


def room_code() -> str:
    """A public name for a room."""
    return new_code("R", 9)


def default_window() -> int:
    """How far ahead bookings open when a host says nothing."""
    return int(settings.BINBANG["BOOKING_WINDOW_DAYS"])


class RoomQuerySet(models.QuerySet["Room"]):
    """Rooms by what may be done with them."""

    def listed(self) -> Self:
        """Those that take bookings."""
        return self.filter(status=Room.Status.LISTED)

    def kept(self) -> Self:
        """All but those taken down."""
        return self.exclude(status=Room.Status.ARCHIVED)

    def of_host(self, host_id: int) -> Self:
        """One host's rooms, newest first."""
        return self.kept().filter(host_id=host_id).order_by("-registered_at", "-pk")


class Room(models.Model):
    """A place to stay. Prices are minor units of ``currency``; texts hold the languages that were written."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        LISTED = "listed", _("Listed")
        PAUSED = "paused", _("Paused")
        ARCHIVED = "archived", _("Archived")

    code = models.CharField(max_length=16, unique=True, default=room_code, editable=False)
    slug = models.SlugField(max_length=80, unique=True, editable=False)
    host = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="rooms")
    title_i18n = models.JSONField(_("title"), default=dict)
    description_i18n = models.JSONField(_("description"), default=dict, blank=True)
    house_rules_i18n = models.JSONField(_("house rules"), default=dict, blank=True)
    arrival_guide_i18n = models.JSONField(_("arrival guide"), default=dict, blank=True)
    kind = models.CharField(_("kind"), max_length=16)
    city = models.CharField(_("city"), max_length=60)
    city_given = models.CharField(_("city as written"), max_length=60)
    area = models.CharField(_("area"), max_length=60, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    lat = models.FloatField(_("latitude"), null=True)
    lng = models.FloatField(_("longitude"), null=True)
    capacity = models.PositiveSmallIntegerField(_("guests"))
    bedrooms = models.PositiveSmallIntegerField(_("bedrooms"), default=1)
    beds = models.PositiveSmallIntegerField(_("beds"), default=1)
    bathrooms = models.PositiveSmallIntegerField(_("bathrooms"), default=1)
    amenities = ArrayField(models.CharField(max_length=32), default=list, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="KRW")
    base_price_minor = models.PositiveBigIntegerField(_("price per night"))
    weekend_price_minor = models.PositiveBigIntegerField(_("Friday and Saturday price"), null=True, blank=True)
    cleaning_fee_minor = models.PositiveBigIntegerField(_("cleaning fee"), default=0)
    extra_guest_fee_minor = models.PositiveBigIntegerField(_("fee per extra guest and night"), default=0)
    included_guests = models.PositiveSmallIntegerField(_("guests in the price"), default=0)
    min_nights = models.PositiveSmallIntegerField(_("least nights"), default=1)
    max_nights = models.PositiveSmallIntegerField(_("most nights"), default=31)
    notice_days = models.PositiveSmallIntegerField(_("days of notice"), default=1)
    window_days = models.PositiveSmallIntegerField(_("booking window in days"), default=default_window)
    check_in_from = models.TimeField(_("check-in from"), default=time(15))
    check_out_until = models.TimeField(_("check-out until"), default=time(11))
    time_zone = models.CharField(_("time zone"), max_length=40, default="Asia/Seoul")
    cancellation_policy = models.CharField(_("cancellation policy"), max_length=20, default="flexible")
    instant_book = models.BooleanField(_("instant booking"), default=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    version = models.PositiveIntegerField(default=1, editable=False)
    registered_at = models.DateTimeField(db_default=Now(), editable=False)
    modified_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[Any] = RoomQuerySet.as_manager()

    class Meta:
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        indexes = (models.Index(fields=["host", "-registered_at"], name="room_by_host"),)
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=list(KINDS)), name="room_kind_known"),
            models.CheckConstraint(condition=Q(status__in=list(STATUSES)), name="room_status_known"),
            models.CheckConstraint(condition=Q(cancellation_policy__in=list(POLICIES)), name="room_policy_known"),
            models.CheckConstraint(condition=Q(currency__in=list(MINOR_DIGITS)), name="room_currency_known"),
            models.CheckConstraint(condition=Q(capacity__range=(1, MOST_GUESTS)), name="room_sleeps_1_to_50"),
            models.CheckConstraint(
                condition=Q(min_nights__gte=1, max_nights__lte=MOST_NIGHTS, min_nights__lte=F("max_nights")),
                name="room_min_nights_within_max",
            ),
            models.CheckConstraint(
                condition=Q(window_days__range=(1, MOST_WINDOW_DAYS)), name="room_window_within_calendar"
            ),
            models.CheckConstraint(condition=Q(included_guests__lte=F("capacity")), name="room_included_fit"),
            models.CheckConstraint(
                condition=(Q(lat__isnull=True) & Q(lng__isnull=True)) | Q(lat__range=(-90, 90), lng__range=(-180, 180)),
                name="room_place_on_earth",
            ),
            models.CheckConstraint(
                condition=~Q(title_i18n={}) | Q(status__in=["draft", "archived"]), name="room_listed_has_title"
            ),
            models.CheckConstraint(
                condition=Q(base_price_minor__gt=0) | ~Q(status="listed"), name="room_listed_has_price"
            ),
            models.CheckConstraint(
                condition=Q(weekend_price_minor__isnull=True) | Q(weekend_price_minor__gt=0),
                name="room_weekend_is_not_free",
            ),
        )

    def __str__(self) -> str:
        return in_language(self.title_i18n) or self.code

    @property
    def cover(self) -> dict[str, str]:
        """Addresses of the first ready photograph by width, or nothing."""
        first = next((photo for photo in self.photos.all() if photo.state == Photo.State.READY), None)
        return first.addresses if first else {}

    @property
    def is_listed(self) -> bool:
        """Whether it takes bookings."""
        return self.status == Room.Status.LISTED

    def rules(self, day_min_nights: dict[Any, int] | None = None, *, asks_from: date | None = None) -> Rules:
        """The rules a stay is judged by; arrival days with their own least stay are given in, and from when to ask."""
        return Rules(
            listed=self.is_listed,
            capacity=self.capacity,
            min_nights=self.min_nights,
            max_nights=self.max_nights,
            notice_days=self.notice_days,
            window_days=self.window_days,
            day_min_nights=day_min_nights or {},
            asks_from=asks_from,
            ask_hours=round(ASKED_AHEAD / timedelta(hours=1)),
        )

    def register(self) -> None:
        """Write a new room under an address made of its English title or its city and kind."""
        words = slugify(both(self.title_i18n)["en"])[:50] or slugify(f"{self.city} {self.kind}")[:50]
        self.slug = f"{words}-{self.code[1:].lower()}".strip("-").replace("_", "-")
        self._place()
        self.save(force_insert=True)

    def edit(self, changes: dict[str, Any]) -> None:
        """Set these fields and count up the version."""
        for name, value in changes.items():
            setattr(self, name, value)
        self._place()
        self.version += 1
        self.modified_at = Now()
        self.save()

    def archive(self) -> None:
        """Take the room down for good; its past stays keep it."""
        self.edit({"status": Room.Status.ARCHIVED})

    def _place(self) -> None:
        if self.lat is None and (middle := cities.centre(self.city)):
            self.lat, self.lng = middle


class Photo(models.Model):
    """A photograph; ``sizes`` maps a nominal width to {"path", "width", "height"} once it is ready."""

    class State(models.TextChoices):
        PROCESSING = "processing", _("Processing")
        READY = "ready", _("Ready")
        REFUSED = "refused", _("Refused")

    code = models.CharField(max_length=16, unique=True, editable=False)
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="photos")
    position = models.PositiveSmallIntegerField()
    alt_i18n = models.JSONField(_("description for those who cannot see it"), default=dict, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.PROCESSING)
    original = models.CharField(max_length=120, blank=True)
    sizes = models.JSONField(default=dict)
    refused_because = models.CharField(max_length=40, blank=True)
    added_at = models.DateTimeField(db_default=Now())
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)

    class Meta:
        verbose_name = _("photograph")
        verbose_name_plural = _("photographs")
        ordering = ("position", "pk")
        constraints = (
            models.CheckConstraint(condition=Q(state__in=["processing", "ready", "refused"]), name="photo_state_known"),
            models.CheckConstraint(condition=~Q(sizes={}) | ~Q(state="ready"), name="photo_ready_has_sizes"),
            models.UniqueConstraint(
                fields=["room", "position"], name="photo_one_per_place", deferrable=models.Deferrable.DEFERRED
            ),
        )

    def __str__(self) -> str:
        return in_language(self.alt_i18n) or self.code

    @property
    def addresses(self) -> dict[str, str]:
        """``{"480": address, "960": …, "1600": …}`` of a ready photograph."""
        return {width: default_storage.url(size["path"]) for width, size in self.sizes.items()}

    def attempt(self) -> int:
        """Count one more try at its sizes, before it is made: one that kills its process counts too."""
        Photo.objects.filter(pk=self.pk).update(attempts=F("attempts") + 1)
        self.refresh_from_db(fields=["attempts"])
        return self.attempts

    def show(self, sizes: dict[str, dict[str, Any]]) -> None:
        """The picture is ready in these sizes; the original is gone."""
        self.state, self.sizes, self.original, self.refused_because = Photo.State.READY, sizes, "", ""
        self.save(update_fields=["state", "sizes", "original", "refused_because"])

    def refuse(self, because: str) -> None:
        """The upload turned out not to be a usable picture."""
        self.state, self.original, self.refused_because = Photo.State.REFUSED, "", because
        self.save(update_fields=["state", "original", "refused_because"])

    def move(self, position: int) -> None:
        """Stand at this place in the row."""
        self.position = position
        self.save(update_fields=["position"])

    def describe(self, alt_i18n: dict[str, str]) -> None:
        """Set the text for those who cannot see the picture."""
        self.alt_i18n = alt_i18n
        self.save(update_fields=["alt_i18n"])

"""The search read model: one row per room with its terms and a bit per day, 1 where the night is taken."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time, timedelta
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import connection, models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from airbnb import clock
from airbnb.stays import Stay
from rooms import cities
from rooms.bigrams import search_vector
from rooms.kinds import KINDS
from rooms.models.room import Room
from rooms.models.views import RoomReview
from rooms.nearness import near
from rooms.ranking import Merits, score
from rooms.texts import both

# Two years of bookings (Room.window_days at most 730) and slack between two rolls of the start.
CALENDAR_DAYS = 768

# Sets the bits of a run of nights, cut to what the calendar covers.
MARK = f"""
    UPDATE rooms_searchindex SET calendar = overlay(calendar PLACING repeat('1',
            least(%(last)s::date, starts_on + {CALENDAR_DAYS}) - greatest(%(first)s::date, starts_on))::varbit
        FROM greatest(%(first)s::date, starts_on) - starts_on + 1)
    WHERE room_id = %(room)s AND %(last)s::date > starts_on AND %(first)s::date < starts_on + {CALENDAR_DAYS}
"""  # noqa: S608 - a number of our own

_REDRAW = f"""
    UPDATE rooms_searchindex AS s SET starts_on = coalesce(%(start)s::date, s.starts_on), calendar = (
        SELECT string_agg(CASE WHEN n.night IS NULL THEN '0' ELSE '1' END, '' ORDER BY d)::bit({CALENDAR_DAYS})
        FROM generate_series(0, {CALENDAR_DAYS} - 1) AS d
        LEFT JOIN rooms_night AS n
          ON n.room_id = s.room_id AND n.night = coalesce(%(start)s::date, s.starts_on) + d)
    WHERE s.room_id = ANY(%(rooms)s)
"""  # noqa: S608 - a number of our own


class BitsField(models.Field[str, str]):
    """PostgreSQL's fixed-length ``bit(n)``, read and written as a text of zeros and ones."""

    def __init__(self, *args: Any, length: int = CALENDAR_DAYS, **kwargs: Any) -> None:
        self.length = length
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """For migrations."""
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "length": self.length}

    def db_type(self, connection: Any) -> str:
        """The column's type."""
        return f"bit({self.length})"


def first_day() -> date:
    """Where calendars begin now: far enough back that no zone on earth is still before it."""
    return clock.now().date() - timedelta(days=2)


def no_nights() -> str:
    """A calendar in which everything is free."""
    return "0" * CALENDAR_DAYS


class SearchIndexQuerySet(models.QuerySet["SearchIndex"]):
    """Writes of the index; the bits follow ``Night`` in the very transaction that changes it."""

    def mark_taken(self, room_id: int, stay: Stay) -> None:
        """Set the bits of nights that were just taken."""
        with connection.cursor() as cursor:
            cursor.execute(MARK, {"room": room_id, "first": stay.check_in, "last": stay.check_out})

    def lock(self, room_ids: Iterable[int]) -> list[int]:
        """Lock these rooms' calendars until the transaction ends, always in order; returns those that exist."""
        wanted = self.filter(room_id__in=list(room_ids)).order_by("pk")
        return list(wanted.select_for_update(no_key=True).values_list("pk", flat=True))

    def redraw(self, room_ids: Iterable[int], *, from_today: bool = True) -> None:
        """Draw calendars again from the nights themselves, beginning today or, each by itself, where they begin.

        The rows are locked in a statement of their own first, so that nights of a transaction which has already
        marked its bits are seen by the drawing, and one that has not will mark them afterwards.
        """
        if ids := self.lock(room_ids):
            self.redraw_locked(ids, from_today=from_today)

    def redraw_locked(self, room_ids: list[int], *, from_today: bool = True) -> None:
        """The same for rooms that this transaction locked in an earlier statement."""
        with connection.cursor() as cursor:
            cursor.execute(_REDRAW, {"start": first_day() if from_today else None, "rooms": room_ids})

    def write(self, room: Room) -> None:
        """Bring the row of a room up to its terms, photographs and reviews; its calendar is left alone.

        The caller has locked the room's row before reading it: the whole entry is written, and terms that were read
        without the lock could be older than those that are there.
        """
        row: Any = SearchIndex(room_id=room.pk, starts_on=first_day(), **_terms(room), **_merits(room))
        changing = [f.name for f in SearchIndex._meta.fields if f.name not in ("room", "starts_on", "calendar")]
        self.bulk_create([row], update_conflicts=True, unique_fields=["room"], update_fields=changing)


class SearchIndex(models.Model):
    """What can be searched of a room. ``calendar`` begins at ``starts_on``; prices are minor units.

    ``lat`` and ``lng`` are rounded as strangers see them, so that no search can find out more.
    """

    room = models.OneToOneField(Room, on_delete=models.CASCADE, primary_key=True, related_name="index")
    listed = models.BooleanField()
    city = models.CharField(max_length=60)
    kind = models.CharField(max_length=16)
    instant_book = models.BooleanField()
    amenities = ArrayField(models.CharField(max_length=32))
    lat = models.FloatField(null=True)
    lng = models.FloatField(null=True)
    capacity = models.PositiveSmallIntegerField()
    currency = models.CharField(max_length=3)
    base_price_minor = models.BigIntegerField()
    weekend_price_minor = models.BigIntegerField()
    cleaning_fee_minor = models.BigIntegerField()
    extra_guest_fee_minor = models.BigIntegerField()
    included_guests = models.PositiveSmallIntegerField()
    has_day_rules = models.BooleanField()
    has_discounts = models.BooleanField()
    min_nights = models.PositiveSmallIntegerField()
    max_nights = models.PositiveSmallIntegerField()
    notice_days = models.PositiveSmallIntegerField()
    window_days = models.PositiveSmallIntegerField()
    time_zone = models.CharField(max_length=40)
    check_in_from = models.TimeField(default=time(15), db_default=time(15))
    score = models.IntegerField()
    review_count = models.PositiveIntegerField()
    rating_sum = models.PositiveIntegerField()
    words = SearchVectorField()
    starts_on = models.DateField()
    calendar = BitsField(default=no_nights)

    objects: ClassVar[Any] = SearchIndexQuerySet.as_manager()

    class Meta:
        verbose_name = _("search entry")
        verbose_name_plural = _("search entries")
        indexes = (
            models.Index(
                F("city"),
                F("score").desc(),
                F("room"),
                name="search_city_best_first",
                condition=Q(listed=True),
                include=["capacity", "base_price_minor", "starts_on", "calendar"],
            ),
            models.Index(F("score").desc(), F("room"), name="search_best_first", condition=Q(listed=True)),
            models.Index(fields=["city", "base_price_minor"], name="search_city_by_price", condition=Q(listed=True)),
            models.Index(fields=["lat", "lng"], name="search_by_place", condition=Q(listed=True)),
            GinIndex(fields=["words"], name="search_by_words"),
        )

    def __str__(self) -> str:
        return f"{self.city} {self.room_id}"


def _terms(room: Room) -> dict[str, Any]:
    weekend = room.weekend_price_minor
    copied = (
        "city",
        "kind",
        "instant_book",
        "amenities",
        "capacity",
        "currency",
        "base_price_minor",
        "cleaning_fee_minor",
        "extra_guest_fee_minor",
        "included_guests",
        "min_nights",
        "max_nights",
        "notice_days",
        "window_days",
        "time_zone",
        "check_in_from",
    )
    return {
        **{name: getattr(room, name) for name in copied},
        "lat": near(room.lat),
        "lng": near(room.lng),
        "listed": room.is_listed,
        "weekend_price_minor": room.base_price_minor if weekend is None else weekend,
        "has_day_rules": room.day_rules.exists(),
        "has_discounts": room.discounts.exists(),
        "words": search_vector(*_searchable(room)),
    }


def _searchable(room: Room) -> list[str]:
    """What words are found: title, place, kind and description; never the address, which is private."""
    places = (cities.city_name(room.city, room.city_given), cities.area_name(room.city, room.area), KINDS[room.kind])
    found = [text for names in (both(room.title_i18n), *places, both(room.description_i18n)) for text in names.values()]
    return list(dict.fromkeys(found))


def _merits(room: Room) -> dict[str, Any]:
    count, rating_sum = RoomReview.sums(room.pk)
    merits = Merits(
        review_count=count,
        rating_sum=rating_sum,
        photos=room.photos.filter(state="ready").count(),
        amenities=len(room.amenities),
        instant_book=room.instant_book,
        both_languages=len(room.title_i18n) == 2,
    )
    return {"review_count": count, "rating_sum": rating_sum, "score": score(merits)}

"""The shapes that go out, for the schema: what ``rooms.api.shapes`` builds, field by field."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from airbnb.boards import board_fields
from airbnb.rest import MoneyField


class TextsOutput(serializers.Serializer[Any]):
    """A text in both languages."""

    ko = serializers.CharField()
    en = serializers.CharField()


class HostOutput(serializers.Serializer[Any]):
    """Who lets a room."""

    id = serializers.CharField()
    name = serializers.CharField()


class PhotoOutput(serializers.Serializer[Any]):
    """A photograph; ``sizes`` maps 480, 960 and 1600 to url, width and height."""

    id = serializers.CharField()
    position = serializers.IntegerField()
    status = serializers.CharField()
    alt = serializers.CharField()
    alt_i18n = TextsOutput()
    sizes = serializers.DictField()
    refused_because = serializers.CharField(allow_null=True)


class CardOutput(serializers.Serializer[Any]):
    """A room as search shows it."""

    id = serializers.CharField()
    slug = serializers.CharField()
    title = serializers.CharField()
    title_i18n = TextsOutput()
    kind = serializers.CharField()
    city = serializers.CharField()
    city_name = serializers.CharField()
    area = serializers.CharField()
    lat = serializers.FloatField(allow_null=True)
    lng = serializers.FloatField(allow_null=True)
    capacity = serializers.IntegerField()
    bedrooms = serializers.IntegerField()
    beds = serializers.IntegerField()
    bathrooms = serializers.IntegerField()
    instant_book = serializers.BooleanField()
    cancellation_policy = serializers.CharField()
    cover = serializers.DictField()
    review_count = serializers.IntegerField()
    rating = serializers.FloatField(allow_null=True)
    total = MoneyField(allow_null=True)
    per_night = MoneyField()
    url = serializers.CharField()

    def get_fields(self) -> Any:
        """``from`` is a word of Python: one night with its fees, when no dates were given."""
        return {**super().get_fields(), "from": MoneyField(allow_null=True)}


class SearchOutput(serializers.Serializer[Any]):
    """A page of results; ``count`` stops at 200, then ``count_capped``."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    count = serializers.IntegerField()
    count_capped = serializers.BooleanField()
    results = CardOutput(many=True)


class RoomOutput(serializers.Serializer[Any]):
    """A room in full; its host also gets address, exact place, arrival guide and how it stands."""

    id = serializers.CharField()
    slug = serializers.CharField()
    url = serializers.CharField()
    host = HostOutput()
    title = serializers.CharField()
    title_i18n = TextsOutput()
    description = serializers.CharField()
    description_i18n = TextsOutput()
    house_rules = serializers.CharField()
    house_rules_i18n = TextsOutput()
    kind = serializers.CharField()
    kind_name = serializers.CharField()
    city = serializers.CharField()
    city_name = serializers.CharField()
    area = serializers.CharField()
    lat = serializers.FloatField(allow_null=True)
    lng = serializers.FloatField(allow_null=True)
    capacity = serializers.IntegerField()
    bedrooms = serializers.IntegerField()
    beds = serializers.IntegerField()
    bathrooms = serializers.IntegerField()
    base_price = MoneyField()
    weekend_price = MoneyField(allow_null=True)
    cleaning_fee = MoneyField()
    extra_guest_fee = MoneyField()
    included_guests = serializers.IntegerField()
    currency = serializers.CharField()
    min_nights = serializers.IntegerField()
    max_nights = serializers.IntegerField()
    notice_days = serializers.IntegerField()
    window_days = serializers.IntegerField()
    instant_book = serializers.BooleanField()
    cancellation_policy = serializers.CharField()
    cancellation_policy_text = serializers.CharField()
    time_zone = serializers.CharField()
    check_in_from = serializers.CharField()
    check_out_until = serializers.CharField()
    amenities = serializers.ListField(child=serializers.CharField())
    status = serializers.CharField()
    version = serializers.IntegerField()
    review_count = serializers.IntegerField()
    rating = serializers.FloatField(allow_null=True)
    photos = PhotoOutput(many=True)
    address = serializers.CharField(required=False)
    arrival_guide = serializers.CharField(required=False)
    arrival_guide_i18n = TextsOutput(required=False)
    discounts = serializers.ListField(child=serializers.DictField(), required=False)
    state = serializers.CharField(required=False)
    reservation = serializers.CharField(required=False, allow_null=True)
    reservation_status = serializers.CharField(required=False, allow_null=True)
    payment_status = serializers.CharField(required=False)


class DayOutput(serializers.Serializer[Any]):
    """A day of a calendar: its night, or why it cannot be booked."""

    date = serializers.DateField()
    available = serializers.BooleanField()
    price = MoneyField()
    min_nights = serializers.IntegerField()
    reason = serializers.CharField(allow_null=True)
    reason_text = serializers.CharField(allow_null=True)
    price_reason = serializers.CharField()


class QuoteLineOutput(serializers.Serializer[Any]):
    """A line of a bill; discounts are negative."""

    kind = serializers.CharField()
    date = serializers.DateField(allow_null=True)
    label = serializers.CharField()  # type: ignore[assignment]  # a field of that name, not its label
    label_i18n = TextsOutput()
    amount = MoneyField()


class CancellationTermsOutput(serializers.Serializer[Any]):
    """The policy of a quote, and until when it gives everything back."""

    policy = serializers.CharField()
    text = serializers.CharField()
    full_refund_until = serializers.DateTimeField(allow_null=True)


class QuoteOutput(serializers.Serializer[Any]):
    """A price with the token that keeps it."""

    room = serializers.CharField()
    check_in = serializers.DateField()
    check_out = serializers.DateField()
    nights = serializers.IntegerField()
    guests = serializers.IntegerField()
    lines = QuoteLineOutput(many=True)
    total = MoneyField()
    token = serializers.CharField()
    expires_at = serializers.DateTimeField()
    instant_book = serializers.BooleanField()
    cancellation = CancellationTermsOutput()


class RoomReviewOutput(serializers.Serializer[Any]):
    """A published review of a room."""

    id = serializers.CharField()
    author = serializers.CharField()
    rating = serializers.IntegerField()
    scores = serializers.DictField(child=serializers.IntegerField())
    text = serializers.CharField()
    language = serializers.CharField()
    published_at = serializers.DateTimeField()
    answer = serializers.CharField(allow_null=True)


class RoomReviewsOutput(serializers.Serializer[Any]):
    """A page of reviews with their count and means."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    review_count = serializers.IntegerField()
    rating = serializers.FloatField(allow_null=True)
    scores = serializers.DictField(child=serializers.FloatField())
    results = RoomReviewOutput(many=True)


class BoardStayOutput(serializers.Serializer[Any]):
    """A live stay on the board."""

    reservation = serializers.CharField()
    check_in = serializers.DateField()
    check_out = serializers.DateField()
    guests = serializers.IntegerField()
    total = MoneyField()
    status = serializers.CharField()
    payment_status = serializers.CharField()
    answer_by = serializers.DateTimeField(allow_null=True)


class BoardNightOutput(serializers.Serializer[Any]):
    """A night on the board."""

    date = serializers.DateField()
    state = serializers.CharField()
    reservation = serializers.CharField(allow_null=True)
    price = MoneyField()


class BoardRowOutput(serializers.Serializer[Any]):
    """A room on the board."""

    room = serializers.CharField()
    slug = serializers.CharField()
    title = serializers.CharField()
    status = serializers.CharField()
    state = serializers.CharField()
    reservation = serializers.CharField(allow_null=True)
    reservation_status = serializers.CharField(allow_null=True)
    payment_status = serializers.CharField()
    current_reservation = serializers.CharField(allow_null=True)
    next_reservation = serializers.CharField(allow_null=True)
    next_check_in = serializers.DateField(allow_null=True)
    review_count = serializers.IntegerField()
    rating = serializers.FloatField(allow_null=True)
    occupancy = serializers.FloatField()
    stays = BoardStayOutput(many=True)
    nights = BoardNightOutput(many=True)


class BoardMoveOutput(BoardStayOutput):
    """A stay that begins or ends, with its room."""

    room = serializers.CharField()


class BoardRequestOutput(BoardMoveOutput):
    """A request that waits for the host, and how long it still does."""

    minutes_left = serializers.IntegerField()


class BoardOutput(serializers.Serializer[Any]):
    """The state of a host's lettings between two dates."""

    to = serializers.DateField()
    arrivals = BoardMoveOutput(many=True)
    departures = BoardMoveOutput(many=True)
    requests = BoardRequestOutput(many=True)
    rooms = BoardRowOutput(many=True)

    def get_fields(self) -> Any:
        """With ``from``, which is a word of Python, and with what other contexts add."""
        return {"from": serializers.DateField(), **super().get_fields(), **board_fields()}

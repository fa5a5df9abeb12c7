"""What guests wrote about a room: its published reviews."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from airbnb.rest import StrictSerializer, etag_response
from rooms.api.outputs import RoomReviewsOutput
from rooms.api.resource import RoomScoped, checked_query, page_address, page_of
from rooms.api.shapes import review_json
from rooms.queries.pages import reviews_of, summary_of


class ReviewsQuery(StrictSerializer):
    """Paging, and the order: newest first, or the lowest ratings first."""

    sort = serializers.ChoiceField(["newest", "lowest"], required=False)
    cursor = serializers.CharField(max_length=200, required=False)
    page_size = serializers.IntegerField(min_value=1, max_value=100, required=False)


class ReviewsResource(RoomScoped):
    """Published reviews of a room with their count and mean."""

    @extend_schema(operation_id="listRoomReviews", parameters=[ReviewsQuery], responses=RoomReviewsOutput)
    def get(self, request: Request, room_code: str) -> Response:
        """Newest first; blind reviews are nowhere in it, not even in the count."""
        asked = checked_query(ReviewsQuery, request)
        size, page = asked.get("page_size", 20), page_of(asked.get("cursor", ""))
        low_first = asked.get("sort") == "lowest"
        rows = reviews_of(self.room.pk, limit=size + 1, offset=(page - 1) * size, low_first=low_first)
        summary = summary_of(self.room.pk)
        body = {
            "next": page_address(request, page + 1) if len(rows) > size else None,
            "previous": page_address(request, page - 1) if page > 1 else None,
            "review_count": summary.count,
            "rating": summary.rating,
            "scores": summary.scores,
            "results": [review_json(row) for row in rows[:size]],
        }
        return etag_response(request, body)

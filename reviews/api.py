"""Reviews over HTTP. A blind review exists for its author alone; for everyone else it is a 404."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import permissions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from airbnb.accounts.access import current_user
from airbnb.errors import NotFound
from airbnb.idempotency import idempotent_if_keyed
from airbnb.rest import SAFE_METHODS, CursorPage, StrictSerializer, etag_response, may, valid
from reviews import services
from reviews.models import Review
from reviews.scores import Direction

# What each side of a stay needs to write.
WRITING = {Direction.GUEST_TO_HOST: "book", Direction.HOST_TO_GUEST: "host"}


class MayReview(permissions.BasePermission):
    """Reading needs ``read``; writing ``book`` as the guest of a stay and ``host`` as its host."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Signed in, with a scope that fits the method; which side the caller is on, the view asks itself."""
        if not request.user.is_authenticated:
            return False
        scopes = ("read",) if request.method in SAFE_METHODS else WRITING.values()
        return any(may(request, scope) for scope in scopes)


class WholeNumber(serializers.IntegerField):
    """A JSON number without a fraction; "5" and true are refused."""

    def to_internal_value(self, data: Any) -> int:
        """The number as it is."""
        if type(data) is not int:
            self.fail("invalid")
        return int(super().to_internal_value(data))


class ReviewChanges(StrictSerializer):
    """What can be changed of a review."""

    rating = WholeNumber(min_value=1, max_value=5)
    scores = serializers.DictField(child=WholeNumber(min_value=1, max_value=5), required=False)
    text = serializers.CharField(max_length=1000)
    private_note = serializers.CharField(max_length=500, required=False, allow_blank=True)


class NewReview(ReviewChanges):
    """A review of one completed stay by one of its two people."""

    reservation = serializers.CharField(max_length=16)


class NewAnswer(StrictSerializer):
    """A public answer."""

    text = serializers.CharField(max_length=1000)


class AnswerOutput(serializers.Serializer[Any]):
    """A public answer as it is told."""

    text = serializers.CharField()
    language = serializers.CharField()
    answered_at = serializers.DateTimeField()


class ReviewOutput(serializers.Serializer[Review]):
    """A review as its author, or the other side once it is public, may see it."""

    id = serializers.UUIDField()
    reservation = serializers.CharField(source="window.reservation")
    room = serializers.CharField(source="window.room_code")
    direction = serializers.CharField()
    author = serializers.CharField(source="author.shown_name")
    rating = serializers.IntegerField()
    scores = serializers.DictField(child=serializers.IntegerField())
    text = serializers.CharField()
    private_note = serializers.CharField()
    language = serializers.CharField()
    status = serializers.ChoiceField(choices=["blind", "published", "hidden"], source="state")
    created_at = serializers.DateTimeField()
    edited_at = serializers.DateTimeField(allow_null=True)
    published_at = serializers.DateTimeField(allow_null=True)
    closes_at = serializers.DateTimeField(source="window.closes_at")
    hidden_reason = serializers.CharField()
    answer = serializers.SerializerMethodField()

    @extend_schema_field(AnswerOutput(allow_null=True))
    def get_answer(self, review: Review) -> dict[str, Any] | None:
        """The public answer, or null."""
        answer = getattr(review, "answer", None)
        return dict(AnswerOutput(answer).data) if answer else None


class ReviewOutputPage(serializers.Serializer[Any]):
    """A page of them, with the addresses of its neighbours."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ReviewOutput(many=True)


class ReviewPage(CursorPage):
    """Newest first."""

    ordering = ("-created_at", "-id")


class Reviews(APIView):
    """The caller's reviews."""

    permission_classes = (MayReview,)

    @extend_schema(
        operation_id="reviews_list",
        parameters=[
            OpenApiParameter("cursor", str),
            OpenApiParameter("page_size", int, description="at most 100"),
            OpenApiParameter("reservation", str, description="only those of this stay"),
        ],
        responses=ReviewOutputPage,
    )
    def get(self, request: Request) -> Response:
        """Reviews the caller wrote, and public ones about the caller."""
        reviews = _seen_by(request)
        if reservation := request.query_params.get("reservation", "").replace("\0", ""):
            reviews = reviews.filter(window__reservation=reservation)
        page = ReviewPage()
        shown: Any = page.paginate_queryset(reviews, request, view=self) or []
        return etag_response(request, page.get_paginated_response(ReviewOutput(shown, many=True).data).data)

    @extend_schema(
        operation_id="reviews_create",
        request=NewReview,
        responses={201: ReviewOutput},
        parameters=[OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, required=False)],
    )
    @idempotent_if_keyed
    def post(self, request: Request) -> Response:
        """Review a completed stay as its guest or its host."""
        given, author_id = valid(NewReview, request), current_user(request).pk
        window = services.window_for(reservation=given["reservation"], user_id=author_id)
        _require_scope(request, window.direction_of(author_id))
        review = services.write_review(author_id=author_id, **given)
        response = Response(ReviewOutput(review).data, status=201)
        response["Location"] = f"/api/v1/reviews/{review.pk}/"
        return response


class OneReview(APIView):
    """One review."""

    permission_classes = (MayReview,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """A stranger, and the other side while it is blind, find nothing, whatever the method and the body."""
        super().initial(request, *args, **kwargs)
        mine = request.method not in SAFE_METHODS
        review = _require(request, kwargs["review_id"], own=mine)
        if mine:
            _require_scope(request, review.direction)

    @extend_schema(operation_id="reviews_read", responses=ReviewOutput)
    def get(self, request: Request, review_id: UUID) -> Response:
        """The review."""
        return etag_response(request, ReviewOutput(_require(request, review_id)).data)

    @extend_schema(operation_id="reviews_update", request=ReviewChanges(partial=True), responses=ReviewOutput)
    def patch(self, request: Request, review_id: UUID) -> Response:
        """Change one's own review while it is blind."""
        changes = valid(ReviewChanges, request, partial=True)
        services.modify_review(author_id=current_user(request).pk, review_id=review_id, **changes)
        return Response(ReviewOutput(_require(request, review_id)).data)

    @extend_schema(operation_id="reviews_delete", responses={204: None})
    def delete(self, request: Request, review_id: UUID) -> Response:
        """Take one's own review back."""
        services.delete_review(author_id=current_user(request).pk, review_id=review_id)
        return Response(status=204)


class ReviewAnswer(APIView):
    """The public answer to a review."""

    permission_classes = (MayReview,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Only for those who can see the review; it is answered from the other side of the stay."""
        super().initial(request, *args, **kwargs)
        review = _require(request, kwargs["review_id"])
        if request.method not in SAFE_METHODS:
            _require_scope(request, review.window.direction_of(current_user(request).pk))

    @extend_schema(
        operation_id="reviews_answer",
        request=NewAnswer,
        responses={201: AnswerOutput},
        parameters=[OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, required=False)],
    )
    @idempotent_if_keyed
    def post(self, request: Request, review_id: UUID) -> Response:
        """Answer a public review about oneself, once."""
        text = valid(NewAnswer, request)["text"]
        answer = services.answer_review(author_id=current_user(request).pk, review_id=review_id, text=text)
        return Response(AnswerOutput(answer).data, status=201)


def _require_scope(request: Request, direction: str | None) -> None:
    """The caller's token may write from this side of the stay; raises PermissionDenied."""
    if direction is not None and not may(request, WRITING[Direction(direction)]):
        raise PermissionDenied


def _seen_by(request: Request) -> Any:
    reviews = Review.objects.seen_by(current_user(request).pk)
    return reviews.select_related("window", "author", "answer")


def _require(request: Request, review_id: UUID, *, own: bool = False) -> Review:
    """The review if the caller may see it (``own``: wrote it); raises NotFound."""
    reviews = _seen_by(request).filter(pk=review_id)
    review: Review | None = (reviews.filter(author=current_user(request).pk) if own else reviews).first()
    if review is None:
        raise NotFound(_("There is no such review"))
    return review


urlpatterns = [
    path("reviews/", Reviews.as_view(), name="api-reviews"),
    path("reviews/<uuid:review_id>/", OneReview.as_view(), name="api-review"),
    path("reviews/<uuid:review_id>/answer/", ReviewAnswer.as_view(), name="api-review-answer"),
]

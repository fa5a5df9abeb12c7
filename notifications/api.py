"""Notifications over HTTP: one's own, newest first, and reading one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import path
from django.utils import translation
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from airbnb.accounts.access import current_user
from airbnb.rest import CursorPage, Scope, etag_response
from notifications import services
from notifications.models import Notification
from notifications.wording import words


class ChannelState(serializers.Serializer[Any]):
    """How far a notification got in one channel."""

    channel = serializers.CharField()
    status = serializers.ChoiceField(choices=["pending", "sent", "failed", "parked"])


class NotificationOutput(serializers.Serializer[Notification]):
    """A notification in its recipient's language."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    reservation = serializers.SerializerMethodField()
    title = serializers.SerializerMethodField()
    text = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)
    correlation_id = serializers.CharField()
    channels = ChannelState(source="deliveries", many=True)

    def get_reservation(self, notification: Notification) -> str | None:
        """The reservation's code, or null."""
        return notification.reservation or None

    def get_title(self, notification: Notification) -> str:
        """The fact."""
        with translation.override(notification.language):
            return words(notification.kind, notification.role, notification.params).title

    def get_text(self, notification: Notification) -> str:
        """What it means for the reader."""
        with translation.override(notification.language):
            return words(notification.kind, notification.role, notification.params).text


class NotificationOutputPage(serializers.Serializer[Any]):
    """A page of them, with the addresses of its neighbours."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = NotificationOutput(many=True)


class NotificationPage(CursorPage):
    """Newest first."""

    ordering = ("-created_at", "-id")


class Notifications(APIView):
    """The caller's notifications."""

    permission_classes = (Scope(read="read", write="read"),)

    @extend_schema(
        operation_id="notifications_list",
        parameters=[
            OpenApiParameter("cursor", str),
            OpenApiParameter("page_size", int, description="at most 100"),
            OpenApiParameter("reservation", str, description="only those about this reservation"),
            OpenApiParameter("unread", bool, description="true: only those not yet read"),
        ],
        responses=NotificationOutputPage,
    )
    def get(self, request: Request) -> Response:
        """One's own, newest first."""
        found = _own(request).prefetch_related("deliveries")
        if reservation := request.query_params.get("reservation", "").replace("\0", ""):
            found = found.filter(reservation=reservation)
        if request.query_params.get("unread") in ("1", "true"):
            found = found.unread()
        page = NotificationPage()
        shown: Any = page.paginate_queryset(found, request, view=self) or []
        return etag_response(request, page.get_paginated_response(NotificationOutput(shown, many=True).data).data)


class NotificationReading(APIView):
    """Reading a notification."""

    permission_classes = (Scope(read="read", write="read"),)

    @extend_schema(operation_id="notifications_read", request=None, responses=NotificationOutput)
    def post(self, request: Request, notification_id: UUID) -> Response:
        """Mark it as read; doing it again changes nothing."""
        services.read(user_id=current_user(request).pk, notification_id=notification_id)
        found = _own(request).prefetch_related("deliveries").get(pk=notification_id)
        return Response(NotificationOutput(found).data)


def _own(request: Request) -> Any:
    return Notification.objects.of(current_user(request).pk)


urlpatterns = [
    path("notifications/", Notifications.as_view(), name="api-notifications"),
    path(
        "notifications/<uuid:notification_id>/reading/",
        NotificationReading.as_view(),
        name="api-notification-reading",
    ),
]

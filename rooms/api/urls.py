"""Addresses of rooms under ``/api/v1/``."""

from __future__ import annotations

from django.urls import path

from rooms.api.board import BoardResource
from rooms.api.days import CalendarResource, QuoteResource
from rooms.api.photos import PhotoResource, PhotosResource
from rooms.api.rooms import RoomResource, RoomsResource
from rooms.api.words import ReviewsResource

urlpatterns = [
    path("rooms/", RoomsResource.as_view(), name="api-rooms"),
    path("rooms/<str:room_code>/", RoomResource.as_view(), name="api-room"),
    path("rooms/<str:room_code>/calendar/", CalendarResource.as_view(), name="api-room-calendar"),
    path("rooms/<str:room_code>/quote/", QuoteResource.as_view(), name="api-room-quote"),
    path("rooms/<str:room_code>/photos/", PhotosResource.as_view(), name="api-room-photos"),
    path("rooms/<str:room_code>/photos/<str:photo_code>/", PhotoResource.as_view(), name="api-room-photo"),
    path("rooms/<str:room_code>/reviews/", ReviewsResource.as_view(), name="api-room-reviews"),
    path("host/board/", BoardResource.as_view(), name="api-host-board"),
]

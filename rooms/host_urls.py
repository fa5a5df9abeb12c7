"""Addresses of rooms for their hosts, mounted under /host/."""

from __future__ import annotations

from django.urls import path

from rooms import host_calendar_views, host_photo_views, host_views

app_name = "rooms_host"
urlpatterns = [
    path("rooms/", host_views.room_list, name="list"),
    path("rooms/new/", host_views.new, name="new"),
    path("rooms/<slug:slug>/", host_views.edit, name="edit"),
    path("rooms/<slug:slug>/listing/", host_views.listing, name="listing"),
    path("rooms/<slug:slug>/deletion/", host_views.deletion, name="deletion"),
    path("rooms/<slug:slug>/photos/", host_photo_views.photos, name="photos"),
    path("rooms/<slug:slug>/photos/<str:code>/", host_photo_views.photo, name="photo"),
    path("rooms/<slug:slug>/photos/<str:code>/position/", host_photo_views.position, name="photo_position"),
    path("rooms/<slug:slug>/photos/<str:code>/deletion/", host_photo_views.photo_deletion, name="photo_deletion"),
    path("rooms/<slug:slug>/calendar/", host_calendar_views.calendar, name="calendar"),
]

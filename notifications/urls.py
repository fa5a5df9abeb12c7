"""Addresses of notifications."""

from __future__ import annotations

from django.urls import path

from notifications import views

app_name = "notifications"
urlpatterns = [
    path("notifications/", views.notifications, name="list"),
    path("notifications/bell/", views.bell, name="bell"),
    path("notifications/reading/", views.reading_all, name="reading_all"),
    path("notifications/preferences/", views.preferences, name="preferences"),
    path("notifications/<uuid:notification_id>/reading/", views.reading, name="reading"),
]

"""Addresses of reviews for hosts, mounted under /host/."""

from __future__ import annotations

from django.urls import path

from reviews import host_views

app_name = "reviews_host"
urlpatterns = [
    path("reviews/", host_views.host_reviews, name="host_reviews"),
    path("reservations/<str:code>/review/", host_views.host_review, name="host_review"),
]

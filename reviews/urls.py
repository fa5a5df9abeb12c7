"""Addresses of reviews for guests and for whoever wrote one."""

from __future__ import annotations

from django.urls import path

from reviews import views

app_name = "reviews"
urlpatterns = [
    path("trips/<str:code>/review/", views.trip_review, name="trip_review"),
    path("reviews/", views.reviews, name="list"),
    path("reviews/<uuid:review_id>/", views.review, name="review"),
    path("reviews/<uuid:review_id>/deletion/", views.deletion, name="deletion"),
    path("reviews/<uuid:review_id>/answer/", views.answer, name="answer"),
]

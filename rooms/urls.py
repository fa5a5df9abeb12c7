"""Addresses of rooms for guests."""

from __future__ import annotations

from django.urls import path

from rooms import views

app_name = "rooms"
urlpatterns = [
    path("rooms/", views.search, name="search"),
    path("rooms/<str:slug>/", views.room, name="room"),
    path("rooms/<str:slug>/price/", views.price, name="price"),
    path("rooms/<str:slug>/calendar/", views.month, name="month"),
    path("rooms/<str:slug>/reviews/", views.reviews, name="reviews"),
]

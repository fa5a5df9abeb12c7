"""Addresses of reservations."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "reservations"
urlpatterns: list[URLPattern] = []

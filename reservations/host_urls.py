"""Addresses of the host pages of reservations."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "reservations_host"
urlpatterns: list[URLPattern] = []

"""Addresses of payments."""

from __future__ import annotations

from django.urls import path

from payments import views

app_name = "payments"
urlpatterns = [
    path("gateways/<slug:gateway>/webhook/", views.webhook, name="webhook"),
]

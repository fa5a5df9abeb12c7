"""Addresses of bookings for hosts, mounted under /host/."""

from __future__ import annotations

from django.urls import path

from reservations import host_answers, host_views
from reservations.views import alterations

app_name = "reservations_host"
urlpatterns = [
    path("reservations/", host_views.reservation_list, name="list"),
    path("reservations/<str:code>/", host_views.reservation, name="reservation"),
    path("reservations/<str:code>/acceptance/", host_answers.acceptance, name="acceptance"),
    path("reservations/<str:code>/refusal/", host_answers.refusal, name="refusal"),
    path("reservations/<str:code>/cancellation/", host_views.cancellation, name="cancellation"),
    *alterations.addresses("host", "reservations/<str:code>/"),
]

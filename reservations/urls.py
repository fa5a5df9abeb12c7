"""Addresses of reservations for guests."""

from __future__ import annotations

from django.urls import path

from reservations import views
from reservations.views import alterations

app_name = "reservations"
urlpatterns = [
    path("reservations/", views.create, name="create"),
    path("reservations/<str:code>/checkout/", views.checkout, name="checkout"),
    path("reservations/<str:code>/extension/", views.extension, name="extension"),
    path("reservations/<str:code>/release/", views.release, name="release"),
    path("reservations/<str:code>/payment/return/", views.payment_return, name="payment_return"),
    path("trips/", views.trips, name="trips"),
    path("trips/<str:code>/", views.trip, name="trip"),
    path("trips/<str:code>/status/", views.trip_status, name="trip_status"),
    path("trips/<str:code>/cancellation/", views.cancellation, name="cancellation"),
    path("trips/<str:code>/receipt/", views.receipt, name="receipt"),
    *alterations.addresses("guest", "trips/<str:code>/"),
    path(
        "trips/<str:code>/alterations/<str:alteration>/payment/",
        alterations.alteration_payment,
        name="alteration_payment",
    ),
    path(
        "trips/<str:code>/alterations/<str:alteration>/payment/return/",
        alterations.alteration_return,
        name="alteration_return",
    ),
]

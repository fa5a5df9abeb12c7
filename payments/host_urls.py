"""Addresses of earnings, mounted under /host/."""

from __future__ import annotations

from django.urls import path

from payments import host_views

app_name = "payments_host"
urlpatterns = [
    path("earnings/", host_views.earnings, name="earnings"),
    path("earnings/statement.csv", host_views.statement, name="statement"),
    path("earnings/bank-account/", host_views.bank_account, name="bank_account"),
    path("earnings/bank-account/withdrawal/", host_views.withdrawal, name="withdrawal"),
]

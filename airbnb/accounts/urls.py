"""Addresses of a person's own pages, beside allauth's."""

from __future__ import annotations

from django.urls import include, path

from airbnb.accounts import views

urlpatterns = [
    path("account/profile/", views.profile, name="account_profile"),
    path("account/tokens/", views.tokens, name="account_tokens"),
    path("account/tokens/<str:prefix>/revocation/", views.token_revocation, name="account_token_revocation"),
    path("account/", include("allauth.account.urls")),
    path("host/start/", views.host_start, name="host_start"),
]

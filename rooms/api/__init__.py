"""Rooms over HTTP: the same services and queries as the pages, the contract's shapes."""

from __future__ import annotations

from rooms.api.urls import urlpatterns

__all__ = ["urlpatterns"]

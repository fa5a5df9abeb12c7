"""Reservations over HTTP: hold, pay, look, alter, cancel. The same services and the same errors as the pages."""

from __future__ import annotations

from reservations.api import alterations, reservations

urlpatterns = [*alterations.urlpatterns, *reservations.urlpatterns]

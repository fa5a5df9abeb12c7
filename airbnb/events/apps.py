"""App configuration of the event bus."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EventsConfig(AppConfig):
    """The bus has tables of its own: the stored events and one delivery a listener."""

    name = "airbnb.events"
    label = "events"
    verbose_name = _("Events")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system check of the views."""
        from airbnb.events import checks  # noqa: F401  (registers itself)

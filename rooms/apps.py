"""The rooms app: subscribes its projections when Django starts."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RoomsConfig(AppConfig):
    """Rooms, their calendar, their prices and the search."""

    name = "rooms"
    verbose_name = _("Rooms")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Importing the module registers its listeners on the bus."""
        from rooms import projections  # noqa: F401

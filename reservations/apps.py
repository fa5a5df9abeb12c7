"""The reservations app: connects its reactions and projections to the bus."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReservationsConfig(AppConfig):
    """Registers what this context does when something happens elsewhere."""

    name = "reservations"
    verbose_name = _("Reservations")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Import the reactions and projections, which register themselves."""
        from reservations import projections, reactions  # noqa: F401  (imported for their effect)

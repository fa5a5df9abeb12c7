"""App configuration of payments."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import module_has_submodule
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    """Connects the context to the bus."""

    name = "payments"
    verbose_name = _("Payments")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Import what listens."""
        for listening in ("reactions", "projections"):
            if module_has_submodule(self.module, listening):
                import_module(f"{self.name}.{listening}")

"""App configuration of the notifications context."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    """Connects the reactions when Django is ready."""

    name = "notifications"
    verbose_name = _("Notifications")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Import what listens to events."""
        from notifications import reactions  # noqa: F401  (imported for its effect)

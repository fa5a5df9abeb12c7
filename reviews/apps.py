"""App configuration of the reviews context."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReviewsConfig(AppConfig):
    """Connects the reactions when Django is ready."""

    name = "reviews"
    verbose_name = _("Reviews")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Import what listens to events."""
        from reviews import reactions  # noqa: F401  (imported for its effect)

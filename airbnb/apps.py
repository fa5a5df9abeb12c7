"""The project's own app: its management commands and template tags; loads Celery with Django."""

from __future__ import annotations

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    """Registers the Celery app as the default, so that shared tasks bind to it."""

    name = "airbnb"
    verbose_name = "Binbang"

    def ready(self) -> None:
        """Import the Celery app, which declares itself the default."""
        from airbnb import celery  # noqa: F401  (imported for its effect)

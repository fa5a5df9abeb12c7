"""App configuration of the running checks."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InvariantsConfig(AppConfig):
    """Keeps when everything was checked last, and what was found."""

    name = "airbnb.invariants"
    label = "invariants"
    verbose_name = _("Invariants")
    default_auto_field = "django.db.models.BigAutoField"

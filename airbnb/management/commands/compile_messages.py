"""``compile_messages``: write the binary catalogues (they are not kept in version control)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from airbnb import catalogs


class Command(BaseCommand):
    """Compile both languages without GNU gettext."""

    help = "Compile locale/*/django.po for Django."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Compile."""
        for path in catalogs.compile_all():
            if options["verbosity"] > 1:
                self.stdout.write(str(path))

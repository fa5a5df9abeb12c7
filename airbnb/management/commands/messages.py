"""``messages``: bring the translation catalogues up to date; ``--check`` says what is missing and exits 1."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from airbnb import catalogs


class Command(BaseCommand):
    """Extract words for translators, or check that none is missing."""

    help = "Update locale/*/django.po from code and templates; --check only reports."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Report or write."""
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Update or check both languages."""
        if not options["check"]:
            for language in catalogs.LANGUAGES:
                self.stdout.write(f"{language}: {len(catalogs.update(language))} messages")
        wrong = [f"the id of a message is Korean: {each!r}" for each in catalogs.korean_ids()]
        for language in catalogs.LANGUAGES:
            wrong += catalogs.faults(language)
        for line in wrong:
            self.stderr.write(line)
        if wrong and options["check"]:
            raise CommandError(f"{len(wrong)} faults in the translations")
        if not wrong:
            self.stdout.write("translations are complete")

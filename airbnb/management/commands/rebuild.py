"""``rebuild VIEW``: throw a read model away and replay the stored events into it, while it is being read."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from airbnb.events.projections import REGISTER, rebuild


class Command(BaseCommand):
    """Rebuild one read model, or all."""

    help = "Rebuild a read model from the stored events; `rebuild all` rebuilds each in turn."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which one."""
        parser.add_argument("view", metavar="VIEW")

    def handle(self, *args: Any, **options: Any) -> None:
        """Rebuild; an unknown name lists the known ones."""
        names = sorted(REGISTER) if options["view"] == "all" else [options["view"]]
        for name in names:
            if name not in REGISTER:
                raise CommandError(f"no read model {name}; there are: {', '.join(sorted(REGISTER))}")
            begun = time.perf_counter()
            count = rebuild(name)
            self.stdout.write(f"{name}: {count} events in {time.perf_counter() - begun:.2f} s")

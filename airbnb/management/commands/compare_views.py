"""``compare_views [VIEW] [--share 0.01]``: whether the read models say what their events say; exit 1 when not."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from airbnb.events import drift
from airbnb.events.projections import REGISTER


class Command(BaseCommand):
    """Compare one read model, or all, with a rebuild that is rolled back."""

    help = "Compare read models with what the stored events give; exits 1 and names the parts that differ."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which, and how much of it."""
        parser.add_argument("view", metavar="VIEW", nargs="?")
        parser.add_argument("--share", type=float, default=1.0, help="of all parts, chosen by chance; 1 is all")

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare and print."""
        names = [options["view"]] if options["view"] else sorted(REGISTER)
        differs = False
        for name in names:
            if name not in REGISTER:
                raise CommandError(f"no read model {name}; there are: {', '.join(sorted(REGISTER))}")
            if REGISTER[name].parts is None:
                continue
            found = drift.compare(name, share=options["share"])
            drift.note(found)
            differs = differs or bool(found.keys)
            shown = ", ".join(str(key) for key in found.keys[: drift.SHOWN_KEYS])
            self.stdout.write(f"{name}: {found.checked} compared, {len(found.keys)} differ {shown}".rstrip())
        if differs:
            sys.exit(1)

"""Move a reservation into the past on the local stack, so that the timers must notice."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from airbnb.errors import DomainError
from reservations.services import backdate


class Command(BaseCommand):
    """``backdate_reservation CODE [--days N] [--seconds S]``; refused outside DEBUG and the local stack."""

    help = "Moves one reservation, its nights and its diary into the past. Only with DEBUG or on the local stack."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The code, and how far."""
        parser.add_argument("code")
        parser.add_argument("--days", type=int, default=0)
        parser.add_argument("--seconds", type=int, default=0)

    def handle(self, *args: Any, **options: Any) -> None:
        """Move it and say where it stands now."""
        if not (settings.DEBUG or settings.LOCAL_STACK):
            raise CommandError("backdate_reservation works only with DEBUG or on the local stack")
        try:
            moved = backdate(code=options["code"], days=options["days"], seconds=options["seconds"])
        except DomainError as refused:
            raise CommandError(f"{refused.code}: {refused}") from refused
        self.stdout.write(f"{moved.code} {moved.status} {moved.check_in} {moved.check_out}")

"""``seed_demo [--rooms N] [--no-pictures]``: fill an empty site with a demonstration."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from airbnb.demo.places import places
from airbnb.demo.seeding import seed


class Command(BaseCommand):
    """Rooms, people, bookings in every state and reviews, through the services; a second run changes nothing."""

    help = "Fill an empty site with invented rooms, people, bookings and reviews."

    def add_arguments(self, parser: CommandParser) -> None:
        """How much of it."""
        parser.add_argument("--rooms", type=int, default=len(places()), help="how many rooms (default: all)")
        parser.add_argument("--no-pictures", action="store_true", help="draw no photographs")

    def handle(self, *args: Any, rooms: int, no_pictures: bool, **options: Any) -> None:
        """Seed, and say how long it took. Refuses where real guests are, and without a payment sandbox."""
        if settings.PRODUCTION:
            raise CommandError("this is production: the demonstration is for empty sites")
        if not settings.STRIPE_API_BASE:
            raise CommandError("no payment sandbox: start the stack, or set STRIPE_API_BASE")
        begun = time.perf_counter()
        seed(rooms, with_pictures=not no_pictures, say=self.stdout.write)
        self.stdout.write(f"done in {time.perf_counter() - begun:.1f} s")

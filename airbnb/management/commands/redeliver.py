"""``redeliver``: give deliveries that were given up a fresh set of attempts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from airbnb.events.models import Delivery
from airbnb.events.redelivering import redeliver


class Command(BaseCommand):
    """Deliver again, singly, by event, by listener or by date."""

    help = "Deliver dead letters again; narrow them with the options. Done deliveries are never run twice."

    def add_arguments(self, parser: CommandParser) -> None:
        """What to narrow by."""
        parser.add_argument("--delivery", type=int)
        parser.add_argument("--event", help="the id of one event")
        parser.add_argument("--name", help="an event's name, e.g. ReservationConfirmed")
        parser.add_argument("--listener")
        parser.add_argument("--since", type=datetime.fromisoformat, help="ISO 8601; UTC when no zone is given")
        parser.add_argument("--until", type=datetime.fromisoformat, help="the same, not later than")
        parser.add_argument("--queue", help="of one context, e.g. notifications")
        parser.add_argument("--pending", action="store_true", help="also those that wait for their next attempt")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make them pending at once and wake the workers."""
        chosen = Delivery.objects.exclude(status=Delivery.Status.DONE)
        if not options["pending"]:
            chosen = chosen.dead()
        for option, field in (
            ("delivery", "pk"),
            ("event", "event_id"),
            ("name", "event__name"),
            ("listener", "listener"),
            ("queue", "queue"),
        ):
            if options[option] is not None:
                chosen = chosen.filter(**{field: options[option]})
        for option, lookup in (("since", "event__occurred_at__gte"), ("until", "event__occurred_at__lte")):
            moment = options[option]
            if moment is not None:
                chosen = chosen.filter(**{lookup: moment if moment.tzinfo else moment.replace(tzinfo=UTC)})
        try:
            count = redeliver(chosen)
        except ValueError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{count} deliveries will run again")

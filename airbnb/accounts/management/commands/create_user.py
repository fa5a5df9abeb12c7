"""``create_user EMAIL --password P``: a verified account that can sign in at once."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from airbnb.accounts.services import AddressTaken, create_user


class Command(BaseCommand):
    """Make an account without asking."""

    help = "Make a verified account that can sign in at once."

    def add_arguments(self, parser: CommandParser) -> None:
        """Address, password and roles."""
        parser.add_argument("email")
        parser.add_argument("--password", required=True)
        parser.add_argument("--name", default="")
        parser.add_argument("--host", action="store_true")
        parser.add_argument("--operator", action="store_true")
        parser.add_argument("--language", choices=["ko", "en"], default="ko")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it; an address that is taken or malformed is an error."""
        try:
            validate_email(options["email"])
            user = create_user(
                options["email"],
                options["password"],
                name=options["name"],
                host=options["host"],
                operator=options["operator"],
                language=options["language"],
            )
        except (AddressTaken, ValidationError) as error:
            raise CommandError("; ".join(getattr(error, "messages", [str(error)]))) from error
        self.stdout.write(user.email)

"""``create_api_token EMAIL [--scope S]…``: prints a new token and nothing else."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from airbnb.accounts.models import ApiToken, User
from airbnb.accounts.services import create_token
from airbnb.errors import Invalid


class Command(BaseCommand):
    """Make a token for an account."""

    help = "Print a new API token for an account, and only the token."

    def add_arguments(self, parser: CommandParser) -> None:
        """The account and the scopes; without any, all that its roles allow."""
        parser.add_argument("email")
        parser.add_argument("--scope", action="append", choices=ApiToken.Scope.values, dest="scopes")
        parser.add_argument("--name", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it and print it."""
        user = User.objects.filter(email=options["email"].strip().lower()).first()
        if user is None:
            raise CommandError(f"there is no account {options['email']}")
        scopes = options["scopes"] or ["read", "book", "host"] + (["operate"] if user.is_operator else [])
        try:
            self.stdout.write(create_token(user, scopes, options["name"]))
        except Invalid as error:
            raise CommandError(str(error.errors["scopes"][0])) from error

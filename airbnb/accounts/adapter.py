"""How allauth behaves here."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Allauth's own behaviour with this product's form of a new account."""

    def populate_username(self, request: Any, user: Any) -> None:
        """People have no user names here."""

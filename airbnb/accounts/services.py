"""Writes on accounts: make one, become a host, make and close API tokens."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from airbnb import clock
from airbnb.accounts.models import ApiToken, User
from airbnb.errors import Conflict, Invalid

TOKEN_PREFIX = "bb_"  # noqa: S105  (a marker that secret scanners can look for, not a secret)


class AddressTaken(Conflict):
    """An account with this address is already there."""

    code = "address_taken"
    title = _("There is already an account with this address")


def create_user(
    email: str,
    password: str,
    *,
    name: str = "",
    host: bool = False,
    operator: bool = False,
    language: str = "ko",
) -> User:
    """A verified account that can sign in at once; raises AddressTaken. For operators and for programs."""
    email = email.strip().lower()
    with transaction.atomic():
        if User.objects.filter(email=email).exists():
            raise AddressTaken()
        user = User.objects.create_user(
            email,
            password,
            name=name,
            is_host=host,
            is_operator=operator,
            is_superuser=operator,
            language=language,
        )
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def become_host(user: User) -> None:
    """Let this person register rooms; doing it twice changes nothing."""
    User.objects.filter(pk=user.pk).update(is_host=True)
    user.is_host = True


def digest_of(token: str) -> str:
    """What is stored of a token. It has 256 random bits, so a plain hash cannot be turned back."""
    return hashlib.sha256(token.encode()).hexdigest()


def create_token(user: User, scopes: Iterable[str], name: str = "") -> str:
    """A new token, returned this once and never again; raises Invalid for an unknown or a missing scope."""
    wanted = sorted(set(scopes))
    if not wanted or set(wanted) - set(ApiToken.Scope.values):
        raise Invalid({"scopes": [_("Choose at least one of: read, book, host, operate")]})
    if "operate" in wanted and not user.is_operator:
        raise Invalid({"scopes": [_("Only an operator's token can act as an operator")]})
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    ApiToken.objects.create(user=user, name=name, digest=digest_of(token), prefix=token[:9], scopes=wanted)
    return token


def revoke_token(user: User, prefix: str) -> bool:
    """Close one of the person's own tokens; False when there is none of that beginning."""
    tokens = ApiToken.objects.filter(user=user, prefix=prefix, revoked_at=None)
    at = clock.now()
    for token in tokens:
        token.revoke(at)
    return bool(tokens)

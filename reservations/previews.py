"""Signed previews of a cancellation: what was shown is what is done, for ten minutes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.core import signing

SALT = "reservations.cancellation-preview"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a token says: this much comes back for this reservation when this person cancels."""

    code: str
    actor_id: int
    by: str
    amount_minor: int
    at: datetime


class BadToken(ValueError):
    """The token was not made here, or was changed."""


def seal(shown: Shown) -> str:
    """The token."""
    return signing.dumps([shown.code, shown.actor_id, shown.by, shown.amount_minor, shown.at.isoformat()], salt=SALT)


def unseal(token: str) -> Shown:
    """What it says, however old it is; raises :class:`BadToken`."""
    try:
        code, actor_id, by, amount_minor, at = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError) as bad:
        raise BadToken() from bad
    return Shown(code, actor_id, by, amount_minor, datetime.fromisoformat(at))

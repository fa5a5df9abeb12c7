"""One press of a button acts once, however often the browser sends it: a key that can be claimed a single time."""

from __future__ import annotations

from airbnb.accounts.models import IdempotencyKey, User


def claim(user: User, key: str, about: str) -> bool:
    """Whether this is the first time that ``user`` sends ``key``; the database's uniqueness decides.

    A page that sends no key (it was written by hand) is always let through: the service itself never pays twice
    at one time.
    """
    if not key:
        return True
    _row, made = IdempotencyKey.objects.get_or_create(
        caller=f"page:{user.pk}", key=key, defaults={"fingerprint": about[:64]}
    )
    return made

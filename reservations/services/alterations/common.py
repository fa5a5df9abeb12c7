"""What proposing and deciding share: whose side somebody is on, and ending what is dead before anything else."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from airbnb.accounts.models import User
from airbnb.errors import NotFound
from reservations.models import Alteration, AlterationStatus, Reservation
from reservations.services.alterations import applying
from reservations.services.records import role_of


def party(reservation: Reservation, actor: User) -> str:
    """Guest or host; an operator decides nothing here."""
    by = role_of(reservation, actor)
    if by == "operator":
        raise NotFound()
    return by


def close_if_over(reservation: Reservation, found: Alteration, at: datetime) -> bool:
    """End what is dead by now, swept or not; the caller raises once this is committed."""
    if found.is_over(at):
        applying.close(reservation, found, AlterationStatus.EXPIRED, by="system", at=at)
        return True
    if found.status in ("proposed", "accepted") and applying.why_not_now(reservation, found, at):
        applying.close(reservation, found, AlterationStatus.OVERTAKEN, by="system", at=at)
        return True
    return False


def hours(setting: str) -> timedelta:
    """A time of the house in hours."""
    return timedelta(hours=settings.BINBANG[setting])

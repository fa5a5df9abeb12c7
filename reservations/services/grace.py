"""Operators give part of a price back although no terms do: chosen line by line, shown, and then done once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.utils.translation import gettext_lazy as _

from airbnb import clock, db
from airbnb.accounts.models import User
from airbnb.errors import Invalid, NotFound
from airbnb.events.bus import publish
from airbnb.money import Money
from reservations import grace
from reservations.events import GraceGiven
from reservations.models import Reservation
from reservations.models.reservation import Actor
from reservations.services.records import locked, told
from reservations.services.refusals import NothingLeft, PreviewInvalid, PreviewOver
from reservations.states import PAID, Status

SALT = "reservations.grace-preview"
LONGEST_REASON = 300
PAID_ONCE = (*PAID, Status.CANCELLED)


@dataclass(frozen=True, slots=True)
class GraceLine:
    """A line of a bill, and what of it is left to give back, in minor units."""

    line: dict[str, Any]
    left_minor: int


@dataclass(frozen=True, slots=True)
class GracePreview:
    """What goes back, and why, if the operator confirms it with the token."""

    reservation: str
    amount: Money
    lines: list[dict[str, Any]]
    reason: str
    token: str


def lines_left(code: str) -> list[GraceLine]:
    """The lines of a bill with what is left of each, in their order. Raises NotFound, NothingLeft."""
    reservation = Reservation.objects.filter(code=code).first()
    if reservation is None:
        raise NotFound()
    return _lines_left(reservation)


def _lines_left(reservation: Reservation) -> list[GraceLine]:
    if reservation.status not in PAID_ONCE or not reservation.left_minor:
        raise NothingLeft()
    left = grace.left_of(reservation.lines, reservation.refund_lines, reservation.graced_lines)
    most = reservation.left_minor
    return [GraceLine(line, min(minor, most)) for line, minor in zip(reservation.lines, left, strict=True)]


def preview_grace(code: str, operator: User, sums: Mapping[int, int], reason: str) -> GracePreview:
    """What of which line would go back: ``sums`` in minor units by the number of the line. Writes nothing.

    Raises Invalid when a sum is more than is left or there is none, or no reason; NotFound, NothingLeft.
    """
    if not operator.is_operator:
        raise NotFound()
    reservation = Reservation.objects.filter(code=code).first()
    if reservation is None:
        raise NotFound()
    reason = reason.replace("\0", "").strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise Invalid({"reason": [_("Write why, in at most 300 characters: guest and host read it")]})
    lines = _chosen(reservation, sums)
    sealed = [code, operator.pk, reservation.version, sorted(sums.items()), reason, clock.now().isoformat()]
    return GracePreview(
        reservation=code,
        amount=Money(grace.sum_of(lines), reservation.currency),
        lines=lines,
        reason=reason,
        token=signing.dumps(sealed, salt=SALT),
    )


def _chosen(reservation: Reservation, sums: Mapping[int, int]) -> list[dict[str, Any]]:
    left = _lines_left(reservation)
    chosen = {number: minor for number, minor in sums.items() if minor}
    if not chosen:
        raise Invalid({"lines": [_("Choose what goes back")]})
    for number, minor in chosen.items():
        if not 0 <= number < len(left) or not 0 < minor <= left[number].left_minor:
            raise Invalid({"lines": [_("That is more than is left of this line")]})
    if sum(chosen.values()) > reservation.left_minor:
        raise Invalid({"lines": [_("That is more than is left of what was paid")]})
    return [grace.with_sum(left[number].line, minor) for number, minor in sorted(chosen.items())]


def give_grace(code: str, operator: User, token: str) -> Reservation:
    """Do what the preview said, once: recorded, signed in the diary, told; payments owes it to the guest.

    Asking again with what has done it already changes nothing. Raises PreviewInvalid for another's token, PreviewOver
    when the reservation has changed since or ten minutes have passed, NotFound, NothingLeft. Takes its lock.
    """
    if not operator.is_operator:
        raise NotFound()
    with db.write():
        reservation = locked(code)
        version, sums, reason, shown_at = _unsealed(token, code, operator)
        if _was_done(reservation, version, operator, reason, sums):
            return reservation
        at = clock.now()
        if reservation.version != version or at > shown_at + timedelta(minutes=settings.BINBANG["PREVIEW_MINUTES"]):
            raise PreviewOver()
        lines = _chosen(reservation, sums)
        reservation.give_back(lines, at=at, actor=Actor("operator", operator.pk), reason=reason)
        publish(
            GraceGiven(
                **told(reservation), amount_minor=grace.sum_of(lines), lines=lines, reason=reason, by_id=operator.pk
            )
        )
    return reservation


def _unsealed(token: str, code: str, operator: User) -> tuple[int, dict[int, int], str, datetime]:
    try:
        sealed_code, actor, version, sums, reason, at = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError) as bad:
        raise PreviewInvalid() from bad
    if (sealed_code, actor) != (code, operator.pk):
        raise PreviewInvalid()
    return version, dict(sums), reason, datetime.fromisoformat(at)


def _was_done(reservation: Reservation, version: int, operator: User, reason: str, sums: Mapping[int, int]) -> bool:
    """Whether the change that followed the preview is the one that it showed."""
    entry = reservation.transitions.filter(version=version + 1).first()
    if entry is None or (entry.actor, entry.actor_id, entry.reason) != ("operator", operator.pk, reason):
        return False
    given = {(*grace.key_of(line), grace.minor_of(line)) for line in reservation.graced_lines}
    agreed = dict(enumerate(reservation.lines))
    return all(
        number in agreed and (*grace.key_of(agreed[number]), minor) in given for number, minor in sums.items() if minor
    )

"""While a gateway rests a change that its guest would pay for is kept; when it is back they are asked to pay (N3)."""

from __future__ import annotations

from datetime import datetime

from airbnb import clock, db
from airbnb.events.bus import publish
from payments import queries as payments
from reservations.events import AlterationPayable, AlterationPayLater
from reservations.instants import iso
from reservations.models import Alteration, AlterationWait, Reservation
from reservations.models.alteration import WAITING
from reservations.services.alterations import applying
from reservations.services.records import locked, told


def kept_while_resting(code: str, found: Alteration | None) -> tuple[Alteration, int] | None:
    """The change, kept, and how many seconds the gateway rests at least; None when it can be paid, or is over."""
    resting = payments.rest_now(found.currency) if found is not None else None
    if found is None or resting is None:
        return None
    kept = _keep_for_later(code, found.code)
    return None if kept is None else (kept, resting.retry_after_s)


def ask_for_difference(*, code: str, alteration: str) -> None:
    """Payments are back: tell the guest, if there is still something to pay."""
    with db.write():
        reservation, found, at = _locked(code, alteration)
        if _is_payable(reservation, found, at):
            until = iso(found.expires_at)
            publish(AlterationPayable(**told(reservation), **applying.facts(found), expires_at=until))


def _keep_for_later(code: str, alteration: str) -> Alteration | None:
    """Keep it two hours from its first try at least, and tell that once, however often it is tried meanwhile."""
    with db.write():
        reservation, found, at = _locked(code, alteration)
        if not _is_payable(reservation, found, at):
            return None
        wait, begun = AlterationWait.note(found, at)
        until = applying.kept_until(reservation, found, wait.began_at)
        if until > found.expires_at:
            found.prolong(until=until)
        if begun:
            publish(AlterationPayLater(**told(reservation), **applying.facts(found), expires_at=iso(until)))
    return found


def _is_payable(reservation: Reservation, found: Alteration, at: datetime) -> bool:
    waits = found.status in WAITING and not found.is_over(at)
    return waits and not applying.why_not_now(reservation, found, at)


def _locked(code: str, alteration: str) -> tuple[Reservation, Alteration, datetime]:
    reservation = locked(code)
    found = reservation.alterations.select_for_update(of=("self",)).get(code=alteration)
    return reservation, found, clock.now()

"""Cancelling: the refund is shown first, and exactly that is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from airbnb import clock, db
from airbnb.accounts.models import User
from airbnb.errors import Invalid, NotFound
from airbnb.events.bus import publish
from airbnb.money import Money
from reservations.cancellation import Refund, Step, host_keeps, next_deadline, refund_for, steps_of, tax_of
from reservations.events import ReservationCancelled, ReservationCancelRequested
from reservations.models import Reservation
from reservations.models.reservation import Actor
from reservations.previews import BadToken, Shown, seal, unseal
from reservations.services.alterations import applying as alterations
from reservations.services.records import locked, role_of, told
from reservations.services.refusals import NotCancellable, PreviewInvalid, PreviewOver
from reservations.states import Status
from rooms import calendar

CANCELLABLE = (Status.CONFIRMED, Status.IN_STAY)
# A guest takes a request back that nobody answered yet: nothing was charged, so nothing comes back.
WITHDRAWN = "request_withdrawn"


@dataclass(frozen=True, slots=True)
class Preview:
    """What comes back if ``by`` cancels now, good until ``expires_at``; ``deadline``: when the terms next fall."""

    reservation: str
    by: str
    refund: Money
    lines: list[dict[str, Any]]
    rule: str
    steps: list[Step]
    deadline: datetime | None
    token: str
    expires_at: datetime


def preview_cancellation(code: str, actor: User) -> Preview:
    """The refund of this moment with a token for ten minutes. Writes nothing. Raises NotCancellable, NotFound."""
    reservation = Reservation.objects.filter(code=code).first()
    if reservation is None:
        raise NotFound()
    by = role_of(reservation, actor)
    at = clock.now()
    _require_cancellable(reservation, by, at)
    refund = _refund(reservation, at, by)
    agreement = None if reservation.is_open_request else reservation.agreement()
    return Preview(
        reservation=code,
        by=by,
        refund=refund.amount,
        lines=list(refund.lines),
        rule=refund.rule,
        steps=steps_of(agreement) if agreement else [],
        deadline=next_deadline(agreement, at) if agreement and by == "guest" else None,
        token=seal(Shown(code, actor.pk, by, refund.amount.amount_minor, at)),
        expires_at=at + _preview_time(),
    )


def cancel(code: str, actor: User, token: str, reason: str = "") -> Reservation:
    """Do what the preview said: nights freed (a host's stay blocked), the refund due recorded and told.

    Asking again with what has cancelled it already is answered with the cancelled reservation, and nothing is done:
    an answer may have been lost on its way. Raises Invalid without a token, PreviewInvalid for another's, PreviewOver
    when it no longer holds, NotCancellable, NotFound. Takes the reservation lock.
    """
    with db.write():
        reservation = locked(code)
        by = role_of(reservation, actor)
        shown = _read(token)
        if (shown.code, shown.actor_id, shown.by) != (code, actor.pk, by):
            raise PreviewInvalid()
        if _cancelled_by(reservation, shown):
            return reservation
        at = clock.now()
        _require_cancellable(reservation, by, at)
        refund = _refund(reservation, shown.at, by)
        if at > shown.at + _preview_time() or refund.amount.amount_minor != shown.amount_minor:
            raise PreviewOver()
        _carry_out(reservation, Actor(by, actor.pk), refund, reason, at)
    return reservation


def _require_cancellable(reservation: Reservation, by: str, at: datetime) -> None:
    """What stands can be cancelled by its parties, a request that is still open by its guest."""
    withdrawn = by == "guest" and reservation.is_open_request and not reservation.answer_is_over(at)
    if reservation.status not in CANCELLABLE and not withdrawn:
        raise NotCancellable()


def _refund(reservation: Reservation, at: datetime, by: str) -> Refund:
    if reservation.status == Status.REQUESTED:
        return Refund(Money.zero(reservation.currency), (), WITHDRAWN)
    return refund_for(reservation.agreement(), at=at, by=by)


def _cancelled_by(reservation: Reservation, shown: Shown) -> bool:
    """Whether this person has cancelled it within the time of this preview, with just this refund."""
    if reservation.status != Status.CANCELLED or reservation.cancelled_at is None:
        return False
    done = (reservation.cancelled_by, reservation.changed_by_id, reservation.refund_due_minor)
    in_time = shown.at <= reservation.cancelled_at <= shown.at + _preview_time()
    return in_time and done == (shown.by, shown.actor_id, shown.amount_minor)


def _carry_out(reservation: Reservation, actor: Actor, refund: Refund, reason: str, at: datetime) -> None:
    reason = reason.replace("\0", "").strip()[:300]
    agreed = Money(reservation.host_payout_minor, reservation.currency)
    kept = host_keeps(reservation.agreement(), refund, agreed)
    publish(ReservationCancelRequested(**told(reservation), by=actor.kind, by_id=actor.id, reason=reason))
    reservation.cancel(
        at=at,
        actor=actor,
        reason=reason,
        refund=refund.amount,
        rule=refund.rule,
        lines=list(refund.lines),
    )
    calendar.free_nights(reservation.code, keep_blocked=actor.kind == "host")
    alterations.overtake(reservation, by=actor.kind, at=at)
    publish(
        ReservationCancelled(
            **told(reservation),
            by=actor.kind,
            by_id=actor.id,
            reason=reason,
            refund_due_minor=refund.amount.amount_minor,
            refund_rule=refund.rule,
            refund_lines=list(refund.lines),
            payment_id=str(reservation.payment_id) if reservation.payment_id else None,
            host_payout_minor=kept.amount_minor,
            tax_minor=tax_of(reservation.lines) - tax_of(refund.terms_lines),
        )
    )


def _read(token: str) -> Shown:
    if not token:
        raise Invalid({"token": [_("Look at the refund first: its token is missing")]})
    try:
        return unseal(token)
    except BadToken as bad:
        raise PreviewInvalid() from bad


def _preview_time() -> timedelta:
    return timedelta(minutes=settings.BINBANG["PREVIEW_MINUTES"])


def cancel_as_operator(code: str, operator: User, reason: str) -> Reservation:
    """Cancel with everything back, as an operator does it without a preview. Raises NotCancellable, NotFound."""
    if not operator.is_operator:
        raise NotFound()
    with db.write():
        reservation = locked(code)
        if reservation.status not in CANCELLABLE:
            raise NotCancellable()
        at = clock.now()
        refund = refund_for(reservation.agreement(), at=at, by="operator")
        _carry_out(reservation, Actor("operator", operator.pk), refund, reason, at)
    return reservation

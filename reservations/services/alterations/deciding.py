"""Deciding a proposal: yes, no, or taken back. A difference to pay is charged when the guest says so.

A guest accepts by paying, a host's yes is followed by the guest's payment; what comes back is owed in the step that
applies it. A payment that fails leaves the stay as it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from airbnb import clock, db
from airbnb.accounts.models import User
from airbnb.errors import Invalid, NotFound
from airbnb.events.bus import publish
from payments import charging
from payments import queries as payment_queries
from reservations.events import AlterationAccepted
from reservations.instants import iso
from reservations.models import Alteration, AlterationStatus, Reservation
from reservations.models.reservation import Actor
from reservations.services.alterations import applying
from reservations.services.alterations.common import close_if_over, hours, party
from reservations.services.alterations.waiting import kept_while_resting
from reservations.services.paying import MAX_DECLINED
from reservations.services.records import locked, told
from reservations.services.refusals import AlterationOver, NotYours, PaymentInProgress, TooManyAttempts


@dataclass(frozen=True, slots=True)
class AlterOutcome:
    """``status``: applied, accepted (to be paid), paying (not yet known), requires_action, declined or unavailable."""

    status: str
    alteration: Alteration
    decline_code: str = ""
    action_url: str = ""
    retry_after: int | None = None


def accept_alteration(
    *, code: str, alteration: str, actor: User, payment_method: str = "", return_url: str = ""
) -> AlterOutcome:
    """The other side says yes. Nothing to pay: the stay changes at once. A guest who has to pay does so here.

    A host's yes to a change that costs more asks the guest to pay within ALTERATION_PAY_HOURS; nothing changes before.
    Again by the same side answers how it stands. Must be called outside a transaction. Raises AlterationOver, NotYours
    for one's own proposal, Invalid without a payment method where one is needed, TooManyAttempts, NotFound.
    """
    if payment_method:
        resting = _resting(code, alteration, actor, status=AlterationStatus.PROPOSED, proposed_by="host")
        if resting is not None:
            return resting
    with db.write():
        reservation, found, by = _locked(code, alteration, actor)
        if by != found.answered_by:
            raise NotYours()
        at = clock.now()
        over = close_if_over(reservation, found, at)
        payment_id = None
        if not over and found.status == AlterationStatus.PROPOSED:
            payment_id = _say_yes(reservation, found, by, actor, at, payment_method, return_url)
    return _charge(found, payment_id, by, over=over)


def pay_alteration(*, code: str, alteration: str, guest: User, payment_method: str, return_url: str) -> AlterOutcome:
    """The guest pays the difference that the host has agreed to. Twice charges once. Raises as accepting does."""
    resting = _resting(code, alteration, guest, status=AlterationStatus.ACCEPTED)
    if resting is not None:
        return resting
    with db.write():
        reservation, found, by = _locked(code, alteration, guest)
        if by != "guest":
            raise NotFound()
        over = close_if_over(reservation, found, clock.now())
        if not over and found.status == AlterationStatus.PROPOSED:
            raise NotYours()
        payment_id = None
        if not over and found.status == AlterationStatus.ACCEPTED:
            payment_id = _begin_payment(reservation, found, guest, payment_method, return_url)
    return _charge(found, payment_id, by, over=over)


def decline_alteration(*, code: str, alteration: str, actor: User) -> Alteration:
    """The other side says no; again is quiet. Raises AlterationOver, NotYours, NotFound."""
    return _end(code, alteration, actor, AlterationStatus.DECLINED)


def withdraw_alteration(*, code: str, alteration: str, actor: User) -> Alteration:
    """The proposer takes it back; a guest may also leave an accepted one unpaid. Raises as declining does."""
    return _end(code, alteration, actor, AlterationStatus.WITHDRAWN)


def _resting(code: str, alteration: str, payer: User, **stands: str) -> AlterOutcome | None:
    """While the gateway is known to rest no payment is begun: the change is kept and the guest is told at once (N3)."""
    mine = Alteration.objects.filter(code=alteration, reservation__code=code, reservation__guest=payer, **stands)
    kept = kept_while_resting(code, mine.filter(difference_minor__gt=0).first())
    return None if kept is None else AlterOutcome("unavailable", kept[0], retry_after=kept[1])


def _end(code: str, alteration: str, actor: User, outcome: AlterationStatus) -> Alteration:
    with db.write():
        reservation, found, by = _locked(code, alteration, actor)
        mine = found.answered_by if outcome == AlterationStatus.DECLINED else found.proposed_by
        if by != mine:
            raise NotYours()
        if found.status == outcome:
            return found
        at = clock.now()
        over = close_if_over(reservation, found, at)
        if found.status == AlterationStatus.PAYING:
            raise PaymentInProgress()
        if not over:
            _require_may_end(found, outcome)
            applying.close(reservation, found, outcome, by=by, at=at)
    if over:
        raise AlterationOver(alteration=found.code, outcome=str(found.status))
    return found


def _require_may_end(found: Alteration, outcome: AlterationStatus) -> None:
    """A host's yes stands until it is paid or its time is over: only the guest may still withdraw."""
    if found.status == AlterationStatus.ACCEPTED and outcome == AlterationStatus.WITHDRAWN:
        return
    if found.status != AlterationStatus.PROPOSED:
        raise AlterationOver(alteration=found.code, outcome=str(found.status))


def _say_yes(
    reservation: Reservation,
    found: Alteration,
    by: str,
    actor: User,
    at: datetime,
    payment_method: str,
    return_url: str,
) -> str | None:
    """Apply it, or ask for the money; returns the payment that is to be sent, if the guest pays now."""
    if found.difference_minor <= 0:
        applying.apply(reservation, found, actor=Actor(by, actor.pk), at=at)
        return None
    if by == "guest":
        return _begin_payment(reservation, found, actor, payment_method, return_url)
    new = (found.check_in_at, found.check_out_at)
    bound = applying.bound_of((reservation.check_in_at, reservation.check_out_at), new)
    found.accept(at=at, until=min(at + hours("ALTERATION_PAY_HOURS"), bound))
    publish(AlterationAccepted(**told(reservation), **applying.facts(found), expires_at=iso(found.expires_at)))
    return None


def _begin_payment(
    reservation: Reservation, found: Alteration, guest: User, payment_method: str, return_url: str
) -> str:
    if not payment_method:
        raise Invalid({"payment_method": [_("Choose how you will pay")]})
    if found.declined_payments >= MAX_DECLINED:
        raise TooManyAttempts()
    payment_id = charging.prepare(
        reservation=reservation.code,
        guest_id=guest.pk,
        amount=found.difference,
        method=payment_method,
        return_url=return_url,
        purpose=found.purpose,
    )
    found.begin_payment(UUID(payment_id))
    return payment_id


def _charge(found: Alteration, payment_id: str | None, by: str, *, over: bool) -> AlterOutcome:
    """Send the payment if there is one, then say how it stands. No transaction may be open."""
    if over or not (found.is_open or found.status == AlterationStatus.APPLIED):
        raise AlterationOver(alteration=found.code, outcome=str(found.status))
    if payment_id is None:
        return _standing(found)
    charged = charging.charge(payment_id)
    return _outcome(Alteration.objects.select_related("reservation").get(pk=found.pk), charged)


def _standing(found: Alteration) -> AlterOutcome:
    """How it stands when nothing was sent by this call."""
    if found.status != AlterationStatus.PAYING:
        return AlterOutcome(str(found.status), found)
    known = payment_queries.payments_of(found.reservation.code)
    payment = next((each for each in known if each.id == str(found.payment_id)), None)
    if payment is not None and payment.status == "requires_action":
        return AlterOutcome("requires_action", found, action_url=payment.action_url or "")
    return AlterOutcome("paying", found)


def _outcome(found: Alteration, charged: charging.ChargeOutcome) -> AlterOutcome:
    """What the guest is told; the stay was changed by the reactions to the payment's own events."""
    if found.status == AlterationStatus.APPLIED:
        return AlterOutcome("applied", found)
    if charged.status == "unavailable":
        return AlterOutcome("unavailable", found, retry_after=charged.retry_after_s or 30)
    if charged.status == "declined":
        return AlterOutcome("declined", found, decline_code=charged.decline_code or "")
    if charged.status == "approved":
        return AlterOutcome("declined", found, decline_code="refused")
    if charged.status == "requires_action":
        return AlterOutcome("requires_action", found, action_url=charged.action_url or "")
    return AlterOutcome("paying", found)


def _locked(code: str, alteration: str, actor: User) -> tuple[Reservation, Alteration, str]:
    """The reservation and its alteration under the reservation's lock, and who asks. Raises NotFound."""
    reservation = locked(code)
    by = party(reservation, actor)
    found = reservation.alterations.filter(code=alteration).select_for_update(of=("self",)).first()
    if found is None:
        raise NotFound()
    return reservation, found, by

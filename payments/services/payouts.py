"""Paying hosts: released when due, sent once under its own key, recorded once; operators hold and send again."""

from __future__ import annotations

from functools import partial

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from airbnb import clock, correlation, db
from airbnb.errors import Conflict
from airbnb.events.bus import publish
from airbnb.money import Money
from payments import ledger
from payments.events import PayoutFailed, PayoutHeld, PayoutSent
from payments.gateways.port import KnownTransfer, TransferOutcome
from payments.models import Earning, Payee, Payout
from payments.services.clawbacks import held_of, host_lock, owed_to, recover_from
from payments.services.posting import post
from payments.states import HeldFor, PayoutStatus

log = structlog.get_logger(__name__)

# Refusals that later may not be ones; any other is about the account, and its host must act.
PASSING = ("balance_insufficient", "lock_timeout", "gateway_error")
UNDER_WAY = (PayoutStatus.SENDING, PayoutStatus.UNKNOWN)


class PayoutNotOpen(Conflict):
    """This cannot be done to a payout that is on its way, sent or cancelled."""

    code = "payout_not_open"
    title = _("This payout is on its way, sent or cancelled")


def release_payout(payout_id: str) -> bool:
    """Its time has come: book the line's part of the guest's money to host, tax and house; False when it has not.

    Exactly once, by the ledger's source and the line's state. Takes the reservation lock.
    """
    with db.write():
        payout = _locked(payout_id)
        at = clock.now()
        if payout is None or payout.status != PayoutStatus.SCHEDULED or payout.due_at > at:
            return False
        earning = Earning.objects.select_for_update(of=("self",)).get(pk=payout.earning_id)
        host_lock(payout.host_id)
        held = Money(min(payout.gross_minor, held_of(payout.reservation, payout.currency)), payout.currency)
        if held or payout.amount_minor:
            entries = ledger.released(held, payout.split, payout.host_id)
            post(source_type="release", source_id=str(payout.pk), reservation=payout.reservation, entries=entries)
        earning.release(payout.split)
        earning.save()
        payout.release(at=at)
        payout.correlation_id = correlation.current()
        payout.save()
        if payout.status == PayoutStatus.READY:
            transaction.on_commit(partial(_send_soon, payout_id), robust=True)
        return True


def begin_payout(payout_id: str) -> Payout | None:
    """Before the network: settle what goes out and to whom, once, and write it down; None when nothing is to be sent.

    What the host owes is kept back first. Without an account in force the payout waits. Takes the locks of the
    reservation and of the host.
    """
    with db.write():
        payout = _locked(payout_id)
        at = clock.now()
        if payout is None or payout.next_attempt_at > at:
            return None
        if payout.status in UNDER_WAY:
            payout.try_once(at=at)
        elif not _may_begin(payout) or not _begin(payout):
            return None
        payout.save()
        return payout


def _may_begin(payout: Payout) -> bool:
    waits = payout.status == PayoutStatus.HELD and payout.held_for == HeldFor.NO_PAYEE
    return waits or payout.status == PayoutStatus.READY


def _begin(payout: Payout) -> bool:
    """Whether it is to be sent now; the row is saved where it is not."""
    at = clock.now()
    payee = Payee.objects.in_force(payout.host_id, at)
    if payee is None:
        _wait_for_payee(payout)
        return False
    host_lock(payout.host_id)
    amount = recover_from(payout)
    if not amount:
        payout.net(at=at)
        payout.save()
        return False
    if amount > owed_to(payout.host_id, payout.currency):
        log.error("payout_beyond_what_is_owed", payout=str(payout.pk), reservation=payout.reservation)
        payout.status, payout.held_for = PayoutStatus.HELD, HeldFor.BALANCE
        payout.save()
        return False
    payout.begin(payee, amount, at=at)
    _post(payout, "payout_begun", ledger.payout_begun(payout.sending, payout.host_id))
    return True


def _wait_for_payee(payout: Payout) -> None:
    """Kept until there are bank details in force; the host is told once."""
    fresh = payout.wait_for_payee(at=clock.now())
    coming = Payee.objects.coming(payout.host_id, clock.now())
    if coming is not None and coming.in_force_from is not None:
        payout.next_attempt_at = min(payout.next_attempt_at, coming.in_force_from)
    payout.save()
    if fresh and coming is None:
        publish(
            PayoutHeld(
                payout_id=str(payout.pk),
                reservation=payout.reservation,
                host_id=payout.host_id,
                amount_minor=payout.amount_minor,
                currency=payout.currency,
                reason=str(payout.held_for),
            )
        )


def record_payout(payout_id: str, outcome: TransferOutcome) -> Payout:
    """The outcome, its ledger and its event in one transaction; repeating it changes nothing.

    Takes the reservation lock.
    """
    with db.write():
        payout = _locked(payout_id)
        assert payout is not None
        if payout.status in UNDER_WAY:
            _apply(payout, outcome)
            payout.save()
        return payout


def _apply(payout: Payout, outcome: TransferOutcome) -> None:
    at = clock.now()
    if outcome.known == KnownTransfer.SENT:
        _sent(payout, outcome.gateway_ref)
    elif outcome.known == KnownTransfer.FAILED:
        _failed(payout, outcome.failure_code or "refused")
    elif outcome.known == KnownTransfer.SPENT:
        _came_back(payout, "gateway_error", final=False)
    else:
        payout.wait(known=outcome.known == KnownTransfer.UNREACHABLE, at=at)


def _sent(payout: Payout, gateway_ref: str) -> None:
    assert payout.payee is not None
    payout.arrive(gateway_ref, at=clock.now())
    _post(payout, "payout_settled", ledger.payout_settled(payout.sending, payout.payee.gateway))
    publish(
        PayoutSent(
            payout_id=str(payout.pk),
            reservation=payout.reservation,
            host_id=payout.host_id,
            amount_minor=payout.send_minor,
            recovered_minor=payout.amount_minor - payout.send_minor,
            currency=payout.currency,
            bank=payout.payee.bank,
            last4=payout.payee.last4,
        )
    )


def _failed(payout: Payout, code: str) -> None:
    _came_back(payout, code, final=code not in PASSING)
    if payout.status != PayoutStatus.FAILED:
        return
    log.error("payout_failed", payout=str(payout.pk), reservation=payout.reservation, code=code)
    publish(
        PayoutFailed(
            payout_id=str(payout.pk),
            reservation=payout.reservation,
            host_id=payout.host_id,
            amount_minor=payout.send_minor,
            currency=payout.currency,
            code=code,
        )
    )


def _came_back(payout: Payout, code: str, *, final: bool) -> None:
    """The host is owed it again, and the next sending has a key and a booking of its own."""
    host_lock(payout.host_id)
    _post(payout, "payout_failed", ledger.payout_failed(payout.sending, payout.host_id))
    payout.come_back(code, final=final, at=clock.now())


def send_payout_again(payout_id: str) -> bool:
    """An operator sends a failed payout once more, under a new key; False when it has not failed."""
    with db.write():
        payout = _locked(payout_id)
        stopped = payout is not None and (
            payout.status == PayoutStatus.FAILED
            or (payout.status == PayoutStatus.HELD and payout.held_for == HeldFor.BALANCE)
        )
        if payout is None or not stopped:
            return False
        payout.send_again(at=clock.now())
        payout.save()
        transaction.on_commit(partial(_send_soon, payout_id), robust=True)
        return True


def hold_payout(payout_id: str, note: str) -> None:
    """An operator keeps a payout from being sent, with a reason. Raises PayoutNotOpen once it may be on its way."""
    with db.write():
        payout = _locked(payout_id)
        if payout is None or payout.status not in (
            PayoutStatus.SCHEDULED,
            PayoutStatus.READY,
            PayoutStatus.HELD,
            PayoutStatus.FAILED,
        ):
            raise PayoutNotOpen()
        payout.hold(note)
        payout.save()


def let_payout_go(payout_id: str) -> bool:
    """The operator's hold is over; False when there was none."""
    with db.write():
        payout = _locked(payout_id)
        if payout is None or payout.held_for != HeldFor.OPERATOR:
            return False
        payout.let_go(at=clock.now())
        payout.save()
        if payout.status == PayoutStatus.READY:
            transaction.on_commit(partial(_send_soon, payout_id), robust=True)
        return True


def wake_payouts(host_id: int) -> int:
    """New bank details: what waits for them, or failed on the old ones, goes out once they are in force.

    Returns how many there are. Takes the locks of all their reservations, in order.
    """
    with db.write():
        stopped = Payout.objects.filter(host_id=host_id).filter(
            Q(status=PayoutStatus.FAILED) | Q(status=PayoutStatus.HELD, held_for=HeldFor.NO_PAYEE)
        )
        codes = list(stopped.values_list("reservation", flat=True))
        if not codes:
            return 0
        db.lock(*(f"reservation:{code}" for code in codes))
        at = clock.now()
        coming = Payee.objects.coming(host_id, at)
        begins = coming.in_force_from if coming is not None and coming.in_force_from else at
        woken = 0
        for payout in stopped.select_for_update(of=("self",)):
            failed = payout.status == PayoutStatus.FAILED
            payout.send_again(at=begins if failed else at)
            payout.save()
            woken += 1
            if payout.next_attempt_at <= at:
                transaction.on_commit(partial(_send_soon, str(payout.pk)), robust=True)
        return woken


def _locked(payout_id: str) -> Payout | None:
    """The payout under its reservation's lock, the first statement of the transaction."""
    code = Payout.objects.filter(pk=payout_id).values_list("reservation", flat=True).first()
    if code is None:
        return None
    db.reservation_lock(code)
    return Payout.objects.select_for_update(of=("self",)).get(pk=payout_id)


def _post(payout: Payout, what: str, entries: list[ledger.Entry]) -> None:
    """Once per payout and generation: one that came back and is sent again moves the money again."""
    post(source_type=what, source_id=payout.source_id, reservation=payout.reservation, entries=entries)


def _send_soon(payout_id: str) -> None:
    from payments.payout_tasks import send_soon

    send_soon(payout_id)

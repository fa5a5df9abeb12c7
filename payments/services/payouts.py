"""Paying hosts: released when due, sent once under its own key, recorded once; operators hold and send again."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

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
from payments.refusals import RETURNED_CODE
from payments.services.clawbacks import held_of, host_lock, owed_to, recover_from
from payments.services.posting import post
from payments.states import ASK_EVERY, HeldFor, PayoutStatus

log = structlog.get_logger(__name__)

# Why operators are told that a payout is not sent, beside what a gateway may say.
BOOKS, GATEWAY_BALANCE, PARTLY_RETURNED = "balance", "gateway_balance", "partly_returned"
UNDER_WAY = (PayoutStatus.SENDING, PayoutStatus.UNKNOWN)
CALLS_A_PAYOUT = 2


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
        payout.wait_for_books()
        _say_held(payout, BOOKS)
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
        publish(PayoutHeld(**_facts(payout, payout.amount_minor), reason=str(payout.held_for)))


def _say_held(payout: Payout, reason: str) -> None:
    """Those who must act are told once per payout and reason."""
    if payout.tell(reason):
        log.error("payout_held", payout=str(payout.pk), reservation=payout.reservation, reason=reason)
        publish(PayoutHeld(**_facts(payout, payout.amount_minor), reason=reason))


def _facts(payout: Payout, amount_minor: int) -> dict[str, Any]:
    """What every event of a payout tells."""
    return {
        "payout_id": str(payout.pk),
        "reservation": payout.reservation,
        "host_id": payout.host_id,
        "amount_minor": amount_minor,
        "currency": payout.currency,
    }


def send_payouts_that_waited(*, gateway: str, per_minute: float, after: timedelta) -> timedelta:
    """As refunds that waited, for payouts under way to a gateway that is back: each is looked for, then sent."""
    with db.write():
        at = clock.now()
        waiting = Payout.objects.filter(payee__gateway=gateway, status__in=UNDER_WAY)
        payouts = list(waiting.select_for_update(skip_locked=True, of=("self",)).order_by("due_at", "pk"))
        every = timedelta(minutes=CALLS_A_PAYOUT / per_minute)
        for number, each in enumerate(payouts):
            each.next_attempt_at = at + after + number * every
        Payout.objects.bulk_update(payouts, ["next_attempt_at"], batch_size=500)
        return after + len(payouts) * every


def record_payout(payout_id: str, outcome: TransferOutcome) -> Payout:
    """The outcome, its ledger and its event in one transaction; repeating it changes nothing.

    One that is under way is decided; one that was sent may still come back. Takes the reservation lock.
    """
    with db.write():
        payout = _locked(payout_id)
        assert payout is not None
        if payout.status in UNDER_WAY:
            _apply(payout, outcome)
            payout.save()
        elif payout.status == PayoutStatus.SENT and payout.gateway_ref == outcome.gateway_ref:
            _look_after(payout, outcome)
            payout.save()
        return payout


def _apply(payout: Payout, outcome: TransferOutcome) -> None:
    at = clock.now()
    if outcome.known == KnownTransfer.SENT:
        _sent(payout, outcome.gateway_ref)
    elif outcome.known == KnownTransfer.RETURNED:
        _failed(payout, RETURNED_CODE)
    elif outcome.known == KnownTransfer.FAILED:
        _failed(payout, outcome.failure_code or "refused")
    elif outcome.known == KnownTransfer.SPENT:
        _failed(payout, "gateway_error")
    else:
        payout.wait(known=outcome.known == KnownTransfer.UNREACHABLE, at=at)


def _sent(payout: Payout, gateway_ref: str) -> None:
    assert payout.payee is not None
    payout.arrive(gateway_ref, at=clock.now())
    _post(payout, "payout_settled", ledger.payout_settled(payout.sending, payout.payee.gateway))
    publish(
        PayoutSent(
            **_facts(payout, payout.send_minor),
            recovered_minor=payout.amount_minor - payout.send_minor,
            bank=payout.payee.bank,
            last4=payout.payee.last4,
        )
    )


def _look_after(payout: Payout, outcome: TransferOutcome) -> None:
    """What was sent is there, or came back: then the host is owed it again. A part that came back is for a person."""
    assert payout.payee is not None
    if outcome.known == KnownTransfer.RETURNED:
        host_lock(payout.host_id)
        entries = ledger.payout_returned(payout.sending, payout.payee.gateway, payout.host_id)
        _post(payout, "payout_returned", entries)
        payout.be_returned(at=clock.now())
        _say_failed(payout)
        return
    payout.ask_again(at=clock.now() + ASK_EVERY)
    if outcome.returned_minor and payout.tell(PARTLY_RETURNED):
        log.error("payout_partly_returned", payout=str(payout.pk), returned_minor=outcome.returned_minor)
        publish(PayoutHeld(**_facts(payout, outcome.returned_minor), reason=PARTLY_RETURNED))


def _failed(payout: Payout, code: str) -> None:
    """The host is owed it again, and the next sending has a key and a booking of its own."""
    host_lock(payout.host_id)
    _post(payout, "payout_failed", ledger.payout_failed(payout.sending, payout.host_id))
    payout.come_back(code, at=clock.now())
    if payout.status == PayoutStatus.FAILED:
        _say_failed(payout)
    elif payout.is_short:
        _say_held(payout, GATEWAY_BALANCE)


def _say_failed(payout: Payout) -> None:
    code = payout.failure_code
    log.error("payout_failed", payout=str(payout.pk), reservation=payout.reservation, code=code)
    if payout.tell(code):
        publish(PayoutFailed(**_facts(payout, payout.send_minor), code=code, cause=str(payout.cause)))


def send_payout_again(payout_id: str) -> bool:
    """An operator sends a payout once more that failed, or that waits for money of ours; False for any other.

    Under a new key, at once.
    """
    with db.write():
        payout = _locked(payout_id)
        if payout is None or not _is_stopped(payout):
            return False
        payout.send_again(at=clock.now())
        payout.save()
        transaction.on_commit(partial(_send_soon, payout_id), robust=True)
        return True


def _is_stopped(payout: Payout) -> bool:
    for_books = payout.status == PayoutStatus.HELD and payout.held_for == HeldFor.BALANCE
    return payout.status == PayoutStatus.FAILED or for_books or payout.is_short


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

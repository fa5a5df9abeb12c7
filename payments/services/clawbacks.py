"""Who bears a refund: what is held for the guest, and once the stay's money was released, its host and the house."""

from __future__ import annotations

from django.db.models import F, Sum

from airbnb import clock, db
from airbnb.money import Money
from payments import ledger
from payments.models import Clawback, Earning, LedgerEntry, Payout, Recovery
from payments.schedules import Split, taken_back


def refund_entries(*, reservation: str, source: str, amount: Money) -> list[ledger.Entry]:
    """The ledger entries of a refund that is promised now, once per ``source``.

    Before the release it is taken from what is held. What is held no longer is taken from the host (who owes it from
    the next payouts, as a clawback), the tax and the house. Runs under the reservation lock; takes the host's.
    """
    db.require_transaction()
    missing = amount.amount_minor - min(amount.amount_minor, held_of(reservation, amount.currency))
    earning = Earning.objects.select_for_update(of=("self",)).filter(reservation=reservation).first()
    if not missing or earning is None:
        return ledger.refund_promised(amount)
    back = taken_back(earning.released, earning.agreed, missing)
    over = (earning.released - earning.agreed).floored
    earning.release(Split() - Split(min(missing, over.gross), back.host, back.tax))
    earning.save()
    if back.host:
        host_lock(earning.host_id)
        _owe(earning, source, back.host)
    return ledger.refund_promised(amount, back=back, host_id=earning.host_id)


def _owe(earning: Earning, source: str, minor: int) -> None:
    Clawback.objects.create(
        earning=earning,
        host_id=earning.host_id,
        source=source,
        amount_minor=minor,
        currency=earning.currency,
        created_at=clock.now(),
    )


def recover_from(payout: Payout) -> int:
    """Keep back from a payout what its host owes, oldest debt first; returns what is left to send, in minor units.

    Runs under the host's lock.
    """
    left = payout.amount_minor - _recovered(payout)
    owed = Clawback.objects.filter(host_id=payout.host_id, currency=payout.currency)
    for debt in owed.filter(recovered_minor__lt=F("amount_minor")).order_by("created_at", "id").select_for_update():
        taken = min(left, debt.open_minor)
        if not taken:
            break
        debt.recover(taken)
        debt.save()
        Recovery.objects.create(payout=payout, clawback=debt, amount_minor=taken, created_at=clock.now())
        left -= taken
    return left


def _recovered(payout: Payout) -> int:
    return int(payout.recoveries.aggregate(sum=Sum("amount_minor"))["sum"] or 0)


def host_lock(host_id: int) -> None:
    """What a host is owed changes under this lock, which is taken after the reservation's and before no other."""
    db.lock(f"host_payable:{host_id}")


def held_of(reservation: str, currency: str) -> int:
    """What is held for a reservation, in minor units; never below zero."""
    rows = LedgerEntry.objects.filter(
        transaction__reservation=reservation, account__kind=ledger.GUEST_FUNDS_HELD, account__currency=currency
    )
    return max(0, -int(rows.aggregate(sum=Sum("amount_minor"))["sum"] or 0))


def owed_to(host_id: int, currency: str) -> int:
    """What the books say a host is owed, in minor units; below zero when they owe."""
    rows = LedgerEntry.objects.filter(
        account__kind=ledger.HOST_PAYABLE, account__owner=ledger.host_owner(host_id), account__currency=currency
    )
    return -int(rows.aggregate(sum=Sum("amount_minor"))["sum"] or 0)

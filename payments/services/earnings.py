"""What a stay brings its host, as its reservation goes: planned, planned again, and moved on the local stack.

All of it runs in the transaction that changes the reservation, under its lock, so that nothing is ever released by a
plan that no longer holds.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from airbnb import clock, correlation, db
from payments.models import Earning, Payout
from payments.models.payout import UNRELEASED
from payments.schedules import Instalment, Split, instalments, spread
from payments.states import PayoutStatus


def plan_payouts(*, reservation: str, host_id: int, split: Split, check_in_at: datetime, facts: dict[str, Any]) -> None:
    """The reservation stands: plan what its host gets and when; repeating it plans nothing anew.

    ``facts`` are the room's title, the dates, the zone and the currency. Runs under the reservation lock.
    """
    db.require_transaction()
    if Earning.objects.filter(reservation=reservation).exists():
        return
    earning = Earning(
        reservation=reservation, host_id=host_id, check_in_at=check_in_at, created_at=clock.now(), **facts
    )
    earning.agree(split)
    earning.save(force_insert=True)
    _arrange(earning)


def plan_again(
    *, reservation: str, split: Split, check_in: date, check_out: date, check_in_at: datetime | None = None
) -> None:
    """The stay was altered: what is not released yet follows its dates and sums. Runs under the reservation lock."""
    earning = _earning(reservation)
    if earning is None:
        return
    earning.check_in_at = check_in_at or earning.check_in_at + timedelta(days=(check_in - earning.check_in).days)
    earning.check_in, earning.check_out = check_in, check_out
    earning.agree(split)
    earning.save()
    _arrange(earning)


def keep_only(*, reservation: str, split: Split) -> None:
    """The stay was cancelled and ``split`` is what remains of it: the rest is never released.

    Runs under the reservation lock. What was released beyond it is taken back with the refund.
    """
    earning = _earning(reservation)
    if earning is None:
        return
    earning.cancelled = True
    earning.agree(split)
    earning.save()
    _arrange(earning)


def move_payouts(*, reservation: str, check_in: date, check_out: date, by: timedelta) -> None:
    """On the local stack the stay was moved ``by`` into the past; what is not released yet goes with it."""
    earning = _earning(reservation)
    if earning is None:
        return
    earning.check_in, earning.check_out = check_in, check_out
    earning.check_in_at -= by
    earning.save()
    for payout in _payouts(earning):
        if payout.status in UNRELEASED:
            payout.move(payout.due_at - by, at=clock.now())
            payout.save()


def _earning(reservation: str) -> Earning | None:
    db.require_transaction()
    return Earning.objects.select_for_update(of=("self",)).filter(reservation=reservation).first()


def _payouts(earning: Earning) -> list[Payout]:
    return list(earning.payouts.select_for_update(of=("self",)).order_by("number"))


def _arrange(earning: Earning) -> None:
    """Spread what is not released yet over the instalments that are still to come; lines beyond them are cancelled."""
    lines = {each.number: each for each in _payouts(earning)}
    rest = (earning.agreed - earning.released).floored
    coming = _to_come(earning, lines) if rest.gross else []
    parts = spread(rest, [each.nights for each in coming]) if coming else []
    for instalment, part in zip(coming, parts, strict=True):
        line = lines.pop(instalment.number, None) or _new_line(earning, instalment)
        line.plan(part, due_at=instalment.due_at, at=clock.now())
        line.save()
    for line in lines.values():
        if line.status == PayoutStatus.SCHEDULED:
            line.cancel()
            line.save()


def _to_come(earning: Earning, lines: dict[int, Payout]) -> list[Instalment]:
    """The instalments whose lines are not released. A cancelled stay has one left, the earliest; where all are
    released and something came on top, it is a further line with the last one's time."""
    planned = instalments(earning.check_in, earning.check_out, earning.check_in_at, earning.time_zone)
    done = {number for number, line in lines.items() if line.status not in UNRELEASED}
    coming = [each for each in planned if each.number not in done]
    if not coming:
        coming = [Instalment(max(done) + 1, planned[-1].nights, planned[-1].due_at)]
    return coming[:1] if earning.cancelled else coming


def _new_line(earning: Earning, instalment: Instalment) -> Payout:
    return Payout(
        earning=earning,
        reservation=earning.reservation,
        number=instalment.number,
        host_id=earning.host_id,
        currency=earning.currency,
        created_at=clock.now(),
        correlation_id=correlation.current(),
    )

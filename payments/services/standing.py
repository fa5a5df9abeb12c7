"""How a gateway stands, written once for each change, with its event in the same transaction."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import structlog
from django.db import transaction
from django.db.models import Q

from airbnb import clock, correlation, db
from airbnb.accounts.models import User
from airbnb.events.bus import publish
from payments.events import PaymentsAvailable, PaymentsUnavailable
from payments.models import GatewayChange, GatewayState, Payment
from payments.states import PaymentStatus

log = structlog.get_logger(__name__)

RETRY_AFTER_S = 15
# What waited for a gateway that is back is asked about within this time, so many payments at most: with the time that
# finding it healthy takes, each is settled within a minute. The timer does the rest.
LOOKED_WITHIN = timedelta(seconds=30)
LOOK_AT_MOST = 200
CALLS_A_LOOK = 2


def note_standing(*, gateway: str, state: str, epoch: int | None, reason: str) -> int:
    """Make the row follow what the breaker found, and tell of it; returns the row's epoch.

    A report with a smaller or the same epoch changes nothing, so each opening is told once however many processes
    saw it. ``epoch`` None: found by a process while Redis was away; it counts when the row says otherwise.
    Takes a lock on the row.
    """
    with db.write():
        row = _locked(gateway)
        newer = row.epoch + (state != row.state) if epoch is None else epoch
        if newer <= row.epoch:
            return row.epoch
        rested = row.rests
        row.find(state, epoch=newer, reason=reason, at=clock.now())
        _keep(row, rested, by=None, reason=reason)
        return row.epoch


def force_gateway(*, gateway: str, forced: str, operator: User, reason: str) -> GatewayState:
    """An operator takes a gateway out (``open``), lets every call through (``closed``), or leaves it to the breaker
    (empty). The breaker learns it from the row. The reason is kept with who gave it."""
    with db.write():
        row = _locked(gateway)
        if row.forced == forced:
            return row
        rested = row.rests
        row.force(forced, by=operator.pk, reason=reason, at=clock.now())
        _keep(row, rested, by=operator.pk, reason=reason)
        return row


def look_at_what_waited(*, gateway: str, per_minute: float) -> timedelta:
    """Have the undecided payments of a gateway that is back asked about, evenly; after how long the last one is.

    So many calls a minute, oldest first, and more only where the last would else wait longer than
    :data:`LOOKED_WITHIN`. What never arrived is sent again, so a look takes two calls.
    """
    with db.write():
        due = Payment.objects.to_look_at(clock.now() + LOOKED_WITHIN)  # what is to be captured or let go as well
        undecided = Q(status__in=(PaymentStatus.PROCESSING, PaymentStatus.UNKNOWN)) | Q(pk__in=due.values("pk"))
        waited = Payment.objects.filter(undecided, gateway=gateway)
        ids = [str(pk) for pk in waited.order_by("created_at").values_list("pk", flat=True)[:LOOK_AT_MOST]]
        if not ids:
            return timedelta()
        every = min(timedelta(minutes=CALLS_A_LOOK / per_minute), LOOKED_WITHIN / len(ids))
        Payment.objects.filter(pk__in=ids).update(next_look_at=clock.now() + every * len(ids))
        transaction.on_commit(partial(_look_at_each, ids, every.total_seconds()), robust=True)
        return every * len(ids)


def _look_at_each(payment_ids: list[str], every_s: float) -> None:
    from payments.tasks import look_soon

    for number, payment_id in enumerate(payment_ids):
        look_soon(payment_id, after_s=number * every_s)


def know_gateway(*, gateway: str) -> GatewayState:
    """The gateway's row, made when it is new: so operators find every gateway before anything happened to it."""
    with db.write():
        return _locked(gateway)


def renumber_standing(*, gateway: str) -> GatewayState:
    """Give the row a greater number than a memory that has the same one for something else: the row prevails."""
    with db.write():
        row = _locked(gateway)
        row.epoch += 1
        row.save(update_fields=["epoch"])
        return row


def _locked(gateway: str) -> GatewayState:
    GatewayState.objects.get_or_create(gateway=gateway, defaults={"since": clock.now()})
    return GatewayState.objects.select_for_update(of=("self",)).get(pk=gateway)


def _keep(row: GatewayState, rested: bool, *, by: int | None, reason: str) -> None:
    row.save()
    GatewayChange.objects.create(
        gateway=row,
        at=clock.now(),
        state=row.state,
        forced=row.forced,
        rests=row.rests,
        epoch=row.epoch,
        reason=reason[:200],
        by_id=by,
        correlation_id=correlation.current(),
    )
    if row.rests == rested:
        return
    log.warning("gateway_rests" if row.rests else "gateway_is_back", gateway=row.gateway, reason=reason, by=by)
    if row.rests:
        publish(PaymentsUnavailable(gateway=row.gateway, retry_after_s=RETRY_AFTER_S))
    else:
        publish(PaymentsAvailable(gateway=row.gateway))

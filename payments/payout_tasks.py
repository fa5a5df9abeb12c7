"""Celery's part of payouts: released when due, then sent. Losing a message loses nothing; the tables are swept."""

from __future__ import annotations

import time

import structlog
from celery import shared_task

from airbnb import broker, clock
from payments import making_up, paying_out
from payments.models import Payout
from payments.services import release_payout

log = structlog.get_logger(__name__)

BATCH = 50
# A run stops taking on more after this long, so runs never pile up.
BUDGET_S = 25.0


def send_soon(payout_id: str) -> None:
    """Have a payout sent now."""
    broker.send(send_payout, [payout_id])


@shared_task(name="payments.send_payout")
def send_payout(payout_id: str) -> str:
    """Send one payout; returns how it stands, empty when there was nothing to send."""
    payout = paying_out.send(payout_id)
    return payout.status if payout is not None else ""


@shared_task(name="payments.plan_missing_payouts")
def plan_missing_payouts() -> int:
    """Plan the payouts of reservations that an earlier release confirmed without any; returns how many were."""
    ends = time.monotonic() + BUDGET_S
    planned = 0
    for code in making_up.without_plan(BATCH):
        if time.monotonic() > ends:
            break
        try:
            planned += making_up.plan_from_events(code)
        except Exception:
            log.exception("payouts_not_planned", reservation=code)
    return planned


@shared_task(name="payments.release_payouts")
def release_payouts() -> int:
    """Release every payout whose time has come; returns how many were."""
    ends = time.monotonic() + BUDGET_S
    due = Payout.objects.to_release(clock.now()).order_by("due_at").values_list("pk", flat=True)
    released = 0
    for payout_id in list(due[:BATCH]):
        if time.monotonic() > ends:
            break
        try:
            released += release_payout(str(payout_id))
        except Exception:
            log.exception("payout_not_released", payout=str(payout_id))
    return released


@shared_task(name="payments.send_payouts")
def send_payouts() -> int:
    """Send every payout whose time has come; returns how many were tried."""
    ends = time.monotonic() + BUDGET_S
    due = Payout.objects.to_send(clock.now()).order_by("next_attempt_at").values_list("pk", flat=True)
    tried = 0
    for payout_id in list(due[:BATCH]):
        if time.monotonic() > ends:
            break
        try:
            paying_out.send(str(payout_id))
        except Exception:
            log.exception("payout_not_sent", payout=str(payout_id))
        tried += 1
    return tried

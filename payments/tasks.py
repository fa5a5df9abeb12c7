"""Celery's part of payments: the network calls and the timers. Losing a message loses nothing; the tables are swept."""

from __future__ import annotations

import time
from datetime import timedelta

import structlog
from celery import shared_task

from airbnb import broker, clock, db
from payments import asking, charging, comparing, gateways, messages, refunding, services, watching
from payments.models import Payment, Refund, WebhookMessage
from payments.payout_tasks import plan_missing_payouts, release_payouts, send_payout, send_payouts

__all__ = [
    "plan_missing_payouts",
    "release_payouts",
    "send_payout",
    "send_payouts",
]  # Celery looks for tasks in this module

log = structlog.get_logger(__name__)

BATCH = 50
# A run stops taking on more after this long, so runs never pile up.
BUDGET_S = 25.0
LEASE = timedelta(seconds=30)
# So many refunds and as many payouts that are done are asked about a minute: 28,800 of each a day.
ASKED_A_RUN = 20
LOOK_SOON_S = 3


def look_soon(payment_id: str, *, after_s: float = LOOK_SOON_S) -> None:
    """Have a payment of unknown outcome asked about in a few seconds."""
    broker.send(settle_one, [payment_id], countdown=after_s or None)


def send_soon(refund_id: str) -> None:
    """Have a refund sent now."""
    broker.send(send_refund, [refund_id])


def work_soon(message_id: int, *, after_s: float = 0.0) -> None:
    """Have a gateway's message worked on now, or in a few seconds."""
    broker.send(work_webhook, [message_id], countdown=after_s or None)


@shared_task(name="payments.settle_one")
def settle_one(payment_id: str) -> str:
    """Ask what became of one payment; returns how it stands."""
    return charging.settle(payment_id).status


@shared_task(name="payments.settle_unknown")
def settle_unknown() -> int:
    """Ask about every payment whose outcome is not known and whose time has come; returns how many were asked."""
    ends = time.monotonic() + BUDGET_S
    asked = 0
    for payment_id in _claim_payments():
        if time.monotonic() > ends:
            break
        try:
            charging.settle(payment_id)
        except Exception:
            log.exception("settling_failed", payment=payment_id)
        asked += 1
    return asked


def _claim_payments() -> list[str]:
    """The ids due now, leased so that a second run does not ask at the same time."""
    with db.write():
        at = clock.now()
        due = Payment.objects.to_look_at(at).select_for_update(skip_locked=True, of=("self",)).order_by("next_look_at")
        ids = [str(pk) for pk in due.values_list("pk", flat=True)[:BATCH]]
        Payment.objects.filter(pk__in=ids).update(next_look_at=at + LEASE)
        return ids


@shared_task(name="payments.end_authorizations")
def end_authorizations() -> int:
    """Say of every authorisation that lapses within half a day that it must be decided; returns how many."""
    ending = Payment.objects.ending(clock.now() + services.ENDING).order_by("capture_before")
    return sum(services.tell_ending(str(pk)) for pk in list(ending.values_list("pk", flat=True)[:BATCH]))


@shared_task(name="payments.compare_books", acks_late=False, soft_time_limit=1740, time_limit=1800)
def compare_books() -> int:
    """Compare our payments with every gateway's own books; returns how many differences are left.

    Acknowledged at once, because on a large house it may take longer than the broker waits: hundreds of pages a
    gateway. One that dies is begun anew after its lease.
    """
    return sum(comparing.compare(name) for name in comparing.due())


@shared_task(name="payments.ask_again")
def ask_again() -> int:
    """Ask about refunds and payouts that are done, each once a day; returns how many were asked about."""
    return asking.ask_again(most=ASKED_A_RUN, seconds=BUDGET_S)


@shared_task(name="payments.send_refund")
def send_refund(refund_id: str) -> str:
    """Send one refund; returns how it stands, empty when there was nothing to send."""
    refund = refunding.send(refund_id)
    return refund.status if refund is not None else ""


@shared_task(name="payments.send_refunds")
def send_refunds() -> int:
    """Send every refund whose time has come; returns how many were tried."""
    ends = time.monotonic() + BUDGET_S
    due = Refund.objects.due(clock.now()).order_by("next_attempt_at").values_list("pk", flat=True)
    tried = 0
    for refund_id in list(due[:BATCH]):
        if time.monotonic() > ends:
            break
        try:
            refunding.send(str(refund_id))
        except Exception:
            log.exception("refund_not_sent", refund=str(refund_id))
        tried += 1
    return tried


@shared_task(name="payments.work_webhook")
def work_webhook(message_id: int) -> bool:
    """Work on one message of a gateway."""
    return messages.work(message_id)


@shared_task(name="payments.work_webhooks")
def work_webhooks() -> int:
    """Work on every message that waits; returns how many were done."""
    ends = time.monotonic() + BUDGET_S
    due = WebhookMessage.objects.due(clock.now()).order_by("next_attempt_at").values_list("pk", flat=True)
    done = 0
    for message_id in list(due[:BATCH]):
        if time.monotonic() > ends:
            break
        done += messages.work(message_id)
    return done


@shared_task(name="payments.watch_gateways")
def watch_gateways() -> dict[str, str]:
    """Keep breakers and rows in step, and probe what rests; returns how each gateway stands."""
    found = {}
    for name in gateways.in_use():
        try:
            found[name] = watching.watch(name).state
        except Exception:
            log.exception("watch_failed", gateway=name)
    return found

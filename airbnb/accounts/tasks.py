"""Timers of accounts."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task

from airbnb import clock
from airbnb.accounts.models import IdempotencyKey

KEPT_DAYS = 30


@shared_task(name="accounts.forget_old_keys")
def forget_old_keys() -> int:
    """Delete idempotency keys after 30 days (the contract promises 24 hours at least); returns how many."""
    return IdempotencyKey.objects.filter(begun_at__lt=clock.now() - timedelta(days=KEPT_DAYS)).delete()[0]

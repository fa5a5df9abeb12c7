"""Celery's part of notifications: send one at once, and look for what is due."""

from __future__ import annotations

from celery import shared_task

from notifications import services


@shared_task(name="notifications.send_one")
def send_one(delivery_id: int) -> bool:
    """Send one delivery, if it is still due."""
    return services.send(delivery_id=delivery_id)


@shared_task(name="notifications.send_due")
def send_due() -> int:
    """Send what is due and what a lost message left behind; returns how many went out."""
    return services.send_due()

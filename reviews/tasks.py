"""The timer of reviews."""

from __future__ import annotations

from celery import shared_task

from reviews import services


@shared_task(name="reviews.publish_due")
def publish_due() -> int:
    """Publish what waits in windows that are over; returns how many stays."""
    return services.publish_due()

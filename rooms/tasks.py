"""Celery's way in: work on photographs, and the slow turning of search calendars."""

from __future__ import annotations

from celery import shared_task

from rooms import services


@shared_task(name="rooms.process_photo")
def process_photo(photo_id: int) -> None:
    """Make the sizes of one uploaded photograph (queue ``media``)."""
    services.process_photo(photo_id)


@shared_task(name="rooms.find_waiting_photos")
def find_waiting_photos() -> None:
    """Pick up photographs whose message was lost."""
    services.waiting_photos()


@shared_task(name="rooms.roll_calendars")
def roll_calendars() -> int:
    """Let search calendars begin today."""
    return services.roll_calendars()

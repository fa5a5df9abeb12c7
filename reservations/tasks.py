"""The timers of this context; each scan may run as often as it likes."""

from __future__ import annotations

from celery import shared_task

from reservations import services


@shared_task(name="reservations.expire_holds")
def expire_holds() -> int:
    """Free the nights of holds that are over; returns how many."""
    return services.expire_holds()


@shared_task(name="reservations.end_requests")
def end_requests() -> int:
    """End requests that no host answered in time; returns how many."""
    return services.end_requests()


@shared_task(name="reservations.remind_hosts")
def remind_hosts() -> int:
    """Remind hosts of requests that end soon; returns how many reminders are sent."""
    return services.remind_hosts()


@shared_task(name="reservations.move_stays")
def move_stays() -> int:
    """Start and complete stays whose time has come; returns how many."""
    return services.move_stays()


@shared_task(name="reservations.expire_alterations")
def expire_alterations() -> int:
    """End proposed changes whose time is over and free their nights; returns how many."""
    return services.expire_alterations()


@shared_task(name="reservations.tend_waits")
def tend_waits() -> int:
    """Keep holds whose gateway rests and ask the next of those whose gateway is back; returns how many."""
    return services.tend_waits()

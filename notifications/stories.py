"""What a notification keeps of an event: plain facts, from which words can be written in any language later."""

from __future__ import annotations

from typing import Any

from airbnb.accounts import people
from airbnb.errors import NotFound
from reservations.events import ReservationEvent
from reservations.queries import StayFacts, trip_of


def of_event(event: ReservationEvent, **more: Any) -> dict[str, Any]:
    """The facts of a stay, and the names of its two people."""
    return {
        "code": event.reservation,
        "room": event.room_title_i18n,
        "room_slug": event.room_slug,
        "cover": event.cover,
        "check_in": event.check_in,
        "check_out": event.check_out,
        "guests": event.guests,
        "total_minor": event.total_minor,
        "currency": event.currency,
        "time_zone": event.time_zone,
        **_names(event.guest_id, event.host_id),
        **more,
    }


def of_stay(stay: StayFacts, **more: Any) -> dict[str, Any]:
    """The same facts, where the event does not carry them."""
    return {
        "code": stay.code,
        "room": stay.room_title_i18n,
        "room_slug": stay.room_slug,
        "check_in": stay.check_in.isoformat(),
        "check_out": stay.check_out.isoformat(),
        "guests": stay.guests,
        "total_minor": stay.total.amount_minor,
        "currency": stay.total.currency,
        "time_zone": stay.time_zone,
        **_names(stay.guest_id, stay.host_id),
        **more,
    }


def agreed(event: ReservationEvent) -> dict[str, Any]:
    """What was agreed and frozen: the bill's lines, the refund by time of cancelling, and the guest's message."""
    try:
        trip = trip_of(event.reservation, event.guest_id)
    except NotFound:
        return {}
    steps = [
        {"until": step.until.isoformat() if step.until else None, "amount_minor": step.amount.amount_minor}
        for step in trip.steps
    ]
    return {"lines": trip.lines, "steps": steps}


def _names(guest_id: int, host_id: int) -> dict[str, str]:
    known = people.people([guest_id, host_id])
    return {
        role: known[user_id].name if user_id in known else ""
        for role, user_id in (("guest", guest_id), ("host", host_id))
    }

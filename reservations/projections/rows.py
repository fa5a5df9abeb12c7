"""The trip's row as projections write it: found or made, locked, noted in its timeline, newest facts kept."""

from __future__ import annotations

from datetime import date
from typing import Any

from airbnb.events.bus import Event, envelope
from reservations import events as told
from reservations.instants import iso
from reservations.models import ShownRoom, Trip

# Raise it when rows mean something else than before: readers and a timer then make each row anew.
VERSION = 3
# These change what is shown, but are no part of the story.
UNSEEN = frozenset({"GuestIntroduced", "RecordTold"})
# Where a reservation stands after each of its events, for events of releases that did not carry the record.
STATUS = {
    "ReservationCreated": "held",
    "HoldExtended": "held",
    "HoldResumed": "held",
    "PaymentBegun": "paying",
    "ReservationRequested": "requested",
    "RequestAccepted": "requested",
    "ReservationConfirmed": "confirmed",
    "StayStarted": "in_stay",
    "StayCompleted": "completed",
    "ReservationExpired": "expired",
    "ReservationDeclined": "declined",
    "ReservationCancelled": "cancelled",
}
_ACTOR = {
    "ReservationCreated": "guest",
    "PaymentBegun": "guest",
    "HoldResumed": "gateway",
    "ReservationConfirmed": "gateway",
    "RequestAccepted": "host",
    "PaymentApproved": "gateway",
    "PaymentFailed": "gateway",
    "PaymentActionRequired": "gateway",
    "PaymentCancelled": "gateway",
    "RefundFailed": "gateway",
    "PaymentRefused": "system",
}


def seen(event: told.ReservationEvent, *, detail: str = "", actor: str = "") -> Trip:
    """The trip with this event's facts, if it knows none newer; the caller saves it."""
    trip = noted(event.reservation, event, detail=detail, actor=actor)
    name = type(event).__name__
    if trip.guest_id is None:
        _begin(trip, event)
    whole = trip.keep_record(event.revision, event.record)
    if event.revision > trip.revision or (event.revision == trip.revision and (whole or name in STATUS)):
        trip.revision = event.revision
        trip.status = event.record["status"] if whole else STATUS.get(name, trip.status)
        trip.check_in, trip.check_out = date.fromisoformat(event.check_in), date.fromisoformat(event.check_out)
        trip.guests, trip.total_minor = event.guests, event.total_minor
    return trip


def _begin(trip: Trip, event: told.ReservationEvent) -> None:
    """The facts that never change, and the room as it was booked or as it was seen since."""
    trip.guest_id, trip.host_id = event.guest_id, event.host_id
    trip.room_id, trip.room_code = event.room_id, event.room_code
    trip.currency, trip.time_zone = event.currency, event.time_zone
    room = ShownRoom.objects.filter(room_id=event.room_id).first()
    if room is not None:
        trip.room_slug, trip.room_title_i18n, trip.room_cover = (
            room.room_slug,
            room.room_title_i18n,
            room.room_cover,
        )
        trip.room_as_of = room.as_of
    else:
        trip.room_slug, trip.room_title_i18n = event.room_slug, event.room_title_i18n
        trip.room_cover = event.cover


def noted(code: str, event: Event, *, detail: str = "", actor: str = "", minor: int | None = None) -> Trip:
    """The locked row, made if need be, with the event in its timeline; the caller saves it.

    ``minor``: the sum of money that it was about, in the reservation's currency.
    """
    trip = locked(code)
    about, name = envelope(), type(event).__name__
    if name not in UNSEEN:
        entry: dict[str, Any] = {
            "id": str(about.id),
            "at": iso(about.occurred_at),
            "event": name,
            "actor": actor or _ACTOR.get(name, "system"),
            "detail": detail,
            "correlation_id": about.correlation_id,
        }
        trip.note(entry if minor is None else entry | {"minor": minor})
    trip.last_event_at = max(trip.last_event_at or about.occurred_at, about.occurred_at)
    trip.changes += 1
    return trip


def locked(code: str) -> Trip:
    """The trip's row, made if it is new, locked until the transaction ends."""
    Trip.objects.bulk_create([Trip(reservation_id=code, schema=VERSION)], ignore_conflicts=True)
    return Trip.objects.select_for_update().get(reservation_id=code)

"""The trip view, made from events in whatever order they come; the same event twice changes nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from airbnb.events.bus import Envelope, Event, envelope, when
from airbnb.events.projections import Projection, register
from payments import events as paid
from reservations import events as told
from reservations.instants import iso
from reservations.models import ShownRoom, Trip
from rooms.events import RoomModified, RoomRegistered

# Where a reservation stands after each of its events.
_STATUS = {
    "ReservationCreated": "held",
    "HoldExtended": "held",
    "HoldResumed": "held",
    "PaymentBegun": "paying",
    "ReservationRequested": "requested",
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
    "ReservationDeclined": "host",
    "PaymentApproved": "gateway",
    "PaymentFailed": "gateway",
    "PaymentActionRequired": "gateway",
    "PaymentCancelled": "gateway",
    "RefundFailed": "gateway",
    "PaymentRefused": "system",
}
# What of the payment is known later is worth more; between equals the later event counts.
_PAYMENT_RANK = {
    "none": 0, "processing": 1, "unknown": 1, "requires_action": 2, "declined": 3, "authorized": 3,
    "voided": 4, "captured": 5, "partially_refunded": 6, "refunded": 7,
}  # fmt: skip


@when(told.ReservationCreated)
def show_created(event: told.ReservationCreated) -> None:
    """A new trip."""
    trip = _seen(event)
    trip.created_at = envelope().occurred_at
    _save(trip)


@when(told.HoldExtended)
def show_extended(event: told.HoldExtended) -> None:
    """The hold lasts longer."""
    _save(_seen(event, detail="pay_later" if event.pay_later else ""))


@when(told.PaymentBegun)
def show_payment_begun(event: told.PaymentBegun) -> None:
    """The guest pays."""
    trip = _seen(event)
    _payment(trip, "processing")
    _save(trip)


@when(told.HoldResumed)
def show_resumed(event: told.HoldResumed) -> None:
    """A payment came to nothing; what became of the money, the payment's own event says."""
    _save(_seen(event, detail=event.decline_code))


@when(told.ReservationExpired)
def show_expired(event: told.ReservationExpired) -> None:
    """The nights are free again."""
    _save(_seen(event, detail=event.reason, actor="guest" if event.reason == "let_go" else "system"))


@when(told.ReservationRequested)
def show_requested(event: told.ReservationRequested) -> None:
    """The host is asked."""
    trip = _seen(event, actor="guest")
    _payment(trip, "authorized")
    _save(trip)


@when(told.ReservationDeclined)
def show_declined(event: told.ReservationDeclined) -> None:
    """The host said no."""
    _save(_seen(event, detail=event.reason))


@when(told.ReservationConfirmed)
def show_confirmed(event: told.ReservationConfirmed) -> None:
    """Paid and standing."""
    trip = _seen(event)
    trip.host_payout_minor = event.host_payout_minor
    trip.captured_minor, trip.paid_by = event.total_minor, event.payment_id
    _stand_on_own_payment(trip)
    _save(trip)


@when(told.ReservationAltered)
def show_altered(event: told.ReservationAltered) -> None:
    """Other dates or guests."""
    _save(_seen(event))


@when(told.ReservationCancelRequested)
def show_cancel_requested(event: told.ReservationCancelRequested) -> None:
    """Somebody asked to cancel."""
    _save(_seen(event, detail=event.reason, actor=event.by))


@when(told.ReservationCancelled)
def show_cancelled(event: told.ReservationCancelled) -> None:
    """Cancelled, with what comes back."""
    trip = _seen(event, detail=event.reason, actor=event.by)
    trip.cancelled_by = event.by
    trip.refund_minor, trip.refund_rule = event.refund_due_minor, event.refund_rule
    _save(trip)


@when(told.StayStarted)
def show_started(event: told.StayStarted) -> None:
    """The guest may come in."""
    _save(_seen(event))


@when(told.StayCompleted)
def show_completed(event: told.StayCompleted) -> None:
    """The stay is over."""
    _save(_seen(event))


@when(told.ReservationBackdated)
def show_backdated(event: told.ReservationBackdated) -> None:
    """On the local stack: the dates were moved."""
    _save(_seen(event))


@when(told.PaymentRefused)
def show_refused(event: told.PaymentRefused) -> None:
    """Money came that the reservation could not take; it goes back."""
    trip = _noted(event.reservation, event, detail=event.reason)
    trip.refused_minor = max(trip.refused_minor, event.amount_minor)
    _save(trip)


@when(paid.PaymentApproved)
def show_approved(event: paid.PaymentApproved) -> None:
    """The gateway has the money."""
    trip = _noted(event.reservation, event)
    if trip.counts(event.payment_id):
        _payment(trip, "captured")
    _save(trip)


@when(paid.PaymentFailed)
def show_failed(event: paid.PaymentFailed) -> None:
    """The gateway has no money."""
    trip = _noted(event.reservation, event, detail=event.code)
    if trip.counts(event.payment_id):
        _payment(trip, "voided" if event.retryable else "declined")
    _save(trip)


@when(paid.PaymentActionRequired)
def show_action_required(event: paid.PaymentActionRequired) -> None:
    """The guest's bank wants a further step."""
    trip = _noted(event.reservation, event)
    trip.action_url = event.action_url
    if trip.counts(event.payment_id):
        _payment(trip, "requires_action")
    _save(trip)


@when(paid.PaymentCancelled)
def show_refunded(event: paid.PaymentCancelled) -> None:
    """Money went back, or was never taken."""
    trip = _noted(event.reservation, event)
    if event.kind != "void":
        _refund(trip, event, ok=True)
    elif trip.counts(event.payment_id):
        _payment(trip, "voided")
    _save(trip)


@when(paid.RefundFailed)
def show_refund_failed(event: paid.RefundFailed) -> None:
    """The refund did not go through, or came back after it had; it is still due."""
    trip = _noted(event.reservation, event)
    _refund(trip, event, ok=False)
    _save(trip)


@when(RoomRegistered)
def remember_room(event: RoomRegistered) -> None:
    """Keep the room's title and picture for trips that are built later."""
    _room_seen(event)


@when(RoomModified)
def show_room_modified(event: RoomModified) -> None:
    """Trips show the room as it is called and looks today."""
    _room_seen(event)


def _seen(event: told.ReservationEvent, *, detail: str = "", actor: str = "") -> Trip:
    """The trip with this event's facts, if it knows none newer; the caller saves it."""
    trip = _noted(event.reservation, event, detail=detail, actor=actor)
    name = type(event).__name__
    if trip.guest_id is None:
        _begin(trip, event)
    if event.revision > trip.revision or (event.revision == trip.revision and name in _STATUS):
        trip.revision = event.revision
        trip.status = _STATUS.get(name, trip.status)
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


def _noted(code: str, event: Event, *, detail: str = "", actor: str = "") -> Trip:
    """The locked row, made if need be, with the event in its timeline; the caller saves it."""
    Trip.objects.bulk_create([Trip(reservation_id=code)], ignore_conflicts=True)
    trip = Trip.objects.select_for_update().get(reservation_id=code)
    about, name = envelope(), type(event).__name__
    trip.note(
        {
            "id": str(about.id),
            "at": iso(about.occurred_at),
            "event": name,
            "actor": actor or _ACTOR.get(name, "system"),
            "detail": detail,
            "correlation_id": about.correlation_id,
        }
    )
    trip.last_event_at = max(trip.last_event_at or about.occurred_at, about.occurred_at)
    return trip


def _payment(trip: Trip, status: str) -> None:
    """What is known of the payment, judged by time and, at one time, by worth; what went back is worth more."""
    at, rank = envelope().occurred_at, _PAYMENT_RANK[status]
    settled = trip.payment_rank >= _PAYMENT_RANK["partially_refunded"]
    if settled and rank < trip.payment_rank:
        return
    if trip.payment_as_of is None or (at, rank) >= (trip.payment_as_of, trip.payment_rank):
        trip.payment_status, trip.payment_rank, trip.payment_as_of = status, rank, at


def _stand_on_own_payment(trip: Trip) -> None:
    """From here on only the payment that was captured counts, whatever was seen of others before."""
    trip.payment_status, trip.payment_rank = "captured", _PAYMENT_RANK["captured"]
    trip.payment_as_of = envelope().occurred_at
    trip.refunded_minor, trip.refund_failed = 0, False
    _show_refund(trip)


def _refund(trip: Trip, event: paid.PaymentCancelled | paid.RefundFailed, *, ok: bool) -> None:
    """What has gone back of this payment by now: it may rise, and fall again when the bank sends it back."""
    trip.note_refund(
        event.payment_id,
        event.refund_id or "",
        at=envelope().occurred_at.astimezone(UTC).isoformat(timespec="microseconds"),
        minor=event.refunded_total_minor,
        captured=event.captured_minor,
        ok=ok,
    )
    if trip.counts(event.payment_id):
        _show_refund(trip)


def _show_refund(trip: Trip) -> None:
    known = trip.own_refund
    if known is None:
        return
    sent = trip.refunded_minor = known["minor"]
    trip.refund_failed = not all(each["ok"] for each in known["each"].values())
    status = "captured" if not sent else "refunded" if sent >= known["captured"] else "partially_refunded"
    trip.payment_status, trip.payment_rank = status, _PAYMENT_RANK[status]
    trip.payment_as_of = datetime.fromisoformat(known["at"])


def _room_seen(event: Any) -> None:
    about: Envelope = envelope()
    shown = {
        "room_slug": event.slug,
        "room_title_i18n": event.title_i18n,
        "room_cover": event.cover,
    }
    row, made = ShownRoom.objects.select_for_update().get_or_create(
        room_id=event.room_id, defaults={**shown, "as_of": about.occurred_at}
    )
    if not made and row.as_of < about.occurred_at:
        ShownRoom.objects.filter(pk=row.pk).update(**shown, as_of=about.occurred_at)
    elif not made:
        return
    older = Trip.objects.filter(room_id=event.room_id).exclude(room_as_of__gte=about.occurred_at)
    older.update(**shown, room_as_of=about.occurred_at)


def _save(trip: Trip) -> None:
    trip.save()


def _clear() -> None:
    Trip.objects.all().delete()
    ShownRoom.objects.all().delete()


register(
    Projection(
        "reservations.Trip",
        clear=_clear,
        listeners=[
            show_created,
            show_extended,
            show_payment_begun,
            show_resumed,
            show_expired,
            show_requested,
            show_declined,
            show_confirmed,
            show_altered,
            show_cancel_requested,
            show_cancelled,
            show_started,
            show_completed,
            show_backdated,
            show_refused,
            show_approved,
            show_failed,
            show_action_required,
            show_refunded,
            show_refund_failed,
            remember_room,
            show_room_modified,
        ],
    )
)

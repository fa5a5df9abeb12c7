"""Every change of a reservation, told to its guest and, where it concerns the house, to its host."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from airbnb import clock
from airbnb.events.bus import when
from notifications import queries, stories
from notifications.services import tell
from reservations.events import (
    GraceGiven,
    HoldExtended,
    HoldResumed,
    RequestReminderDue,
    ReservationAltered,
    ReservationCancelled,
    ReservationConfirmed,
    ReservationCreated,
    ReservationDeclined,
    ReservationEvent,
    ReservationExpired,
    ReservationRequested,
    StayCompleted,
    StayStarted,
)

# The rule of a cancellation that took a request back, and how late a reminder is the last.
WITHDRAWN = "request_withdrawn"
LAST_CALL_HOURS = 2
LETTERS_APART = timedelta(minutes=10)


def _tell_guest(event: ReservationEvent, kind: str, params: dict[str, Any]) -> None:
    tell(recipient_id=event.guest_id, kind=kind, role="guest", params=params, reservation=event.reservation)


def _tell_host(event: ReservationEvent, kind: str, params: dict[str, Any]) -> None:
    tell(recipient_id=event.host_id, kind=kind, role="host", params=params, reservation=event.reservation)


def _tell_both(event: ReservationEvent, kind: str, params: dict[str, Any]) -> None:
    _tell_guest(event, kind, params)
    _tell_host(event, kind, params)


@when(ReservationCreated)
def tell_dates_held(event: ReservationCreated) -> None:
    """The guest sees until when the dates are held."""
    _tell_guest(event, "reservation_held", stories.of_event(event, until=event.expires_at, lines=event.lines))


@when(HoldExtended)
def tell_hold_extended(event: HoldExtended) -> None:
    """The guest sees the new end; while payments are down it is the pay-later letter, then the word to pay now.

    A gateway that comes and goes sends one letter in ten minutes; the list in the app shows every turn.
    """
    kind = "payments_unavailable" if event.pay_later else "payments_available" if event.payments_back else ""
    terms = stories.agreed(event) if event.pay_later else {}
    told_since = clock.now() - LETTERS_APART
    tell(
        recipient_id=event.guest_id,
        kind=kind or "hold_extended",
        role="guest",
        params=stories.of_event(event, until=event.expires_at, **terms),
        reservation=event.reservation,
        quietly=bool(kind) and queries.was_told(event.reservation, event.guest_id, kind, since=told_since),
    )


@when(ReservationExpired)
def tell_expired(event: ReservationExpired) -> None:
    """The guest learns that the dates are free again; a host who was asked learns that the time is over."""
    if event.was == "requested":
        variant = "accepted" if event.accepted else ""
        _tell_both(event, "request_expired", stories.of_event(event, variant=variant))
    elif event.accepted:
        _tell_both(event, "request_expired", stories.of_event(event, variant="unpaid"))
    else:
        _tell_guest(event, "reservation_expired", stories.of_event(event))


@when(ReservationRequested)
def tell_requested(event: ReservationRequested) -> None:
    """The host is asked; the guest sees until when."""
    _tell_guest(event, "reservation_requested", stories.of_event(event, answer_by=event.answer_by))
    asked = stories.of_event(event, answer_by=event.answer_by, message=event.message)
    _tell_host(event, "reservation_requested", asked)


@when(RequestReminderDue)
def remind_of_request(event: RequestReminderDue) -> None:
    """The host has not answered, and the time runs out."""
    variant = "last" if event.hours <= LAST_CALL_HOURS else ""
    _tell_host(event, "request_reminder", stories.of_event(event, answer_by=event.answer_by, variant=variant))


@when(HoldResumed)
def tell_accepted_but_unpaid(event: HoldResumed) -> None:
    """The host said yes and the card then no: both see until when the guest can pay with another."""
    if event.accepted:
        _tell_both(event, "request_unpaid", stories.of_event(event, until=event.expires_at))


@when(ReservationDeclined)
def tell_declined(event: ReservationDeclined) -> None:
    """The guest learns that the host said no; a host in whose place an operator said it learns that too."""
    _tell_guest(event, "reservation_declined", stories.of_event(event, reason=event.reason))
    if event.by != "host":
        _tell_host(event, "reservation_declined", stories.of_event(event, reason=event.reason))


@when(ReservationConfirmed)
def tell_confirmed(event: ReservationConfirmed) -> None:
    """The guest gets bill and terms, the host every detail of the booking (requirement F4)."""
    times = {"check_in_at": event.check_in_at, "check_out_at": event.check_out_at}
    _tell_guest(event, "reservation_confirmed", stories.of_event(event, **times, **stories.agreed(event)))
    _tell_host(
        event,
        "reservation_confirmed",
        stories.of_event(event, **times, payout_minor=event.host_payout_minor, message=event.message),
    )


@when(ReservationAltered)
def tell_altered(event: ReservationAltered) -> None:
    """Both see the new dates, times, people and total; the guest's mail also what the change took or gives back."""
    times = {"check_in_at": event.check_in_at, "check_out_at": event.check_out_at}
    known: dict[str, Any] = {name: at for name, at in times.items() if at}
    if event.difference_minor:
        known["difference_minor"] = event.difference_minor
    _tell_both(event, "reservation_altered", stories.of_event(event, **known))


@when(ReservationCancelled)
def tell_cancelled(event: ReservationCancelled) -> None:
    """Both learn who cancelled, what goes back, and by which rule."""
    facts = stories.of_event(
        event,
        refund_minor=event.refund_due_minor,
        rule=event.refund_rule,
        refund_lines=event.refund_lines,
        reason=event.reason,
    )
    if event.refund_rule == WITHDRAWN:
        _tell_both(event, "reservation_cancelled", facts | {"variant": "request"})
        return
    by = event.by if event.by in ("host", "operator") else ""
    _tell_guest(
        event, "reservation_cancelled", facts | {"variant": by or ("" if event.refund_due_minor else "nothing")}
    )
    _tell_host(event, "reservation_cancelled", facts | {"variant": by})


@when(GraceGiven)
def tell_grace(event: GraceGiven) -> None:
    """Both learn what goes back, and why; for the host nothing changes."""
    _tell_both(event, "grace_given", stories.of_event(event, amount_minor=event.amount_minor, reason=event.reason))


@when(StayStarted)
def tell_stay_started(event: StayStarted) -> None:
    """A welcome, and a word to the host."""
    _tell_both(event, "stay_started", stories.of_event(event))


@when(StayCompleted)
def ask_for_reviews(event: StayCompleted) -> None:
    """Both are asked how it was, and told until when they can write."""
    closes = datetime.fromisoformat(event.check_out_at) + timedelta(days=settings.BINBANG["REVIEW_DAYS"])
    _tell_both(event, "stay_completed", stories.of_event(event, closes=closes.isoformat()))

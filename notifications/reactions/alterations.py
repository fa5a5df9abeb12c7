"""Proposed changes of a booking, told to both sides."""

from __future__ import annotations

from typing import Any

from airbnb import clock
from airbnb.events.bus import when
from notifications import queries, stories
from notifications.reactions.reservations import LETTERS_APART
from notifications.services import tell
from reservations.events import (
    AlterationAccepted,
    AlterationClosed,
    AlterationEvent,
    AlterationPayable,
    AlterationPayLater,
    AlterationPaymentFailed,
    AlterationProposed,
)

SIDES = ("guest", "host")


def _tell(event: AlterationEvent, role: str, kind: str, *, quietly: bool = False, **more: Any) -> None:
    facts = stories.of_event(
        event, alteration=event.alteration, new=event.new, difference_minor=abs(event.difference_minor), **more
    )
    recipient = event.guest_id if role == "guest" else event.host_id
    tell(recipient_id=recipient, kind=kind, role=role, params=facts, reservation=event.reservation, quietly=quietly)


@when(AlterationProposed)
def tell_alteration_proposed(event: AlterationProposed) -> None:
    """The other side is asked; the proposer sees until when the answer comes."""
    for role in SIDES:
        variant = "own" if role == event.proposed_by else ""
        _tell(event, role, "alteration_proposed", until=event.expires_at, message=event.message, variant=variant)


@when(AlterationAccepted)
def tell_alteration_accepted(event: AlterationAccepted) -> None:
    """The guest is asked to pay the difference, the host sees until when."""
    for role in SIDES:
        _tell(event, role, "alteration_accepted", until=event.expires_at)


@when(AlterationPaymentFailed)
def tell_alteration_payment_failed(event: AlterationPaymentFailed) -> None:
    """The guest learns that nothing was charged and nothing has changed; it concerns nobody else.

    When the gateway was at fault no other card would do: then they are told to pay later.
    """
    if event.retryable:
        return
    _tell(event, "guest", "alteration_payment_failed", until=event.expires_at, decline=event.code)


@when(AlterationPayLater)
def tell_alteration_pay_later(event: AlterationPayLater) -> None:
    """The guest sees until when the change is kept while payments are down."""
    _tell_of_payments(event, "alteration_pay_later", event.expires_at)


@when(AlterationPayable)
def tell_alteration_payable(event: AlterationPayable) -> None:
    """The guest may pay now."""
    _tell_of_payments(event, "alteration_payable", event.expires_at)


def _tell_of_payments(event: AlterationEvent, kind: str, until: str) -> None:
    """A gateway that comes and goes sends one letter in ten minutes; the list in the app shows every turn."""
    quietly = queries.was_told(event.reservation, event.guest_id, kind, since=clock.now() - LETTERS_APART)
    _tell(event, "guest", kind, quietly=quietly, until=until)


@when(AlterationClosed)
def tell_alteration_closed(event: AlterationClosed) -> None:
    """Both learn that the booking is as it was; of one that was cancelled they are told by that alone."""
    if event.outcome == "overtaken":
        return
    variant = "unpaid" if event.outcome == "expired" and event.was_accepted else event.outcome
    for role in SIDES:
        _tell(event, role, "alteration_closed", variant="" if role == event.by else variant)

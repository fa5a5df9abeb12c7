"""What becomes of a host's money, told to the host and nobody else."""

from __future__ import annotations

from typing import Any

from airbnb.errors import NotFound
from airbnb.events.bus import when
from notifications import stories
from notifications.services import tell
from payments.events import PayeeChanged, PayoutEvent, PayoutFailed, PayoutHeld, PayoutSent
from payments.queries import bank_name
from reservations.queries import stay_facts


def _tell_host(event: PayoutEvent, kind: str, **more: Any) -> None:
    """Tell the host of this reservation; the event's host and the record's must be one and the same."""
    try:
        stay = stay_facts(event.reservation)
    except NotFound:
        return
    if stay.host_id != event.host_id:
        return
    tell(
        recipient_id=stay.host_id,
        kind=kind,
        role="host",
        params=stories.of_stay(stay, amount_minor=event.amount_minor, **more),
        reservation=event.reservation,
    )


@when(PayoutSent)
def tell_payout_sent(event: PayoutSent) -> None:
    """The host sees how much went out, and where to."""
    variant = "less" if event.recovered_minor else ""
    _tell_host(
        event,
        "payout_sent",
        bank=bank_name(event.bank),
        last4=event.last4,
        kept_minor=event.recovered_minor,
        variant=variant,
    )


@when(PayoutFailed)
def tell_payout_failed(event: PayoutFailed) -> None:
    """The host is asked to look at the bank details."""
    _tell_host(event, "payout_failed")


@when(PayoutHeld)
def tell_payout_held(event: PayoutHeld) -> None:
    """The host is asked for bank details."""
    if event.reason == "no_payee":
        _tell_host(event, "payout_held")


@when(PayeeChanged)
def tell_bank_details_changed(event: PayeeChanged) -> None:
    """The host learns of every change, so that one they did not make can be withdrawn in time."""
    tell(
        recipient_id=event.host_id,
        kind="bank_details_changed",
        role="host",
        params={
            "bank": bank_name(event.bank),
            "last4": event.last4,
            "in_force_from": event.in_force_from,
            "variant": "first" if event.first else "",
        },
    )

"""What becomes of a host's money, told to the host; what only a person can settle, to operators too."""

from __future__ import annotations

from typing import Any

from airbnb.accounts import people
from airbnb.errors import NotFound
from airbnb.events.bus import when
from notifications import stories
from notifications.services import tell
from payments.events import PayeeChanged, PayoutEvent, PayoutFailed, PayoutHeld, PayoutSent
from payments.queries import bank_name
from reservations.queries import stay_facts

# Why a payout is not sent that is no matter of its host.
OURS = ("balance", "gateway_balance")


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
    """The host is asked to look at the bank details where it was for them, else told that we see to it."""
    variant = {"account": "", "returned": "returned"}.get(event.cause, "ours")
    _tell_host(event, "payout_failed", variant=variant)


@when(PayoutHeld)
def tell_payout_held(event: PayoutHeld) -> None:
    """The host is asked for bank details, or told that we see to it."""
    if event.reason in ("no_payee", *OURS):
        _tell_host(event, "payout_held", variant="ours" if event.reason in OURS else "")


@when(PayoutFailed)
def tell_operators_of_failed_payout(event: PayoutFailed) -> None:
    """Money is owed to a host and does not go out by itself."""
    variant = event.cause if event.cause in ("account", "returned") else ""
    _tell_operators(event, variant, failure=event.code)


@when(PayoutHeld)
def tell_operators_of_held_payout(event: PayoutHeld) -> None:
    """What neither the host nor time can mend: too little of our money there, or books that do not agree."""
    if event.reason in (*OURS, "partly_returned"):
        _tell_operators(event, event.reason)


def _tell_operators(event: PayoutEvent, variant: str, **more: Any) -> None:
    try:
        stay = stay_facts(event.reservation)
    except NotFound:
        return
    for operator in people.operators():
        if operator.id != stay.host_id:  # they are told as the host: one notification an event and person
            tell(
                recipient_id=operator.id,
                kind="payout_stuck",
                role="operator",
                params=stories.of_stay(stay, amount_minor=event.amount_minor, variant=variant, **more),
                reservation=event.reservation,
            )


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

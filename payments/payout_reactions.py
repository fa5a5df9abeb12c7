"""When something happened to a reservation, what its host gets follows.

Most of it in the same transaction: money must never be released by a plan that no longer holds.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from airbnb.events.bus import when
from payments import services
from payments.events import PayeeChanged
from payments.schedules import Split
from reservations.events import (
    ReservationAltered,
    ReservationBackdated,
    ReservationCancelled,
    ReservationConfirmed,
)


@when(ReservationConfirmed, same_transaction=True)
def plan_what_the_host_gets(event: ReservationConfirmed) -> None:
    """The stay stands and is paid: its payouts are planned."""
    services.plan_payouts(
        reservation=event.reservation,
        host_id=event.host_id,
        split=Split(event.total_minor, event.host_payout_minor, event.tax_minor),
        check_in_at=datetime.fromisoformat(event.check_in_at),
        facts={
            "room_title_i18n": event.room_title_i18n,
            "check_in": date.fromisoformat(event.check_in),
            "check_out": date.fromisoformat(event.check_out),
            "time_zone": event.time_zone,
            "currency": event.currency,
        },
    )


@when(ReservationAltered, same_transaction=True)
def plan_the_altered_stay(event: ReservationAltered) -> None:
    """Other dates, another total: what is not released yet follows."""
    services.plan_again(
        reservation=event.reservation,
        split=Split(event.total_minor, event.host_payout_minor, event.tax_minor),
        check_in=date.fromisoformat(event.check_in),
        check_out=date.fromisoformat(event.check_out),
        check_in_at=datetime.fromisoformat(event.check_in_at) if event.check_in_at else None,
    )


@when(ReservationCancelled, same_transaction=True)
def keep_what_the_cancellation_left(event: ReservationCancelled) -> None:
    """The host gets a share of what does not go back, and nothing when all of it does."""
    kept = event.total_minor - event.refund_due_minor
    services.keep_only(
        reservation=event.reservation, split=Split(kept, min(kept, event.host_payout_minor), event.tax_minor)
    )


@when(ReservationBackdated, same_transaction=True)
def move_the_payouts(event: ReservationBackdated) -> None:
    """On the local stack: payouts hang on the stay and move with it."""
    services.move_payouts(
        reservation=event.reservation,
        check_in=date.fromisoformat(event.check_in),
        check_out=date.fromisoformat(event.check_out),
        by=timedelta(days=event.days, seconds=event.seconds),
    )


@when(PayeeChanged)
def send_what_waited_for_it(event: PayeeChanged) -> None:
    """What waits for bank details, or failed on the old ones, goes out with the new ones."""
    services.wake_payouts(event.host_id)

"""What reviews do when something happened elsewhere: a completed stay opens its window."""

from __future__ import annotations

from datetime import datetime

from airbnb.events.bus import when
from reservations.events import ReservationBackdated, StayCompleted
from reviews import services


@when(StayCompleted)
def open_review_window(event: StayCompleted) -> None:
    """Let guest and host write for 14 days from the check-out."""
    services.open_window(
        closes_at=services.closing_time(datetime.fromisoformat(event.check_out_at)),
        reservation=event.reservation,
        guest_id=event.guest_id,
        host_id=event.host_id,
        room_id=event.room_id,
        room_code=event.room_code,
        room_slug=event.room_slug,
        room_title_i18n=event.room_title_i18n,
        cover=event.cover,
        guests=event.guests,
        time_zone=event.time_zone,
        **services.stay_dates(event.check_in, event.check_out),
    )


@when(ReservationBackdated)
def follow_moved_stay(event: ReservationBackdated) -> None:
    """A stay that was moved into the past takes its window with it."""
    services.follow_stay(reservation=event.reservation)

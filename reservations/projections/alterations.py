"""Other dates or guests."""

from __future__ import annotations

from airbnb.events.bus import when
from reservations import events as told
from reservations.projections.rows import seen


@when(told.ReservationAltered)
def show_altered(event: told.ReservationAltered) -> None:
    """Other dates or guests."""
    seen(event).save()

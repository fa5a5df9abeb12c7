"""Stays begin and end by the database's clock and the room's times; scanning again changes nothing."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command

from airbnb import invariants
from airbnb.events.models import StoredEvent
from reservations import services
from reservations.models import Reservation
from reservations.states import Status
from rooms.models import Night
from tests.support import (
    cancelled_reservation,
    completed_reservation,
    confirmed_reservation,
    fresh,
    held_reservation,
    in_stay_reservation,
)

pytestmark = pytest.mark.django_db
MOMENT = timedelta(microseconds=1)


def test_the_stay_starts_and_ends_at_the_rooms_times(guest: Any, sandbox: Any, time: Any) -> None:
    reservation = confirmed_reservation(guest)
    local = reservation.check_in_at.astimezone(ZoneInfo("Asia/Seoul"))
    assert (local.hour, local.date()) == (15, reservation.check_in)
    seen = []
    for moment in (
        reservation.check_in_at - MOMENT,
        reservation.check_in_at,
        reservation.check_out_at - MOMENT,
        reservation.check_out_at,
    ):
        time.at(moment)
        services.move_stays()
        services.move_stays()
        seen.append(fresh(reservation).status)
    assert seen == [Status.CONFIRMED, Status.IN_STAY, Status.IN_STAY, Status.COMPLETED]
    assert fresh(reservation).completed_at == reservation.check_out_at
    for name in ("StayStarted", "StayCompleted"):
        assert StoredEvent.objects.filter(name=name).count() == 1


def test_a_completed_stay_leaves_the_calendar_and_nobody_is_told_of_a_cancellation(guest: Any, sandbox: Any) -> None:
    reservation = completed_reservation(guest)
    assert reservation.status == Status.COMPLETED
    assert not Night.objects.filter(reservation=reservation.code).exists()
    assert not StoredEvent.objects.filter(name="RoomCancelled").exists()


def test_a_scan_that_comes_late_does_both_steps(guest: Any, sandbox: Any, time: Any) -> None:
    reservation = confirmed_reservation(guest)
    time.at(reservation.check_out_at + timedelta(days=2))
    assert services.move_stays() == 2
    assert fresh(reservation).status == Status.COMPLETED


def test_what_was_cancelled_never_starts(guest: Any, sandbox: Any, time: Any) -> None:
    reservation = cancelled_reservation(guest)
    time.at(reservation.check_in_at)
    assert services.move_stays() == 0


def test_backdating_moves_everything_and_the_timers_notice(guest: Any, sandbox: Any, settings: Any) -> None:
    settings.DEBUG = True
    reservation = confirmed_reservation(guest)
    away = (reservation.check_in - reservation.created_at.date()).days
    call_command("backdate_reservation", reservation.code, "--days", str(away + 1), stdout=StringIO())
    moved = fresh(reservation)
    assert reservation.check_in - moved.check_in == timedelta(days=away + 1)
    assert reservation.check_in_at - moved.check_in_at == timedelta(days=away + 1)
    nights = list(Night.objects.filter(reservation=moved.code).order_by("night").values_list("night", "settled"))
    assert nights == [(night, True) for night in moved.stay.nights]
    assert services.move_stays() == 1
    assert fresh(reservation).status == Status.IN_STAY
    assert [each.invariant.name for each in invariants.check()] == []


def test_a_backdated_hold_expires(guest: Any, settings: Any) -> None:
    settings.LOCAL_STACK = True
    held = held_reservation(guest)
    call_command("backdate_reservation", held.code, "--seconds", "901", stdout=StringIO())
    assert services.expire_holds() == 1


def test_backdating_is_refused_in_service_and_for_unknown_codes(guest: Any, settings: Any) -> None:
    held = held_reservation(guest)
    settings.DEBUG = settings.LOCAL_STACK = False
    with pytest.raises(CommandError, match="local stack"):
        call_command("backdate_reservation", held.code, "--days", "1")
    settings.DEBUG = True
    with pytest.raises(CommandError, match="not_found"):
        call_command("backdate_reservation", "BBUNKNOWN", "--days", "1")
    assert fresh(held).version == 1


def test_every_state_is_reached_through_services(guest: Any, sandbox: Any) -> None:
    assert in_stay_reservation(guest).status == Status.IN_STAY
    assert completed_reservation(guest).status == Status.COMPLETED
    assert cancelled_reservation(guest).status == Status.CANCELLED
    assert set(Reservation.objects.values_list("status", flat=True)) == {"in_stay", "completed", "cancelled"}
    assert [each.invariant.name for each in invariants.check()] == []

"""Pages and API read the trip view alone: whoever reads it brings it up to date first, so workers are a convenience."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from airbnb.events import bus, projections
from airbnb.events.models import Delivery, StoredEvent
from reservations import queries, services
from reservations.models import Reservation, Trip
from reservations.projections import TRIP
from tests.support import (
    cancel,
    cancelled_reservation,
    completed_reservation,
    confirmed_reservation,
    held_reservation,
    room_of,
)

pytestmark = pytest.mark.django_db


def statements_about_the_record(seen: CaptureQueriesContext) -> list[str]:
    """Those that read it for a trip; a proposed change is a record of its own, and read as such."""
    said = [each["sql"] for each in seen if "reservations_reservation" in each["sql"]]
    return [sql for sql in said if "reservations_alteration" not in sql]


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """The view's listener of confirmations fails, whoever runs it."""

    def fail(event: Any) -> None:
        raise RuntimeError("broken")

    name = "reservations.projections.show_confirmed"
    known = bus.LISTENERS[name]
    monkeypatch.setitem(bus.LISTENERS, name, bus.Listener(name, known.queue, fail, known.event))


def test_a_list_has_what_no_worker_has_delivered(guest: Any, host: Any, sandbox: Any) -> None:
    booked = confirmed_reservation(guest, room_of(host))
    held = held_reservation(guest, room_of(host))
    assert not Trip.objects.exists()
    rows = queries.trips_of_guest(guest.pk).rows
    assert {(row.code, row.status) for row in rows} == {(booked.code, "confirmed"), (held.code, "held")}
    cancel(booked, guest)
    assert [row.code for row in queries.trips_of_guest(guest.pk).rows] == [held.code]
    assert [row.code for row in queries.stays_of_host(host.pk, tab="cancelled").rows] == [booked.code]


def test_the_host_sees_what_no_worker_has_delivered(guest: Any, host: Any, sandbox: Any) -> None:
    booked = confirmed_reservation(guest, room_of(host))
    assert [row.code for row in queries.stays_of_host(host.pk, tab="upcoming").rows] == [booked.code]
    other = confirmed_reservation(guest, room_of(host))
    assert {each.row.code for each in queries.host_board(host.pk).upcoming} == {booked.code, other.code}


def test_reading_takes_the_effect_once(guest: Any, host: Any, sandbox: Any, deliver: Any) -> None:
    room = room_of(host)
    deliver()
    booked = confirmed_reservation(guest, room)
    queries.trip_of(booked.code, guest.pk)
    before = Trip.objects.get(reservation_id=booked.code).changes
    ours = Delivery.objects.filter(listener__in=projections.names_of(TRIP), subject=booked.code)
    assert set(ours.values_list("status", flat=True)) == {"done"}
    deliver()
    assert Trip.objects.get(reservation_id=booked.code).changes == before, "a worker finds nothing left to do"


@pytest.mark.usefixtures("broken")
def test_a_view_that_cannot_catch_up_says_so(client: Any, api: Any, guest: Any, host: Any, sandbox: Any) -> None:
    booked = confirmed_reservation(guest, room_of(host))
    assert queries.trip_of(booked.code, guest.pk).lags
    assert api(guest).get(f"/api/v1/reservations/{booked.code}/").json()["lags"] is True
    client.force_login(guest)
    page = client.get(reverse("reservations:trip", args=[booked.code]))
    assert page.status_code == 200
    assert "catching up" in page.content.decode() or "따라잡" in page.content.decode()
    client.force_login(host)
    assert client.get(reverse("reservations_host:reservation", args=[booked.code])).status_code == 200
    waiting = Delivery.objects.unfinished().get(listener="reservations.projections.show_confirmed")
    assert waiting.attempts == 0, "a reader's try is no attempt of the worker's"


def test_a_view_that_has_caught_up_does_not_say_so(guest: Any, sandbox: Any) -> None:
    assert not queries.trip_of(confirmed_reservation(guest).code, guest.pk).lags


def test_pages_and_api_do_not_read_the_record(client: Any, api: Any, guest: Any, host: Any, sandbox: Any) -> None:
    booked, _held = confirmed_reservation(guest, room_of(host)), held_reservation(guest, room_of(host))
    cancelled_reservation(guest)
    of_guest = api(guest)
    paths = {
        guest: [
            "/trips/",
            "/trips/?show=past",
            "/trips/?show=cancelled",
            reverse("reservations:trip", args=[booked.code]),
        ],
        host: [
            reverse("reservations_host:list"),
            reverse("reservations_host:reservation", args=[booked.code]),
            reverse("host_today"),
        ],
    }
    with CaptureQueriesContext(connection) as seen:
        for person, pages in paths.items():
            client.force_login(person)
            assert [client.get(page).status_code for page in pages] == [200] * len(pages)
        assert of_guest.get("/api/v1/reservations/").status_code == 200
        assert of_guest.get(f"/api/v1/reservations/{booked.code}/").status_code == 200
    assert statements_about_the_record(seen) == []


def test_a_list_is_one_statement_when_nothing_waits(guest: Any, host: Any, sandbox: Any, deliver: Any) -> None:
    for _ in range(3):
        confirmed_reservation(guest, room_of(host))
    deliver()
    with CaptureQueriesContext(connection) as seen:
        assert len(queries.trips_of_guest(guest.pk).rows) == 3
    assert len(seen) == 2, "the time, and the list"


def test_the_copy_says_what_the_record_says(guest: Any, host: Any, sandbox: Any, deliver: Any) -> None:
    held = held_reservation(guest, room_of(host), message="안녕하세요")
    services.introduce(code=held.code, guest=guest, name="김서윤", phone="010-0000-0000", message="늦어요")
    made = [held, confirmed_reservation(guest), cancelled_reservation(guest), completed_reservation(guest)]
    deliver()
    for each in made:
        record, copy = Reservation.objects.get(pk=each.pk), Trip.objects.get(reservation_id=each.code).standing()
        same = [field.attname for field in Reservation._meta.concrete_fields if field.attname != "id"]
        assert {name: getattr(copy, name) for name in same} == {name: getattr(record, name) for name in same}


def test_a_row_of_an_older_version_is_made_anew_by_its_reader(guest: Any, sandbox: Any, deliver: Any) -> None:
    booked = confirmed_reservation(guest)
    deliver()
    Trip.objects.filter(reservation_id=booked.code).update(schema=0, record={}, seldom={}, total_minor=1)
    assert queries.trip_of(booked.code, guest.pk).row.total == booked.total
    Trip.objects.filter(reservation_id=booked.code).update(schema=0, total_minor=1)
    assert [row.total for row in queries.trips_of_guest(guest.pk).rows] == [booked.total]


def test_events_of_the_release_before_are_still_shown(guest: Any, sandbox: Any, deliver: Any) -> None:
    """They carry no record: state, dates and sum are taken from their own fields."""
    booked = confirmed_reservation(guest)
    deliver()
    expected = queries.trip_of(booked.code, guest.pk)
    for stored in StoredEvent.objects.filter(subject=booked.code):
        stored.payload.pop("record", None)
        stored.save()
    projections.rebuild(TRIP)
    shown = queries.trip_of(booked.code, guest.pk)
    assert (shown.row.status, shown.row.payment_status) == ("confirmed", "captured")
    assert (shown.row.check_in, shown.row.total) == (expected.row.check_in, expected.row.total)

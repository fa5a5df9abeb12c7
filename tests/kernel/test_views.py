"""Read models: outdated ones are rebuilt by themselves, lag is measured, and comparing finds every difference."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from airbnb.events import drift, projections
from airbnb.events.models import Delivery, ViewState
from airbnb.events.tasks import compare_views, rebuild_views
from airbnb.invariants import check
from reservations.models import Trip
from rooms.models import RoomStay, SearchIndex
from tests.support import cancelled_reservation, completed_reservation, confirmed_reservation, held_reservation, room_of

pytestmark = pytest.mark.django_db
COMPARED = ("reservations.Trip", "rooms.RoomView", "rooms.SearchIndex")


@pytest.fixture
def lettings(guest: Any, host: Any, sandbox: Any, deliver: Any) -> Any:
    """A few reservations of every kind, all delivered."""
    made = confirmed_reservation(guest, room_of(host))
    for make in (cancelled_reservation, completed_reservation, held_reservation):
        make(guest, room_of(host))
    deliver()
    return made


def metrics() -> dict[str, float]:
    lines = Client().get("/metrics").content.decode().splitlines()
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in lines if line and line[0] != "#"}


@pytest.mark.usefixtures("lettings")
def test_nothing_differs_and_comparing_changes_nothing() -> None:
    before = list(Trip.objects.order_by("pk").values()) + list(RoomStay.objects.order_by("pk").values())
    for view in COMPARED:
        found = drift.compare(view)
        assert (view, found.checked > 0, found.keys) == (view, True, [])
    assert list(Trip.objects.order_by("pk").values()) + list(RoomStay.objects.order_by("pk").values()) == before


def test_every_difference_is_found_and_told(lettings: Any) -> None:
    Trip.objects.filter(reservation_id=lettings.code).update(total_minor=1)
    RoomStay.objects.filter(pk=lettings.code).update(status="held")
    SearchIndex.objects.filter(pk=lettings.room_id).update(capacity=99)
    rebuild_views()
    Trip.objects.filter(reservation_id=lettings.code).update(total_minor=1)
    RoomStay.objects.filter(pk=lettings.code).update(status="held")
    SearchIndex.objects.filter(pk=lettings.room_id).update(capacity=99)
    outcome = compare_views(share=1.0)
    assert {view: outcome[view] for view in COMPARED} == dict.fromkeys(COMPARED, 1)
    assert metrics()['binbang_view_drifted{view="reservations.Trip"}'] == 1
    assert "events.W002" in {each.id for each in run_checks(databases=["default"])}
    said = StringIO()
    with pytest.raises(SystemExit):
        call_command("compare_views", "reservations.Trip", stdout=said)
    assert lettings.code in said.getvalue()


@pytest.mark.parametrize("days", [1, 3])
def test_a_calendar_that_was_drawn_some_days_ago_is_no_difference_but_a_wrong_night_in_it_is(
    lettings: Any, time: Any, days: int
) -> None:
    """Between midnight and the roll every calendar begins in the past."""
    time.forward(days=days)
    assert drift.compare("rooms.SearchIndex").keys == []
    entry = SearchIndex.objects.get(pk=lettings.room_id)
    wrong = entry.calendar[:-1] + ("0" if entry.calendar[-1] == "1" else "1")
    SearchIndex.objects.filter(pk=lettings.room_id).update(calendar=wrong)
    assert drift.compare("rooms.SearchIndex").keys == [lettings.room_id]


def test_what_is_still_to_be_delivered_to_a_trip_is_no_difference_of_its_own(
    guest: Any, sandbox: Any, lettings: Any
) -> None:
    Trip.objects.filter(reservation_id=lettings.code).update(total_minor=1)
    held_reservation(guest)
    assert drift.compare("reservations.Trip").keys == [lettings.code], "another trip's receipts excuse nothing"
    ours = Delivery.objects.filter(listener__startswith="reservations.projections", event__subject=lettings.code)
    last = ours.latest("pk")
    Delivery.objects.filter(pk=last.pk).update(status="pending", done_at=None)
    assert lettings.code not in drift.compare("reservations.Trip").keys


def test_what_was_given_up_is_missing_and_seen(lettings: Any, time: Any) -> None:
    """A lost effect excuses no difference, and the view is behind until it is delivered again."""
    ours = Delivery.objects.filter(listener__startswith="reservations.projections", event__subject=lettings.code)
    lost = ours.latest("pk")
    Delivery.objects.filter(pk=lost.pk).update(status="dead", done_at=None, attempts=12)
    Trip.objects.filter(reservation_id=lettings.code).update(status="held")
    time.forward(minutes=11)
    assert drift.compare("reservations.Trip").keys == [lettings.code]
    told = metrics()
    assert told['binbang_view_pending{view="reservations.Trip"}'] == 1
    assert told['binbang_view_lag_seconds{view="reservations.Trip"}'] >= 11 * 60
    assert {"I25_nothing_is_given_up", "I29_trips_tell_the_state"} <= {each.invariant.name for each in check()}


def test_a_changed_projection_is_rebuilt_by_itself(lettings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    rebuild_views()
    assert (projections.outdated(), rebuild_views()) == ([], [])
    ViewState.objects.filter(name="reservations.Trip").update(version=0)
    Trip.objects.filter(reservation_id=lettings.code).update(schema=0, total_minor=1)
    assert json.loads(Client().get("/readyz").content)["outdated_views"] == ["reservations.Trip"]
    assert metrics()['binbang_view_outdated{view="reservations.Trip"}'] == 1
    assert "events.W001" in {each.id for each in run_checks(databases=["default"])}
    assert rebuild_views() == ["reservations.Trip"]
    assert Trip.objects.get(reservation_id=lettings.code).total_minor == lettings.total_minor
    assert json.loads(Client().get("/readyz").content)["outdated_views"] == []


def test_a_newer_release_is_left_alone() -> None:
    rebuild_views()
    ViewState.objects.filter(name="reservations.Trip").update(version=99)
    assert projections.outdated() == []


def test_lag_is_measured_by_view(guest: Any, sandbox: Any, lettings: Any, time: Any) -> None:
    assert metrics()['binbang_view_pending{view="reservations.Trip"}'] == 0
    confirmed_reservation(guest)
    time.forward(seconds=90)
    told = metrics()
    assert told['binbang_view_pending{view="reservations.Trip"}'] >= 3
    assert 85 <= told['binbang_view_lag_seconds{view="reservations.Trip"}'] <= 120
    with CaptureQueriesContext(connection) as seen:
        Client().get("/metrics")
    assert not [each for each in seen if "events_delivery" in each["sql"] and "NOT" in each["sql"]], "by the index"


def test_a_delivery_is_put_off_uncounted_while_its_view_is_rebuilt(
    guest: Any, sandbox: Any, deliver: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    held_reservation(guest)
    monkeypatch.setattr(projections, "share", lambda listener: False)
    deliver()
    waiting = Delivery.objects.pending().filter(listener="rooms.projections.show_held").get()
    assert (waiting.attempts, waiting.last_error) == (0, "")
    monkeypatch.undo()
    deliver()
    waiting.refresh_from_db()
    assert waiting.status == Delivery.Status.DONE


@pytest.mark.django_db(transaction=True)
def test_a_rebuild_needs_no_transaction_around_it(guest: Any, host: Any, deliver: Any) -> None:
    held = held_reservation(guest, room_of(host))
    deliver()
    Trip.objects.filter(reservation_id=held.code).update(total_minor=1)
    assert rebuild_views() == sorted(projections.REGISTER)
    assert Trip.objects.get(reservation_id=held.code).total_minor == held.total_minor


def test_the_index_is_as_far_behind_as_the_reviews_that_rate_it(lettings: Any, time: Any) -> None:
    shown = Delivery.objects.latest("pk")
    Delivery.objects.filter(pk=shown.pk).update(
        listener="rooms.projections.show_reviews", status="pending", done_at=None
    )
    time.forward(seconds=70)
    told = metrics()
    for view in ("rooms.SearchIndex", "rooms.RoomView"):
        assert told[f'binbang_view_pending{{view="{view}"}}'] == 1
        assert told[f'binbang_view_lag_seconds{{view="{view}"}}'] >= 70
    assert told['binbang_view_pending{view="reservations.Trip"}'] == 0

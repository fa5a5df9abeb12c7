"""Operators find reservations, read their diary, and cancel through the same service as everybody."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from reservations.states import Status
from reservations.tasks import expire_holds, move_stays
from tests.support import confirmed_reservation, fresh, held_reservation

pytestmark = pytest.mark.django_db
LIST = "/admin/reservations/reservation/"


@pytest.fixture
def desk(operator: Any) -> Client:
    """The operators' site, signed in with every right."""
    operator.is_superuser = True
    operator.save()
    client = Client()
    client.force_login(operator)
    return client


def test_finding_and_reading(desk: Client, guest: Any, sandbox: Any) -> None:
    reservation = confirmed_reservation(guest)
    assert reservation.code in desk.get(LIST, {"q": guest.email}).content.decode()
    assert reservation.code not in desk.get(LIST, {"q": "nobody@example.com"}).content.decode()
    page = desk.get(f"{LIST}{reservation.pk}/change/").content.decode()
    assert "gateway" in page
    assert 'name="_save"' not in page
    assert desk.get("/admin/reservations/trip/").status_code == 200


def test_nothing_is_added_changed_or_deleted_by_hand(desk: Client, guest: Any) -> None:
    held = held_reservation(guest)
    assert desk.get(f"{LIST}add/").status_code == 403
    assert desk.post(f"{LIST}{held.pk}/change/", {"status": "confirmed"}).status_code == 403
    assert desk.post(f"{LIST}{held.pk}/delete/", {"post": "yes"}).status_code == 403
    assert fresh(held).version == 1


def test_cancelling_gives_everything_back_and_says_what_could_not_be(
    desk: Client, guest: Any, operator: Any, sandbox: Any
) -> None:
    confirmed, held = confirmed_reservation(guest), held_reservation(guest)
    chosen = {"action": "cancel_with_everything_back", "_selected_action": [confirmed.pk, held.pk]}
    answer = desk.post(LIST, chosen, follow=True).content.decode()
    done = fresh(confirmed)
    assert (done.status, done.cancelled_by, done.refund_due_minor) == (Status.CANCELLED, "operator", done.total_minor)
    assert done.transitions.last().actor_id == operator.pk
    assert fresh(held).status == Status.HELD
    assert f"{confirmed.code} was cancelled" in answer
    assert f"{held.code}: " in answer


def test_guests_have_no_desk(guest: Any) -> None:
    client = Client()
    client.force_login(guest)
    assert client.get(LIST).status_code in (302, 403, 404)


def test_the_timers_are_tasks(guest: Any, sandbox: Any, time: Any) -> None:
    held, confirmed = held_reservation(guest), confirmed_reservation(guest)
    time.at(confirmed.check_in_at)
    assert (expire_holds(), move_stays()) == (1, 1)
    assert (fresh(held).status, fresh(confirmed).status) == (Status.EXPIRED, Status.IN_STAY)

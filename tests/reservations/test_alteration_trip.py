"""The trip view and the room's view follow an alteration, in any order and again from the events."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command

from payments.tasks import send_refunds
from reservations import queries
from reservations.models import Reservation, Trip
from reservations.shown.timeline import story
from rooms.models import RoomStay
from tests.reservations.altering import accept, booked, pay, propose
from tests.support import DECLINED, VISA, cancel, fresh

pytestmark = pytest.mark.django_db
NIGHT = 134_400


@pytest.fixture
def stay(guest: Any, host: Any, sandbox: Any) -> Reservation:
    return booked(guest, host)


def trip_facts(code: str) -> dict[str, Any]:
    names = (
        "status",
        "check_in",
        "check_out",
        "guests",
        "total_minor",
        "host_payout_minor",
        "payment_status",
        "altered",
    )
    return Trip.objects.values(*names, "refunded_minor", "refunds").get(reservation_id=code)


def test_the_views_show_the_new_stay(stay: Reservation, guest: Any, host: Any, deliver: Any) -> None:
    alteration = propose(stay, guest, end=1)
    accept(alteration, host)
    pay(alteration, DECLINED)
    pay(alteration, VISA)
    deliver()
    now, shown = fresh(stay), trip_facts(stay.code)
    assert (shown["check_out"], shown["total_minor"], shown["host_payout_minor"]) == (
        now.check_out, now.total_minor, now.host_payout_minor,
    )  # fmt: skip
    assert (shown["status"], shown["payment_status"]) == ("confirmed", "captured"), "a declined difference is not it"
    at_room = RoomStay.objects.get(pk=stay.code)
    assert (at_room.status, at_room.check_out, at_room.payment) == ("confirmed", now.check_out, "captured")
    moments = story(queries.trip_of(stay.code, guest.pk))
    titles = [str(moment.title) for moment in moments]
    assert {"A change was proposed", "The host agreed to the change", "The booking was changed"} <= set(titles)
    assert titles.count("The payment did not go through") == 1, "one card that was declined is one piece of news"
    paid = [str(moment.note) for moment in moments if str(moment.title) == "Paid"]
    assert paid == [f"₩{stay.total_minor:,}", f"₩{now.total_minor - stay.total_minor:,}"], "each with its own sum"


def test_a_lagging_view_still_tells_of_the_change(stay: Reservation, guest: Any, host: Any, deliver: Any) -> None:
    deliver()
    accept(propose(stay, guest, end=-1), host)
    view = queries.trip_of(stay.code, guest.pk)
    assert view.row.check_out == fresh(stay).check_out
    assert view.timeline[-1].event == "ReservationAltered"


def test_a_refund_over_two_payments_is_done_when_all_of_it_is(
    stay: Reservation, guest: Any, host: Any, deliver: Any
) -> None:
    accept(propose(stay, host, end=1), guest, VISA)
    accept(propose(fresh(stay), guest, end=-2), host)
    deliver()
    cancel(fresh(stay), host)
    deliver()
    assert queries.trip_of(stay.code, guest.pk).row.refund.status == "pending"  # type: ignore[union-attr]
    send_refunds()
    deliver()
    row = queries.trip_of(stay.code, guest.pk).row
    assert row.refund is not None
    assert (row.refund.status, row.refund.amount.amount_minor) == ("succeeded", stay.total_minor - NIGHT)
    assert row.payment_status == "refunded"
    before = trip_facts(stay.code)
    call_command("rebuild", "reservations.Trip")
    assert trip_facts(stay.code) == before

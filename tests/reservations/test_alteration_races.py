"""Two at once: whoever is second is told so, and the stay has one set of nights and one price."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from airbnb.invariants import check
from airbnb.stays import Stay
from payments.models import Payment
from reservations import services
from reservations.invariants import INVARIANTS
from rooms import calendar, queries
from tests.reservations.altering import accept, booked, nights_of, propose, seen
from tests.support import VISA, at_once, cancel, fresh

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _nothing_is_ever_wrong() -> Any:
    yield
    assert check(INVARIANTS) == []


def kinds(results: list[Any]) -> list[str]:
    return sorted(type(each).__name__ for each in results)


def test_a_booking_and_a_proposal_on_the_same_nights(guest: Any, host: Any, stranger: Any, sandbox: Any) -> None:
    stay = booked(guest, host)
    after = Stay(stay.check_out, stay.check_out + timedelta(days=2))
    hold = lambda: services.hold(guest=stranger, room_id=stay.room_id, stay=after, guests=1)  # noqa: E731
    results = at_once(lambda: propose(stay, guest, end=2), hold)
    lost = [each for each in results if isinstance(each, Exception)]
    assert len(lost) == 1
    assert isinstance(lost[0], (calendar.NightsTaken, queries.StayRefused))
    assert nights_of(stay.code) == stay.stay.nights


def test_two_proposals_at_once(guest: Any, host: Any, sandbox: Any) -> None:
    stay = booked(guest, host)
    results = at_once(lambda: propose(stay, guest, end=1), lambda: propose(stay, host, end=2))
    assert kinds(results) == ["Alteration", "AlterationInTheWay"]


def test_accepting_twice_at_once_pays_once(guest: Any, host: Any, sandbox: Any) -> None:
    stay = booked(guest, host)
    alteration = propose(stay, host, end=1)
    results = at_once(*[lambda: accept(alteration, guest, VISA)] * 3)
    assert {each.status for each in results} <= {"applied", "paying"}
    assert seen(alteration).status == "applied"
    assert Payment.objects.filter(reservation=stay.code).count() == 2
    assert fresh(stay).total_minor == stay.total_minor + 134_400


def test_accepting_and_cancelling_at_once(guest: Any, host: Any, sandbox: Any, deliver: Any) -> None:
    stay = booked(guest, host)
    alteration = propose(stay, guest, end=-1)
    results = at_once(lambda: accept(alteration, host), lambda: cancel(stay, guest))
    assert fresh(stay).status == "cancelled" or kinds(results).count("PreviewOver") == 1
    deliver()
    paid = Payment.objects.get()
    now = fresh(stay)
    assert paid.promised_minor == now.returned_minor + now.refund_due_minor
    assert nights_of(stay.code) == ([] if now.status == "cancelled" else now.stay.nights)


def test_withdrawing_and_accepting_at_once(guest: Any, host: Any, sandbox: Any) -> None:
    stay = booked(guest, host)
    alteration = propose(stay, guest, start=1, end=1)
    take_back = lambda: services.withdraw_alteration(code=stay.code, alteration=alteration.code, actor=guest)  # noqa: E731
    results = at_once(lambda: accept(alteration, host), take_back)
    assert sum(isinstance(each, services.AlterationOver) for each in results) == 1
    moved = seen(alteration).status == "applied"
    assert fresh(stay).stay == (alteration.stay if moved else stay.stay)
    assert nights_of(alteration.code) == []

"""Two at one request, with real threads and real commits: one of them decides, the other sees what was decided."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest

from airbnb import clock, invariants
from airbnb.errors import DomainError
from airbnb.events.bus import deliver_pending
from payments.models import Payment
from payments.tasks import settle_unknown
from reservations import services
from reservations.models import Reservation
from reservations.services import requests
from reservations.states import MovedOn, Status
from rooms.calendar import NightsTaken
from rooms.models import Night
from tests.conftest import make_user
from tests.factories.reservations import some_stay
from tests.payments.facts import events as told
from tests.support import at_once, fresh, requested_reservation, room_of

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 4
_A_SECOND, _A_MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture
def cast(guest: Any, host: Any, sandbox: Any) -> tuple[Any, Any, Any]:
    """A guest, the host, and their room on request."""
    return guest, host, room_of(host, instant_book=False)


def accepts(request: Reservation, host: Any) -> Callable[[], str]:
    return lambda: services.accept_request(request.code, host).status


def settled(request: Reservation) -> Reservation:
    """How it stands once everything that follows has run; nothing is left undone or done twice."""
    deliver_pending()
    with clock.shifted(_A_MINUTE):
        settle_unknown()
    deliver_pending()
    assert invariants.check() == []
    now = fresh(request)
    payment = Payment.objects.get(reservation=request.code)
    assert payment.status == ("captured" if now.status == Status.CONFIRMED else "voided")
    assert Night.objects.filter(reservation=request.code).count() == (2 if now.status == Status.CONFIRMED else 0)
    return now


def test_two_guests_ask_for_the_same_nights(cast: Any) -> None:
    """The nights go to one of them at the hold, so two requests for one night never stand side by side."""
    _guest, _host, room = cast
    for number in range(ROUNDS):
        stay = some_stay(2, ahead=30 + 5 * number)
        two = [make_user(f"asks-{number}-{each}@example.com") for each in range(2)]
        results = at_once(*(lambda who=who, stay=stay: requested_reservation(who, room, stay=stay) for who in two))
        won = [each for each in results if isinstance(each, Reservation)]
        lost = [each for each in results if isinstance(each, NightsTaken)]
        assert (len(won), len(lost)) == (1, 1), results
        assert lost[0].facts["alternatives"]
        assert Reservation.objects.filter(check_in=stay.check_in).get().status == Status.REQUESTED
    assert invariants.check() == []


def test_two_devices_accept_at_once(cast: Any) -> None:
    guest, host, room = cast
    for number in range(ROUNDS):
        request = requested_reservation(guest, room, stay=some_stay(2, ahead=30 + 5 * number))
        results = at_once(accepts(request, host), accepts(request, host))
        assert set(results) <= {"confirmed", "accepted"}, results
        assert "confirmed" in results
        assert settled(request).status == Status.CONFIRMED
    assert len(told("RequestAccepted")) == len(told("PaymentApproved")) == ROUNDS


def test_accepting_and_refusing_at_once(cast: Any) -> None:
    guest, host, room = cast
    for number in range(ROUNDS):
        request = requested_reservation(guest, room, stay=some_stay(2, ahead=30 + 5 * number))
        yes, no = at_once(
            accepts(request, host), lambda request=request: services.refuse_request(request.code, host, "Sorry")
        )
        won = settled(request).status
        assert won == (Status.CONFIRMED if yes == "confirmed" else Status.DECLINED)
        loser = no if yes == "confirmed" else yes
        assert isinstance(loser, services.RequestClosed), (yes, no)


def test_accepting_while_the_guest_takes_it_back(cast: Any) -> None:
    guest, host, room = cast
    for number in range(ROUNDS):
        request = requested_reservation(guest, room, stay=some_stay(2, ahead=30 + 5 * number))
        token = services.preview_cancellation(request.code, guest).token
        yes, back = at_once(
            accepts(request, host),
            lambda request=request, token=token: services.cancel(request.code, guest, token),
        )
        won = settled(request).status
        if yes == "confirmed":
            assert won == Status.CONFIRMED
            assert isinstance(back, (services.PreviewOver, services.NotCancellable)), back
        else:
            assert won == Status.CANCELLED
            assert isinstance(yes, services.RequestClosed), yes


def test_accepting_as_the_time_ends(cast: Any) -> None:
    """The timers run a second before and a second after the end; whoever comes first decides."""
    guest, host, room = cast
    for number in range(ROUNDS):
        request = requested_reservation(guest, room, stay=some_stay(2, ahead=30 + 5 * number))
        assert request.answer_by is not None
        early, late = request.answer_by - _A_SECOND, request.answer_by + _A_SECOND

        def accept(request: Reservation = request, at: Any = early) -> str:
            with clock.frozen(at):
                return services.accept_request(request.code, host).status

        def sweep(at: Any = late) -> int:
            with clock.frozen(at):
                return services.end_requests()

        yes, *swept = at_once(accept, sweep, sweep)
        won = settled(request).status
        if yes == "confirmed":
            assert (won, swept) == (Status.CONFIRMED, [0, 0])
        else:
            assert isinstance(yes, DomainError), yes
            assert (won, sorted(swept)) == (Status.EXPIRED, [0, 1])


def test_three_schedulers_remind_once_each(cast: Any) -> None:
    guest, _host, room = cast
    asked = [requested_reservation(guest, room, stay=some_stay(2, ahead=30 + 5 * each)) for each in range(ROUNDS)]
    for request in asked:
        services.backdate(code=request.code, days=0, seconds=13 * 3600)
    assert sum(at_once(*[services.remind_hosts] * 3)) == ROUNDS
    for request in asked:
        services.backdate(code=request.code, days=0, seconds=10 * 3600)
    assert sum(at_once(*[services.remind_hosts] * 3)) == ROUNDS
    said = [(each["reservation"], each["hours"]) for each in told("RequestReminderDue")]
    assert sorted(said) == sorted((each.code, hours) for each in asked for hours in (12, 2))


def test_without_the_lock_both_begin_to_answer(cast: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: without the locks both see an open request, and only the version that each read tells them apart."""
    guest, host, room = cast
    both_have_read = Barrier(2)

    def read_without_a_lock(code: str, _host: Any) -> Reservation:
        found = Reservation.objects.get(code=code)
        both_have_read.wait(timeout=20)
        return found

    monkeypatch.setattr(requests, "_of_host", read_without_a_lock)
    request = requested_reservation(guest, room, stay=some_stay(2))
    results = at_once(accepts(request, host), lambda: services.refuse_request(request.code, host, "Sorry"))
    assert [type(each) for each in results if isinstance(each, Exception)] == [MovedOn]
    settled(request)

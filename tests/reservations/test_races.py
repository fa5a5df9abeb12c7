"""Races, with real threads and real commits: one winner, no deadlock, one charge."""

from __future__ import annotations

from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from django.db import connection

from airbnb import clock, db, invariants
from airbnb.errors import DomainError
from airbnb.stays import Stay
from reservations import services
from reservations.models import Reservation
from reservations.services import holds
from reservations.states import Status
from rooms.calendar import NightsTaken
from rooms.models import Night
from tests.conftest import make_user
from tests.factories.reservations import next_stay, some_stay
from tests.support import at_once, confirmed_reservation, fresh, held_reservation, pay_for, room_of

pytestmark = pytest.mark.django_db(transaction=True)


def codes(results: list[Any]) -> list[str]:
    return sorted(getattr(each, "code", str(each)) if isinstance(each, DomainError) else "won" for each in results)


def test_eight_guests_one_night_one_winner() -> None:
    room, stay = room_of(), some_stay(3)
    guests = [make_user(f"racer-{n}@example.com") for n in range(8)]

    def take(guest: Any, shift: int) -> Any:
        nights = Stay(stay.nights[shift], stay.check_out)
        return lambda: services.hold(guest=guest, room_id=room.pk, stay=nights, guests=1)

    results = at_once(*(take(guest, n % 3) for n, guest in enumerate(guests)))
    assert codes(results) == ["nights_taken"] * 7 + ["won"]
    assert all(isinstance(each, (Reservation, NightsTaken)) for each in results)
    winner = Reservation.objects.get()
    assert list(Night.objects.values_list("night", flat=True).order_by("night")) == winner.stay.nights
    assert invariants.check() == []


def test_a_stale_hold_in_the_way_brings_no_deadlock(monkeypatch: pytest.MonkeyPatch) -> None:
    """One guest wants five nights, two of them under a dead hold; another takes the last three in the meantime."""
    room, stay = room_of(), some_stay(5)
    dead = held_reservation(make_user("dead@example.com"), room, stay=Stay(stay.check_in, stay.nights[2]))
    services.backdate(code=dead.code, days=0, seconds=3600)
    long, late = make_user("long@example.com"), make_user("late@example.com")
    before, begun, done = holds._agreed_quote, Event(), Event()

    def wait_before_the_nights(known: Any, *given: Any) -> Any:
        if known.stay == stay:
            begun.set()
            _until_done_or_somebody_waits(done)
        return before(known, *given)

    def take_the_last_three() -> Any:
        begun.wait(timeout=20)
        try:
            return services.hold(guest=late, room_id=room.pk, stay=Stay(stay.nights[2], stay.check_out), guests=1)
        finally:
            done.set()

    monkeypatch.setattr(holds, "_agreed_quote", wait_before_the_nights)
    results = at_once(
        lambda: services.hold(guest=long, room_id=room.pk, stay=stay, guests=1),
        take_the_last_three,
    )
    assert codes(results) == ["nights_taken", "won"]
    assert fresh(dead).status == Status.EXPIRED
    assert invariants.check() == []


def _until_done_or_somebody_waits(done: Event) -> None:
    """Until the other caller is through, or is seen to wait for a lock of ours."""
    for _try in range(400):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0] or done.wait(timeout=0.05):
                return
    raise AssertionError("the other caller neither came through nor waited")


def test_a_guest_cannot_open_more_than_three_holds_at_once() -> None:
    guest = make_user("eager@example.com")
    rooms = [room_of() for _ in range(6)]

    def take(room: Any) -> Any:
        return lambda: services.hold(guest=guest, room_id=room.pk, stay=next_stay(), guests=1)

    results = at_once(*(take(room) for room in rooms))
    assert codes(results) == ["too_many_holds"] * 3 + ["won"] * 3
    assert Reservation.objects.filter(status=Status.HELD).count() == 3


def test_the_control_without_the_lock_lets_more_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock per guest is what keeps the number: without it, callers that looked together all go on."""
    from threading import Barrier

    guest = make_user("eager@example.com")
    rooms = [room_of() for _ in range(5)]
    looked, real = Barrier(5), holds._standing

    def look_together(*given: Any) -> Any:
        found = real(*given)
        looked.wait(timeout=20)
        return found

    monkeypatch.setattr(holds.db, "lock", lambda *names: None)
    monkeypatch.setattr(holds, "_standing", look_together)
    results = at_once(
        *((lambda room=room: services.hold(guest=guest, room_id=room.pk, stay=next_stay(), guests=1)) for room in rooms)
    )
    assert codes(results) == ["won"] * 5
    assert "I8_few_open_holds" in {each.invariant.name for each in invariants.check()}


def test_paying_twice_at_once_charges_once(sandbox: Any) -> None:
    held = held_reservation(make_user("payer@example.com"))
    outcomes = at_once(*(lambda: pay_for(fresh(held)) for _ in range(4)))
    assert {each.status for each in outcomes} <= {"confirmed", "paying"}, outcomes
    assert [charge["amount"] for charge in sandbox.ledger()["charges"]] == [held.total_minor]
    assert fresh(held).status == Status.CONFIRMED


def test_two_sweepers_expire_a_hold_once() -> None:
    held = held_reservation(make_user("late@example.com"))
    services.backdate(code=held.code, days=0, seconds=3600)
    assert sorted(at_once(*(services.expire_holds for _ in range(4)))) == [0, 0, 0, 1]


def test_paying_against_expiry_never_does_both(sandbox: Any) -> None:
    for n in range(4):
        held = held_reservation(make_user(f"edge-{n}@example.com"))
        left = (held.hold_expires_at - clock.now()).total_seconds()  # type: ignore[operator]
        services.backdate(code=held.code, days=0, seconds=int(left))
        at_once(lambda held=held: pay_for(fresh(held)), services.expire_holds, services.expire_holds)
        services.expire_holds()
        state = fresh(held)
        charged = [each for each in sandbox.ledger()["charges"] if each["metadata"]["reservation"] == held.code]
        assert (state.status, len(charged)) in ((Status.CONFIRMED, 1), (Status.EXPIRED, 0), (Status.HELD, 0))
        assert Night.objects.filter(reservation=held.code).exists() == (state.status != Status.EXPIRED)


def test_guest_and_host_cancel_at_once_one_wins(sandbox: Any) -> None:
    guest, host = make_user("g@example.com"), make_user("h@example.com", host=True)
    reservation = confirmed_reservation(guest, room_of(host))
    tokens = {who.pk: services.preview_cancellation(reservation.code, who).token for who in (guest, host)}
    results = at_once(
        *((lambda who=who: services.cancel(reservation.code, who, tokens[who.pk])) for who in (guest, host, guest))
    )
    by = fresh(reservation).cancelled_by
    asked = ("guest", "host", "guest")
    assert codes(results) == sorted("won" if who == by else "not_cancellable" for who in asked)
    assert fresh(reservation).version == 4


def test_a_lock_that_is_held_makes_others_wait_not_fail() -> None:
    held = held_reservation(make_user("w@example.com"))

    def slow() -> str:
        with db.write():
            db.reservation_lock(held.code)
            return "held"

    results = at_once(slow, lambda: services.let_go(code=held.code, guest=held.guest).status)
    assert results == ["held", Status.EXPIRED]


def test_guests_of_neighbouring_nights_all_win_and_the_search_index_knows() -> None:
    room, first = room_of(), some_stay(2, ahead=40)
    stays = [Stay(first.check_in + timedelta(days=2 * n), first.check_out + timedelta(days=2 * n)) for n in range(6)]
    guests = [make_user(f"neighbour-{n}@example.com") for n in range(6)]

    def take(guest: Any, stay: Stay) -> Any:
        return lambda: services.hold(guest=guest, room_id=room.pk, stay=stay, guests=1)

    results = at_once(*(take(*pair) for pair in zip(guests, stays, strict=True)))
    assert codes(results) == ["won"] * 6
    assert invariants.check() == []

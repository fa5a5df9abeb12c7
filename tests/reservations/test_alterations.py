"""Other dates or guests: proposed by either side, decided by the other, the nights of both stays kept until then."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from airbnb import clock
from airbnb.errors import Invalid, NotFound
from airbnb.events.models import StoredEvent
from airbnb.invariants import check
from airbnb.stays import InvalidStay, Stay
from reservations import queries as shown
from reservations import services
from reservations.invariants import INVARIANTS
from reservations.models import Alteration, Reservation
from reservations.states import Status
from rooms import calendar, queries
from rooms.models import SearchIndex
from tests.reservations.altering import accept, booked, nights_of, pay, propose, seen, terms
from tests.support import VISA, cancel, completed_reservation, fresh, held_reservation, in_stay_reservation, room_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_is_ever_wrong() -> Any:
    """After every test here, whatever happened in it, the invariants of reservations hold."""
    yield
    assert check(INVARIANTS) == []


@pytest.fixture
def stay(guest: Any, host: Any, sandbox: Any) -> Reservation:
    return booked(guest, host)


def told(name: str) -> list[dict[str, Any]]:
    return [each.payload for each in StoredEvent.objects.filter(name=name).order_by("occurred_at")]


def test_a_proposal_changes_nothing_and_keeps_the_nights_of_both_stays(stay: Reservation, guest: Any) -> None:
    before = terms(stay)
    alteration = propose(stay, guest, start=-1, end=2, message="하루 먼저 가도 될까요")
    assert terms(stay) == before
    assert nights_of(stay.code) == stay.stay.nights
    last = stay.check_out
    assert nights_of(alteration.code) == [stay.check_in - timedelta(days=1), last, last + timedelta(days=1)]
    assert alteration.status == "proposed"
    assert alteration.difference_minor == alteration.total_minor - stay.total_minor == 3 * 128_000 * 105 // 100
    assert alteration.expires_at == pytest.approx(clock.now() + timedelta(hours=24), abs=timedelta(minutes=1))
    (event,) = told("AlterationProposed")
    assert (event["alteration"], event["proposed_by"]) == (alteration.code, "guest")
    assert event["message"] == "하루 먼저 가도 될까요"


def test_a_preview_says_the_same_and_writes_nothing(stay: Reservation, guest: Any) -> None:
    wanted = {"check_in": None, "check_out": stay.check_out + timedelta(days=1), "guests": 3}
    shown = services.preview_alteration(code=stay.code, actor=guest, **wanted)
    assert not Alteration.objects.exists()
    made = services.propose_alteration(code=stay.code, actor=guest, **wanted)
    assert shown.difference == made.difference
    assert [line.as_json() for line in shown.quote.lines] == made.lines


def test_the_price_that_was_shown_is_the_price_or_nothing(stay: Reservation, guest: Any) -> None:
    with pytest.raises(services.PriceMoved) as moved:
        propose(stay, guest, end=1, difference_minor=1)
    assert moved.value.facts["difference"]["amount"] == 134_400
    assert nights_of(stay.code) == stay.stay.nights
    assert propose(stay, guest, end=1, difference_minor=134_400).difference_minor == 134_400


def test_its_own_nights_are_no_conflict_and_shifting_by_one_works(stay: Reservation, guest: Any, host: Any) -> None:
    alteration = propose(stay, guest, start=1, end=1)
    assert alteration.difference_minor == 0
    assert nights_of(alteration.code) == [stay.check_out]
    assert accept(alteration, host).status == "applied"
    now = fresh(stay)
    assert (now.stay, nights_of(now.code)) == (alteration.stay, alteration.stay.nights)
    assert nights_of(alteration.code) == []
    assert queries.free(stay.room_id, Stay(stay.check_in, stay.check_in + timedelta(days=1)))


def test_search_and_settled_nights_follow(stay: Reservation, host: Any, guest: Any) -> None:
    accept(propose(stay, host, start=5, end=3), guest)
    entry = SearchIndex.objects.get(room_id=stay.room_id)
    taken = [entry.starts_on + timedelta(days=n) for n, bit in enumerate(entry.calendar) if bit == "1"]
    assert taken == nights_of(stay.code) == fresh(stay).stay.nights
    assert not calendar.Night.objects.filter(reservation=stay.code, settled=False).exists()


def test_fewer_nights_are_applied_at_once_and_the_difference_is_due(stay: Reservation, guest: Any, host: Any) -> None:
    alteration = propose(stay, guest, end=-1)
    assert accept(alteration, host).status == "applied"
    now = fresh(stay)
    assert now.total_minor == stay.total_minor - 134_400
    assert (now.captured_minor, now.returned_minor) == (stay.total_minor, 134_400)
    (event,) = told("ReservationAltered")
    assert (event["refund_due_minor"], event["difference_minor"]) == (134_400, -134_400)
    assert event["before"]["check_out"] == stay.check_out.isoformat()
    assert (event["check_out"], event["revision"]) == (now.check_out.isoformat(), now.version)
    assert event["host_payout_minor"] == now.host_payout_minor < stay.host_payout_minor


def test_the_tax_in_the_new_price_is_told(
    stay: Reservation, guest: Any, host: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plan of payouts is made anew from it; without it the tax would become the house's."""
    from airbnb.events.models import StoredEvent
    from reservations.services.alterations import applying

    monkeypatch.setattr(applying, "tax_of", lambda lines: len(lines) * 1000)
    accept(propose(stay, guest, end=-1), host)
    told = StoredEvent.objects.get(name="ReservationAltered").payload
    assert told["tax_minor"] == len(fresh(stay).lines) * 1000 > 0


def test_more_guests_alone_need_no_nights(guest: Any, host: Any, sandbox: Any) -> None:
    stay = booked(guest, host, included_guests=2, extra_guest_fee=_won(10_000))
    alteration = propose(stay, host, guests=4)
    assert nights_of(alteration.code) == []
    assert accept(alteration, guest, VISA).status == "applied"
    assert fresh(stay).guests == 4
    assert fresh(stay).total_minor == stay.total_minor + 2 * 10_000 * 3


def _won(amount: int) -> Any:
    from airbnb.money import Money

    return Money(amount)


def test_the_other_side_says_no(stay: Reservation, guest: Any, host: Any) -> None:
    before, alteration = terms(stay), propose(stay, host, end=2)
    assert services.decline_alteration(code=stay.code, alteration=alteration.code, actor=guest).status == "declined"
    again = services.decline_alteration(code=stay.code, alteration=alteration.code, actor=guest)
    assert (again.status, nights_of(alteration.code), terms(stay)) == ("declined", [], before)
    (event,) = told("AlterationClosed")
    assert (event["outcome"], event["by"]) == ("declined", "guest")


def test_the_proposer_takes_it_back(stay: Reservation, guest: Any) -> None:
    before, alteration = terms(stay), propose(stay, guest, end=2)
    services.withdraw_alteration(code=stay.code, alteration=alteration.code, actor=guest)
    assert (seen(alteration).status, nights_of(alteration.code), terms(stay)) == ("withdrawn", [], before)
    assert propose(stay, guest, end=1).status == "proposed"


@pytest.mark.parametrize("verb", ["accept_alteration", "decline_alteration", "withdraw_alteration"])
def test_nobody_decides_for_the_other_side(stay: Reservation, guest: Any, host: Any, verb: str) -> None:
    alteration = propose(stay, guest, end=1)
    wrong = host if verb == "withdraw_alteration" else guest
    with pytest.raises(services.NotYours):
        getattr(services, verb)(code=stay.code, alteration=alteration.code, actor=wrong)
    assert seen(alteration).status == "proposed"


def test_strangers_and_operators_find_nothing(stay: Reservation, guest: Any, stranger: Any, operator: Any) -> None:
    alteration = propose(stay, guest, end=1)
    for person in (stranger, operator):
        with pytest.raises(NotFound):
            accept(alteration, person)
        with pytest.raises(NotFound):
            propose(stay, person, end=1)


def test_time_runs_out_and_the_nights_are_free(stay: Reservation, guest: Any, host: Any, time: Any) -> None:
    before, alteration = terms(stay), propose(stay, guest, end=2)
    time.forward(hours=23, minutes=59)
    assert services.expire_alterations() == 0
    time.forward(minutes=2)
    with pytest.raises(services.AlterationOver) as over:
        accept(alteration, host)
    assert over.value.facts["outcome"] == "expired"
    assert services.expire_alterations() == 0, "ended by the one who came too late"
    assert (nights_of(alteration.code), terms(stay)) == ([], before)


def test_the_timer_ends_it_once(stay: Reservation, guest: Any, time: Any) -> None:
    alteration = propose(stay, guest, end=2)
    time.forward(hours=25)
    assert (services.expire_alterations(), services.expire_alterations()) == (1, 0)
    assert (seen(alteration).status, len(told("AlterationClosed"))) == ("expired", 1)


def test_one_whose_time_is_over_is_shown_so_before_any_timer(
    stay: Reservation, guest: Any, host: Any, time: Any
) -> None:
    alteration = propose(stay, guest, end=2)

    def at_the_host() -> Any:
        return shown.alteration_of(stay.code, alteration.code, host.pk)

    assert (at_the_host().status, at_the_host().may_answer) == ("proposed", True)
    assert shown.open_alteration_of(stay.code, "host") is not None
    time.forward(hours=24)
    dead = at_the_host()
    assert (dead.status, dead.is_open, dead.may_answer, dead.may_withdraw) == ("expired", False, False, False)
    assert [each.status for each in shown.alterations_of(stay.code, guest.pk)] == ["expired"]
    assert shown.open_alteration_of(stay.code, "host") is None
    assert seen(alteration).status == "proposed", "no timer ran"
    assert propose(stay, guest, end=1).status == "proposed"


def test_one_whose_time_is_over_is_in_nobodys_way(
    stay: Reservation, guest: Any, host: Any, stranger: Any, time: Any
) -> None:
    alteration = propose(stay, guest, end=2)
    other = Stay(stay.check_out, stay.check_out + timedelta(days=2))
    with pytest.raises(calendar.NightsTaken):
        services.hold(guest=stranger, room_id=stay.room_id, stay=other, guests=1)
    time.forward(hours=25)
    services.hold(guest=stranger, room_id=stay.room_id, stay=other, guests=1)
    assert seen(alteration).status == "expired"


def test_nights_of_another_are_refused(stay: Reservation, guest: Any, host: Any, stranger: Any) -> None:
    taken = Stay(stay.check_out + timedelta(days=1), stay.check_out + timedelta(days=3))
    held_reservation(stranger, _room(stay), stay=taken)
    with pytest.raises(calendar.NightsTaken) as lost:
        propose(stay, guest, start=-1, end=2)
    assert lost.value.facts["nights"] == [taken.check_in.isoformat()]
    assert nights_of(stay.code) == stay.stay.nights
    with pytest.raises(queries.StayRefused):
        services.preview_alteration(code=stay.code, actor=guest, check_in=None, check_out=taken.check_out, guests=None)
    assert propose(stay, guest, end=1).added == [stay.check_out]


def _room(stay: Reservation) -> Any:
    from rooms.models import Room

    return Room.objects.get(pk=stay.room_id)


def test_a_stale_hold_is_in_nobodys_way(stay: Reservation, guest: Any, stranger: Any, time: Any) -> None:
    hold = held_reservation(stranger, _room(stay), stay=Stay(stay.check_out, stay.check_out + timedelta(days=2)))
    time.forward(minutes=16)
    alteration = propose(stay, guest, end=1)
    assert (alteration.status, fresh(hold).status) == ("proposed", Status.EXPIRED)


def test_one_open_proposal_at_a_time(stay: Reservation, guest: Any, host: Any) -> None:
    first = propose(stay, guest, end=1)
    assert propose(stay, guest, end=1) == first, "the same again is the same"
    for person, end in ((guest, 2), (host, 1)):
        with pytest.raises(services.AlterationInTheWay) as refused:
            propose(stay, person, end=end)
        assert refused.value.facts["alteration"] == first.code


def test_what_cannot_be_proposed(stay: Reservation, guest: Any, host: Any) -> None:
    with pytest.raises(Invalid):
        propose(stay, guest)
    with pytest.raises(InvalidStay):
        propose(stay, guest, end=-3)
    with pytest.raises(queries.StayRefused):
        propose(stay, guest, guests=5)


def test_only_what_stands_can_be_altered(guest: Any, host: Any, sandbox: Any) -> None:
    held = held_reservation(guest, room_of(host))
    over = completed_reservation(guest, room_of(host))
    gone = cancel(booked(guest, host), guest)
    for each in (held, over, gone):
        with pytest.raises(services.NotAlterable):
            propose(each, host, end=1)


def test_cancelling_ends_an_open_proposal(stay: Reservation, guest: Any, host: Any) -> None:
    alteration = propose(stay, guest, end=2)
    cancel(stay, host)
    assert (seen(alteration).status, nights_of(alteration.code)) == ("overtaken", [])
    with pytest.raises(services.AlterationOver):
        accept(alteration, host)


def test_in_the_stay_the_end_may_move_until_check_out(guest: Any, host: Any, sandbox: Any) -> None:
    stay = in_stay_reservation(guest, room_of(host, min_nights=1), stay=_some(3))
    with pytest.raises(queries.StayRefused):
        propose(stay, guest, start=1, end=1)
    alteration = propose(stay, guest, end=1)
    assert alteration.expires_at <= stay.check_out_at
    assert accept(alteration, host).status == "accepted"
    assert pay(alteration).status == "applied"
    now = fresh(stay)
    assert (now.status, now.check_out, told("ReservationAltered")[0]["status"]) == (
        Status.IN_STAY, stay.check_out + timedelta(days=1), "in_stay",
    )  # fmt: skip
    services.backdate(code=now.code, days=4, seconds=0)
    services.move_stays()
    assert fresh(now).status == Status.COMPLETED


def _some(nights: int) -> Stay:
    from tests.factories.reservations import some_stay

    return some_stay(nights)


def test_the_timers_go_by_the_new_dates(stay: Reservation, guest: Any, host: Any, time: Any) -> None:
    accept(propose(stay, guest, start=4, end=4), host)
    time.at(stay.check_in_at + timedelta(hours=1))
    assert services.move_stays() == 0
    time.at(fresh(stay).check_in_at + timedelta(hours=1))
    assert services.move_stays() == 1


def test_another_arrival_is_over_when_the_guest_has_come(stay: Reservation, guest: Any, time: Any) -> None:
    time.at(stay.check_in_at - timedelta(hours=2))
    alteration = propose(stay, guest, start=2, end=2)
    assert alteration.expires_at == stay.check_in_at
    time.at(stay.check_in_at + timedelta(minutes=1))
    services.move_stays()
    assert (seen(alteration).status, nights_of(alteration.code)) == ("overtaken", [])


def test_backdating_moves_an_open_proposal_along(stay: Reservation, guest: Any) -> None:
    alteration = propose(stay, guest, start=-1, end=1)
    services.backdate(code=stay.code, days=1, seconds=3600)
    moved = seen(alteration)
    assert moved.stay == Stay(alteration.check_in - timedelta(days=1), alteration.check_out - timedelta(days=1))
    assert nights_of(alteration.code) == [day - timedelta(days=1) for day in alteration.added]
    assert services.expire_alterations() == 1


def test_after_an_alteration_another_may_follow_and_backdating_still_works(
    stay: Reservation, guest: Any, host: Any, deliver: Any
) -> None:
    accept(propose(stay, guest, start=1, end=1), host)
    accept(propose(fresh(stay), host, end=-1), guest)
    deliver()
    now = fresh(stay)
    assert now.stay == Stay(stay.check_in + timedelta(days=1), stay.check_out)
    services.backdate(code=stay.code, days=2, seconds=0)
    assert fresh(stay).check_in == now.check_in - timedelta(days=2)

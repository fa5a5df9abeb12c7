"""Holds: nights at the agreed price for a quarter of an hour, three at most, one winner."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from airbnb import clock
from airbnb.errors import Invalid
from airbnb.events.models import StoredEvent
from airbnb.money import Money
from airbnb.stays import Stay
from payments import queries as payments
from reservations import services
from reservations.models import Reservation
from reservations.states import Status
from rooms import calendar, queries
from rooms import services as room_services
from rooms.models import Night
from tests.factories.reservations import next_stay, some_stay
from tests.support import expired_reservation, fresh, held_reservation, paying_reservation, room_of

pytestmark = pytest.mark.django_db


def nights_of(reservation: Reservation) -> int:
    return Night.objects.filter(reservation=reservation.code).count()


def test_a_hold_takes_the_nights_at_the_quoted_price_for_15_minutes(guest: Any, host: Any) -> None:
    room, stay = room_of(host), some_stay(3)
    quote = queries.quote(room.pk, stay, 2)
    at = clock.now()
    held = services.hold(
        guest=guest, room_id=room.pk, stay=stay, guests=2, quote_token=quote.token, message="안녕하세요"
    )
    assert (held.status, held.total, held.message) == (Status.HELD, quote.total, "안녕하세요")
    assert held.hold_expires_at is not None
    assert timedelta(0) <= held.hold_expires_at - at - timedelta(minutes=15) < timedelta(seconds=5)
    assert nights_of(held) == 3
    assert held.lines == [line.as_json() for line in quote.lines]
    assert (held.cancellation_policy, held.host_id, held.room_title_i18n) == ("flexible", host.pk, room.title_i18n)
    event = StoredEvent.objects.get(name="ReservationCreated").payload
    assert (event["reservation"], event["total_minor"], event["revision"]) == (held.code, quote.total.amount_minor, 1)


def test_a_hold_without_a_quote_is_made_at_todays_price(guest: Any) -> None:
    assert held_reservation(guest, with_quote=False).total == held_reservation(guest).total


def test_the_hold_takes_few_statements(guest: Any, host: Any, settings: Any) -> None:
    """Whether the gateway rests is known without the database."""
    settings.GATEWAY_GUARDED = True
    assert payments.rest_now("KRW") is None
    room, stay = room_of(host), some_stay()
    token = queries.quote(room.pk, stay, 2).token
    with CaptureQueriesContext(
        connection,
    ) as seen:
        services.hold(guest=guest, room_id=room.pk, stay=stay, guests=2, quote_token=token)
    statements = [each["sql"] for each in seen if "SAVEPOINT" not in each["sql"]]
    assert len(statements) <= 8, "\n".join(statements)


def test_another_guest_is_told_at_once_with_alternatives(guest: Any, stranger: Any, host: Any) -> None:
    room, other, stay = room_of(host), room_of(host), some_stay()
    held_reservation(guest, room, stay=stay)
    with pytest.raises(calendar.NightsTaken) as told:
        services.hold(guest=stranger, room_id=room.pk, stay=stay, guests=2)
    offered = told.value.facts["alternatives"]
    assert {each["room"] for each in offered} == {room.code, other.code}
    assert all(each["total"]["amount"] > 0 for each in offered)
    assert Reservation.objects.filter(guest=stranger).count() == 0


def test_the_losers_of_one_race_share_one_search(
    guest: Any, stranger: Any, host: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two hundred at once would else make two hundred searches; afterwards it is looked for again."""
    room, stay, searched = room_of(host), some_stay(), []
    held_reservation(guest, room, stay=stay)
    search = queries.alternatives
    monkeypatch.setattr(queries, "alternatives", lambda *asked: searched.append(asked) or search(*asked))

    def lose() -> Any:
        with pytest.raises(calendar.NightsTaken) as told:
            services.hold(guest=stranger, room_id=room.pk, stay=stay, guests=2)
        return told.value.facts["alternatives"]

    assert lose() == lose()
    assert len(searched) == 1
    cache.clear()
    lose()
    assert len(searched) == 2


def test_a_check_out_and_a_check_in_share_a_day(guest: Any, stranger: Any, host: Any) -> None:
    room, stay = room_of(host), some_stay(2)
    held_reservation(guest, room, stay=stay)
    after = Stay(stay.check_out, stay.check_out + timedelta(days=2))
    assert held_reservation(stranger, room, stay=after).status == Status.HELD


def test_a_changed_price_is_refused_with_the_new_quote(guest: Any, host: Any) -> None:
    room, stay = room_of(host), some_stay()
    token = queries.quote(room.pk, stay, 2).token
    room_services.edit_room(room_id=room.pk, host_id=host.pk, language="ko", base_price=Money(200_000))
    with pytest.raises(services.QuoteChanged) as told:
        services.hold(guest=guest, room_id=room.pk, stay=stay, guests=2, quote_token=token)
    new = told.value.facts["quote"]
    assert new["total"]["amount"] == queries.quote(room.pk, stay, 2).total.amount_minor
    held = services.hold(guest=guest, room_id=room.pk, stay=stay, guests=2, quote_token=new["token"])
    assert held.total_minor == new["total"]["amount"]


def test_a_quote_past_its_time_is_answered_with_the_new_one(guest: Any, host: Any, time: Any) -> None:
    room, stay = room_of(host), some_stay()
    token = queries.quote(room.pk, stay, 2).token
    time.forward(minutes=15, seconds=1)
    with pytest.raises(services.QuoteChanged):
        services.hold(guest=guest, room_id=room.pk, stay=stay, guests=2, quote_token=token)


def test_a_quote_for_something_else_and_a_forged_one_are_refused(guest: Any, host: Any) -> None:
    room, stay = room_of(host), some_stay()
    token = queries.quote(room.pk, stay, 2).token
    with pytest.raises(Invalid):
        services.hold(guest=guest, room_id=room.pk, stay=stay, guests=3, quote_token=token)
    with pytest.raises(queries.QuoteInvalid):
        services.hold(guest=guest, room_id=room.pk, stay=stay, guests=2, quote_token=token[:-3] + "abc")
    assert Night.objects.count() == 0


def test_rules_of_the_room_are_told(guest: Any, host: Any) -> None:
    room = room_of(host, capacity=2)
    with pytest.raises(queries.StayRefused) as told:
        services.hold(guest=guest, room_id=room.pk, stay=some_stay(), guests=3)
    assert "too_many_guests" in {each.code for each in told.value.reasons}


def test_a_host_cannot_be_their_own_guest(host: Any) -> None:
    with pytest.raises(services.OwnRoom):
        held_reservation(host, room_of(host))


def test_asking_again_returns_the_same_hold_and_never_prolongs_it(guest: Any, host: Any, time: Any) -> None:
    room, stay = room_of(host), some_stay()
    first = held_reservation(guest, room, stay=stay)
    time.forward(minutes=5)
    again = services.hold(guest=guest, room_id=room.pk, stay=stay, guests=2)
    assert (again.pk, again.hold_expires_at) == (first.pk, first.hold_expires_at)


def test_one_open_hold_per_room(guest: Any, host: Any) -> None:
    room = room_of(host)
    first = held_reservation(guest, room)
    with pytest.raises(services.HoldExists) as told:
        held_reservation(guest, room)
    assert told.value.facts == {"held": first.code}


def test_three_open_holds_at_most_and_dead_ones_do_not_count(guest: Any, host: Any, time: Any) -> None:
    for _ in range(3):
        held_reservation(guest, room_of(host))
    with pytest.raises(services.TooManyHolds):
        held_reservation(guest, room_of(host))
    time.forward(minutes=15)
    assert held_reservation(guest, room_of(host)).status == Status.HELD


def test_a_stale_hold_is_expired_by_the_next_guest_before_any_sweeper(
    guest: Any, stranger: Any, host: Any, time: Any
) -> None:
    room, stay = room_of(host), some_stay()
    old = held_reservation(guest, room, stay=stay)
    time.forward(minutes=14, seconds=59)
    with pytest.raises(calendar.NightsTaken):
        services.hold(guest=stranger, room_id=room.pk, stay=stay, guests=2)
    time.forward(seconds=2)
    new = services.hold(guest=stranger, room_id=room.pk, stay=stay, guests=2)
    assert (fresh(old).status, new.status) == (Status.EXPIRED, Status.HELD)
    assert (nights_of(old), nights_of(new)) == (0, 2)
    assert StoredEvent.objects.filter(name="ReservationExpired", payload__reservation=old.code).count() == 1


def test_the_sweeper_frees_what_is_over_once(guest: Any, host: Any, time: Any) -> None:
    held = held_reservation(guest, room_of(host))
    assert services.expire_holds() == 0
    time.forward(minutes=15)
    assert (services.expire_holds(), services.expire_holds()) == (1, 0)
    assert (fresh(held).status, nights_of(held)) == (Status.EXPIRED, 0)


def test_the_sweeper_never_expires_what_is_being_paid(guest: Any, sandbox: Any, time: Any) -> None:
    paying = paying_reservation(guest)
    time.forward(hours=5)
    assert services.expire_holds() == 0
    assert (fresh(paying).status, nights_of(paying)) == (Status.PAYING, 2)


def test_one_that_fails_does_not_keep_the_sweeper_from_the_others(
    guest: Any, stranger: Any, time: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from reservations.services import expiry

    first, second, real = held_reservation(guest), held_reservation(stranger), expiry.end_hold

    def end(reservation: Reservation, **given: Any) -> None:
        if reservation.pk == first.pk:
            raise RuntimeError("planted")
        real(reservation, **given)

    monkeypatch.setattr(expiry, "end_hold", end)
    time.forward(minutes=15)
    assert services.expire_holds() == 1
    assert (fresh(first).status, fresh(second).status) == (Status.HELD, Status.EXPIRED)


def test_a_hold_is_prolonged_once_by_ten_minutes(guest: Any, time: Any) -> None:
    held = held_reservation(guest)
    time.forward(minutes=14)
    longer = services.extend_hold(code=held.code, guest=guest)
    assert longer.hold_expires_at == held.hold_expires_at + timedelta(minutes=10)
    with pytest.raises(services.AlreadyExtended):
        services.extend_hold(code=held.code, guest=guest)
    time.forward(minutes=10)
    assert services.expire_holds() == 0
    time.forward(minutes=1)
    assert services.expire_holds() == 1


def test_a_dead_hold_cannot_be_prolonged_even_unswept(guest: Any, time: Any) -> None:
    held = held_reservation(guest)
    time.forward(minutes=15)
    with pytest.raises(services.HoldExpired):
        services.extend_hold(code=held.code, guest=guest)


def test_letting_go_frees_the_nights_at_once_and_again_is_quiet(guest: Any) -> None:
    held = held_reservation(guest)
    for _ in range(2):
        assert services.let_go(code=held.code, guest=guest).status == Status.EXPIRED
    assert nights_of(held) == 0
    event = StoredEvent.objects.get(name="ReservationExpired").payload
    assert (event["was"], event["reason"]) == ("held", "let_go")


def test_what_is_being_paid_cannot_be_let_go(guest: Any, sandbox: Any) -> None:
    paying = paying_reservation(guest)
    with pytest.raises(services.PaymentInProgress):
        services.let_go(code=paying.code, guest=guest)


@pytest.mark.parametrize("verb", ["extend_hold", "let_go"])
def test_a_stranger_finds_nothing(guest: Any, stranger: Any, verb: str) -> None:
    from airbnb.errors import NotFound

    held = held_reservation(guest)
    with pytest.raises(NotFound):
        getattr(services, verb)(code=held.code, guest=stranger)
    assert fresh(held).version == 1


def test_what_the_guest_says_at_checkout_is_kept_until_paid(guest: Any) -> None:
    held = held_reservation(guest)
    services.introduce(code=held.code, guest=guest, name="김서윤", phone="010-0000-0000", message="늦게 도착해요")
    kept = fresh(held)
    assert (kept.contact_name, kept.contact_phone, kept.message, kept.version) == (
        "김서윤", "010-0000-0000", "늦게 도착해요", 2,
    )  # fmt: skip
    expired = expired_reservation(guest)
    services.introduce(code=expired.code, guest=guest, name="다른 이름", phone="", message="")
    assert fresh(expired).contact_name == ""


def test_next_stays_do_not_meet() -> None:
    assert not next_stay().overlaps(next_stay())

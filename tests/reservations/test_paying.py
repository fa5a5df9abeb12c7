"""Paying: once, exactly the total, and nothing stands without it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from airbnb import clock, db
from airbnb.errors import NotFound
from airbnb.events.bus import publish
from airbnb.events.models import StoredEvent
from airbnb.stays import Stay
from payments import charging
from payments.events import PaymentApproved, PaymentFailed, PaymentsAvailable
from payments.models import Payment
from reservations import services
from reservations.models import Reservation
from reservations.states import Status
from rooms import services as room_services
from rooms.models import Night, Room
from tests.factories.reservations import some_stay
from tests.reservations.altering import booked, propose, seen
from tests.support import (
    DECLINED,
    RETURN_URL,
    VISA,
    cancelled_reservation,
    confirmed_reservation,
    expired_reservation,
    fresh,
    held_reservation,
    pay_for,
    paying_reservation,
    room_of,
)

pytestmark = pytest.mark.django_db


def names(reservation: Reservation) -> list[str]:
    found = StoredEvent.objects.filter(payload__reservation=reservation.code).order_by("occurred_at", "id")
    return list(found.values_list("name", flat=True))


def money_comes(
    reservation: Reservation, *, payment_id: str | None = None, amount: int | None = None, beside: bool = False
) -> str:
    """As payments publishes it when the gateway says that money was captured."""
    payment_id = payment_id or str(uuid4())
    with db.write():
        db.reservation_lock(reservation.code)
        publish(
            PaymentApproved(
                payment_id=payment_id,
                reservation=reservation.code,
                guest_id=reservation.guest_id,
                amount_minor=reservation.total_minor if amount is None else amount,
                currency=reservation.currency,
                gateway="stripe",
                beside=beside,
            )
        )
    return payment_id


def payment_fails(reservation: Reservation, payment_id: str, *, retryable: bool = False) -> None:
    with db.write():
        db.reservation_lock(reservation.code)
        publish(
            PaymentFailed(
                payment_id=payment_id,
                reservation=reservation.code,
                guest_id=reservation.guest_id,
                code="card_declined",
                amount_minor=reservation.total_minor,
                currency=reservation.currency,
                retryable=retryable,
            )
        )


def settled(reservation: Reservation) -> list[bool]:
    return list(Night.objects.filter(reservation=reservation.code).values_list("settled", flat=True))


def test_paying_confirms_in_the_same_step(guest: Any, sandbox: Any) -> None:
    reservation = confirmed_reservation(guest)
    assert (reservation.status, reservation.captured_minor) == (Status.CONFIRMED, reservation.total_minor)
    assert settled(reservation) == [True, True]
    assert [charge["amount"] for charge in sandbox.ledger()["charges"]] == [reservation.total_minor]
    happened = names(reservation)
    assert happened[:2] == ["ReservationCreated", "PaymentBegun"]
    assert {"PaymentApproved", "ReservationConfirmed", "RoomReserved"} <= set(happened)
    confirmed = StoredEvent.objects.get(name="ReservationConfirmed")
    approved = StoredEvent.objects.get(name="PaymentApproved")
    assert confirmed.causation_id == approved.id
    assert confirmed.payload["payment_id"] == str(reservation.payment_id)


def test_paying_twice_charges_once(guest: Any, sandbox: Any) -> None:
    held = held_reservation(guest)
    assert [pay_for(held).status, pay_for(held).status] == ["confirmed", "confirmed"]
    assert len(sandbox.ledger()["charges"]) == 1


def test_a_declined_card_leaves_the_hold_and_then_nothing(guest: Any, sandbox: Any, time: Any) -> None:
    held = held_reservation(guest)
    outcome = pay_for(held, DECLINED)
    assert (outcome.status, bool(outcome.decline_code)) == ("declined", True)
    again = fresh(held)
    assert (again.status, again.hold_expires_at, again.captured_minor) == (Status.HELD, held.hold_expires_at, 0)
    time.forward(minutes=15)
    services.expire_holds()
    assert fresh(held).status == Status.EXPIRED
    assert not Night.objects.filter(reservation=held.code).exists()


def test_another_card_may_be_tried(guest: Any, sandbox: Any) -> None:
    held = held_reservation(guest)
    assert pay_for(held, DECLINED).status == "declined"
    assert pay_for(fresh(held)).status == "confirmed"


def test_five_tries_at_most(guest: Any, sandbox: Any) -> None:
    held = held_reservation(guest)
    for _ in range(5):
        pay_for(fresh(held), DECLINED)
    with pytest.raises(services.TooManyAttempts):
        pay_for(fresh(held))


def test_tries_while_the_gateway_rests_are_not_counted(guest: Any, sandbox: Any, settings: Any) -> None:
    held, works = held_reservation(guest), settings.STRIPE_API_BASE
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    assert [pay_for(fresh(held)).status for _ in range(6)] == ["unavailable"] * 6
    settings.STRIPE_API_BASE = works
    assert pay_for(fresh(held)).status == "confirmed"


def test_a_further_step_keeps_the_nights_and_tells_where(guest: Any, sandbox: Any) -> None:
    held = held_reservation(guest)
    outcome = pay_for(held, "pm_card_authenticationRequired")
    assert (outcome.status, outcome.reservation.status) == ("requires_action", Status.PAYING)
    assert outcome.action_url.startswith("http")
    again = pay_for(fresh(held))
    assert (again.status, again.action_url) == ("requires_action", outcome.action_url)


def test_a_hold_that_is_over_cannot_be_paid(guest: Any, sandbox: Any, time: Any) -> None:
    held = held_reservation(guest)
    time.forward(minutes=15)
    for _ in range(2):
        with pytest.raises(services.HoldExpired):
            pay_for(held)
    assert fresh(held).status == Status.EXPIRED
    assert sandbox.ledger()["charges"] == []


def test_a_cancelled_one_cannot_be_paid_and_a_stranger_finds_nothing(guest: Any, stranger: Any, sandbox: Any) -> None:
    cancelled = cancelled_reservation(guest)
    with pytest.raises(services.NotPayable):
        pay_for(cancelled)
    held = held_reservation(guest)
    with pytest.raises(NotFound):
        services.pay(code=held.code, guest=stranger, payment_method=VISA, return_url=RETURN_URL)
    assert fresh(held).status == Status.HELD


def test_money_for_a_dead_hold_takes_the_nights_again_when_they_are_free(guest: Any, sandbox: Any) -> None:
    paying = paying_reservation(guest)
    payment_id = str(paying.payment_id)
    services.backdate(code=paying.code, days=0, seconds=3600)
    payment_fails(paying, payment_id)
    assert fresh(paying).status == Status.EXPIRED
    _capture_behind_our_back(payment_id)
    money_comes(paying, payment_id=payment_id)
    assert fresh(paying).status == Status.CONFIRMED
    assert settled(paying) == [True, True]


def _capture_behind_our_back(payment_id: str) -> None:
    """The payment's own row says that it was captured: what the deferred guard asks for."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE payments_payment SET status = 'captured', captured_minor = amount_minor, decided_at = now()"
            " WHERE id = %s",
            [payment_id],
        )


def test_money_for_a_dead_hold_goes_back_when_somebody_else_has_the_nights(
    guest: Any, stranger: Any, host: Any
) -> None:
    room, stay = room_of(host), some_stay()
    dead = held_reservation(guest, room, stay=stay)
    services.let_go(code=dead.code, guest=guest)
    winner = held_reservation(stranger, room, stay=stay)
    payment_id = money_comes(dead)
    assert (fresh(dead).status, fresh(winner).status) == (Status.EXPIRED, Status.HELD)
    refused = StoredEvent.objects.get(name="PaymentRefused").payload
    assert (refused["payment_id"], refused["amount_minor"], refused["reason"]) == (
        payment_id, dead.total_minor, "nights_taken",
    )  # fmt: skip


def late_money(reservation: Reservation, sandbox: Any) -> str:
    """A declined payment that the gateway takes after all, long after its hold is over."""
    pay_for(reservation, DECLINED)
    services.let_go(code=reservation.code, guest=reservation.guest)
    payment = Payment.objects.get(reservation=reservation.code)
    sandbox.confirm(payment.gateway_ref, VISA)
    return str(payment.pk)


def test_a_dead_hold_is_in_nobodys_way_when_money_comes(
    guest: Any, stranger: Any, host: Any, sandbox: Any, time: Any
) -> None:
    """However late the timer is, nights that nobody holds any more are free for the money that came for them."""
    room, stay = room_of(host), some_stay()
    mine = held_reservation(guest, room, stay=stay)
    payment_id = late_money(mine, sandbox)
    other = held_reservation(stranger, room, stay=stay)
    time.forward(minutes=15)
    assert charging.settle(payment_id).status == "approved"
    assert (fresh(mine).status, fresh(other).status) == (Status.CONFIRMED, Status.EXPIRED)
    assert not StoredEvent.objects.filter(name="PaymentRefused").exists()
    assert set(Night.objects.values_list("reservation", flat=True)) == {mine.code}


def test_nor_is_a_proposal_whose_time_is_over(guest: Any, stranger: Any, host: Any, sandbox: Any, time: Any) -> None:
    theirs = booked(stranger, host)
    after = Stay(theirs.check_out, theirs.check_out + timedelta(days=2))
    mine = held_reservation(guest, Room.objects.get(pk=theirs.room_id), stay=after)
    payment_id = late_money(mine, sandbox)
    proposal = propose(theirs, stranger, end=2)
    time.forward(hours=25)
    assert charging.settle(payment_id).status == "approved"
    assert (fresh(mine).status, seen(proposal).status) == (Status.CONFIRMED, "expired")
    assert fresh(theirs).stay == theirs.stay


def test_what_must_be_first_is_tried_so_often_and_then_the_outcome_waits(
    guest: Any, stranger: Any, host: Any, sandbox: Any, time: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the two, or never done: the payment is as undecided as before, and the background asks again."""
    room, stay = room_of(host), some_stay()
    mine = held_reservation(guest, room, stay=stay)
    payment_id = late_money(mine, sandbox)
    held_reservation(stranger, room, stay=stay)
    time.forward(minutes=15)
    tried: list[int] = []
    with monkeypatch.context() as never:
        never.setattr("reservations.services.confirmations.end_stale", lambda codes: tried.append(len(codes)))
        with pytest.raises(db.FirstThis):
            charging.settle(payment_id)
    assert tried == [1] * (db.FIRST_ROUNDS - 1)
    assert Payment.objects.get(pk=payment_id).captured_minor == 0
    assert charging.settle(payment_id).status == "approved"
    assert fresh(mine).status == Status.CONFIRMED


def test_money_for_a_dead_hold_goes_back_when_the_host_has_taken_the_room_down(guest: Any, host: Any) -> None:
    room = room_of(host)
    dead = held_reservation(guest, room)
    services.let_go(code=dead.code, guest=guest)
    room_services.archive_room(room_id=room.pk, host_id=host.pk)
    payment_id = money_comes(dead)
    assert fresh(dead).status == Status.EXPIRED
    refused = StoredEvent.objects.get(name="PaymentRefused").payload
    assert (refused["payment_id"], refused["amount_minor"], refused["reason"]) == (
        payment_id, dead.total_minor, "room_gone",
    )  # fmt: skip


def test_money_never_revives_a_cancelled_reservation(guest: Any, sandbox: Any) -> None:
    cancelled = cancelled_reservation(guest)
    money_comes(cancelled)
    assert fresh(cancelled).status == Status.CANCELLED
    assert StoredEvent.objects.get(name="PaymentRefused").payload["reason"] == "reservation_cancelled"


def test_the_same_approval_again_changes_nothing(guest: Any, sandbox: Any) -> None:
    confirmed = confirmed_reservation(guest)
    money_comes(confirmed, payment_id=str(confirmed.payment_id))
    assert fresh(confirmed).version == confirmed.version
    assert not StoredEvent.objects.filter(name="PaymentRefused").exists()


def test_a_second_payment_of_a_paid_reservation_goes_back(guest: Any, sandbox: Any) -> None:
    confirmed = confirmed_reservation(guest)
    money_comes(confirmed)
    assert fresh(confirmed).status == Status.CONFIRMED
    assert StoredEvent.objects.get(name="PaymentRefused").payload["reason"] == "already_paid"


def test_money_beside_a_payment_under_way_goes_back_and_that_one_counts(guest: Any, sandbox: Any) -> None:
    """Else the stay would stand on money that no refund is taken from."""
    paying = paying_reservation(guest)
    money_comes(paying, beside=True)
    assert (fresh(paying).status, fresh(paying).payment_id) == (Status.PAYING, paying.payment_id)
    assert StoredEvent.objects.get(name="PaymentRefused").payload["reason"] == "paid_twice"


def test_another_sum_than_agreed_confirms_nothing(guest: Any, sandbox: Any) -> None:
    paying = paying_reservation(guest)
    money_comes(paying, payment_id=str(paying.payment_id), amount=paying.total_minor - 1)
    assert fresh(paying).status == Status.HELD
    assert StoredEvent.objects.get(name="PaymentRefused").payload["reason"] == "amount_differs"


def test_a_late_failure_never_undoes_a_success(guest: Any, sandbox: Any) -> None:
    confirmed = confirmed_reservation(guest)
    payment_fails(confirmed, str(confirmed.payment_id))
    assert fresh(confirmed).status == Status.CONFIRMED


def test_a_failure_of_an_older_payment_is_ignored(guest: Any, sandbox: Any) -> None:
    paying = paying_reservation(guest)
    payment_fails(paying, str(uuid4()))
    assert fresh(paying).status == Status.PAYING


def test_a_failure_after_the_time_is_over_ends_the_hold(guest: Any, sandbox: Any, time: Any) -> None:
    paying = paying_reservation(guest)
    time.forward(minutes=20)
    payment_fails(paying, str(paying.payment_id))
    assert fresh(paying).status == Status.EXPIRED
    assert settled(paying) == []


def test_when_the_gateway_rests_the_dates_are_kept_and_come_back_to_15_minutes(
    guest: Any, sandbox: Any, deliver: Any, time: Any
) -> None:
    paying = paying_reservation(guest)
    payment_fails(paying, str(paying.payment_id), retryable=True)
    kept = fresh(paying)
    assert (kept.status, kept.pay_later) == (Status.HELD, True)
    assert kept.hold_expires_at == kept.created_at + timedelta(hours=2)
    time.forward(minutes=30)
    assert services.expire_holds() == 0
    with db.write():
        publish(PaymentsAvailable(gateway="stripe"))
    deliver()
    back = fresh(paying)
    assert back.hold_expires_at is not None
    assert abs(back.hold_expires_at - clock.now() - timedelta(minutes=15)) < timedelta(seconds=10)
    assert not back.pay_later


def test_a_night_in_the_past_is_never_taken_again(guest: Any, time: Any) -> None:
    dead = expired_reservation(guest, stay=Stay(*_tomorrow()))
    time.forward(days=3)
    money_comes(dead)
    assert fresh(dead).status == Status.EXPIRED
    assert StoredEvent.objects.get(name="PaymentRefused").payload["reason"] == "too_late"


def _tomorrow() -> tuple[Any, Any]:
    stay = some_stay(2, ahead=2)
    return stay.check_in, stay.check_out

"""Requests to book and the clock: reminders, the end, money that would lapse; and what the database refuses."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from airbnb import clock, invariants
from airbnb.stays import Stay
from payments.models import Payment
from payments.tasks import end_authorizations
from reservations import services
from reservations.models import Reservation, asking
from reservations.queries import response_rate
from reservations.states import Status
from rooms import queries as rooms
from rooms import stay_rules
from rooms.models import RoomStay
from tests.payments.facts import events as told
from tests.reservations.requesting import heal, let_go, payment_of
from tests.support import (
    cancel,
    declined_reservation,
    fresh,
    requested_reservation,
    room_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(host: Any) -> Any:
    return room_of(host, instant_book=False)


@pytest.fixture
def asked(guest: Any, room: Any, sandbox: Any) -> Reservation:
    """A request that waits for its host, for a stay in a month."""
    return requested_reservation(guest, room)


class TestTime:
    """Nobody answers."""

    def test_a_day_without_an_answer(self, asked: Reservation, sandbox: Any, deliver: Any, time: Any) -> None:
        assert services.end_requests() == 0
        time.forward(hours=24)
        assert (services.end_requests(), services.end_requests()) == (1, 0)
        assert fresh(asked).status == Status.EXPIRED
        assert told("ReservationExpired")[0]["was"] == "requested"
        assert let_go(deliver, sandbox, time) == ["canceled"]

    def test_reminders_come_once_each(self, asked: Reservation, time: Any) -> None:
        assert services.remind_hosts() == 0
        time.forward(hours=12)
        assert [services.remind_hosts() for _ in range(3)] == [1, 0, 0]
        time.forward(hours=10)
        assert [services.remind_hosts() for _ in range(3)] == [1, 0, 0]
        time.forward(hours=3)
        assert services.remind_hosts() == 0
        assert [each["hours"] for each in told("RequestReminderDue")] == [12, 2]

    def test_a_late_timer_gives_the_last_reminder_alone(self, asked: Reservation, time: Any) -> None:
        time.forward(hours=23)
        assert [services.remind_hosts() for _ in range(2)] == [1, 0]
        assert [each["hours"] for each in told("RequestReminderDue")] == [2]

    def test_backdating_moves_answer_and_reminders(self, asked: Reservation, sandbox: Any) -> None:
        services.backdate(code=asked.code, days=0, seconds=13 * 3600)
        assert services.remind_hosts() == 1
        services.backdate(code=asked.code, days=0, seconds=12 * 3600)
        assert services.end_requests() == 1

    def test_money_that_would_lapse_is_let_go_in_time(
        self, asked: Reservation, sandbox: Any, deliver: Any, time: Any
    ) -> None:
        Payment.objects.filter(reservation=asked.code).update(capture_before=clock.now() + timedelta(hours=11))
        assert end_authorizations() == 1
        deliver()
        assert fresh(asked).status == Status.EXPIRED
        assert told("ReservationExpired")[0]["reason"] == "authorization_ending"
        assert let_go(deliver, sandbox, time) == ["canceled"]

    def test_but_not_what_was_accepted(
        self, asked: Reservation, host: Any, sandbox: Any, deliver: Any, time: Any
    ) -> None:
        sandbox.faults(mode="drop_before")
        services.accept_request(asked.code, host)
        assert services.let_go_in_time(asked.code) is False
        heal(sandbox, time)
        assert fresh(asked).status == Status.CONFIRMED

    def test_the_answers_make_the_rate(self, guest: Any, host: Any, room: Any, sandbox: Any, time: Any) -> None:
        declined_reservation(guest, room)
        cancel(requested_reservation(guest, room), guest)
        services.accept_request(requested_reservation(guest, room).code, host)
        requested_reservation(guest, room)
        assert (response_rate(host.pk).answered, response_rate(host.pk).asked) == (2, 2)
        time.forward(hours=24)
        services.end_requests()
        rate = response_rate(host.pk)
        assert (rate.answered, rate.asked, rate.percent) == (2, 3, 67)


class TestGuards:
    """What the database refuses whatever the code says."""

    def refused(self, statement: str, reservation: Reservation, constraint: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            change = f"UPDATE reservations_reservation SET {statement} WHERE code = %s"
            with pytest.raises(IntegrityError) as broken, transaction.atomic():
                cursor.execute(change, [reservation.code])
        assert broken.value.__cause__.diag.constraint_name == constraint  # type: ignore[union-attr]

    def test_of_a_request(self, asked: Reservation) -> None:
        self.refused("instant = true", asked, "reservation_asking_frozen")
        self.refused("answer_by = NULL", asked, "reservation_request_has_answer_by")
        self.refused("accepted_at = now()", asked, "reservation_accepted_says_by_whom")
        Payment.objects.filter(reservation=asked.code).update(status="voided")
        self.refused("status = status", asked, "reservation_total_authorized")

    def test_of_an_acceptance(self, asked: Reservation, host: Any, sandbox: Any) -> None:
        sandbox.faults(mode="drop_before")
        services.accept_request(asked.code, host)
        self.refused("status = 'declined', version = version + 1", asked, "reservation_acceptance_stands")
        self.refused("accepted_by_id = accepted_by_id + 1", asked, "reservation_acceptance_stands")

    def test_nothing_stands_unaccepted(self, asked: Reservation) -> None:
        paid = "status = 'confirmed', version = version + 1, confirmed_at = now(), captured_minor = total_minor"
        self.refused(paid, asked, "reservation_stands_only_accepted")


def test_money_taken_before_the_yes_goes_back(asked: Reservation, sandbox: Any, deliver: Any) -> None:
    """Somebody captured it at the gateway itself: no stay comes of it, and all of it goes back."""
    sandbox._gateway(f"/v1/payment_intents/{payment_of(asked).gateway_ref}/capture", {})
    from payments import charging

    charging.settle(str(asked.payment_id))
    deliver()
    assert fresh(asked).status == Status.EXPIRED
    payment = payment_of(asked)
    assert payment.promised_minor == payment.captured_minor == asked.total_minor
    assert invariants.check() == []


def test_rooms_and_reservations_keep_the_same_day() -> None:
    assert stay_rules.ANSWER_BEFORE_CHECK_IN == asking.ANSWER_BEFORE_CHECK_IN


def test_the_room_view_and_the_nights_follow(asked: Reservation, host: Any, room: Any, deliver: Any) -> None:
    deliver()
    stay = RoomStay.objects.get(pk=asked.code)
    assert (stay.status, stay.payment, stay.answer_by) == ("requested", "authorized", asked.answer_by)
    assert [each.reservation for _room, each in rooms.requests(host.pk)] == [asked.code]
    assert rooms.room_state(room.pk).next_reservation == asked.code
    services.refuse_request(asked.code, host)
    deliver()
    assert rooms.requests(host.pk) == []
    assert rooms.free(room.pk, Stay(asked.check_in, asked.check_out))

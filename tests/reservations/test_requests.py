"""Requests to book: asked with the money set aside, answered once, and ended by the clock when nobody answers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from airbnb import clock, invariants
from airbnb.errors import NotFound
from payments.models import Payment
from payments.tasks import settle_unknown
from reservations import services
from reservations.models import Reservation
from reservations.queries import trip_of
from reservations.states import Status
from rooms import queries as rooms
from rooms.models import Night
from tests.factories.reservations import some_stay
from tests.payments.facts import events as told
from tests.reservations.requesting import heal, intents, let_go, lose, payment_of
from tests.support import (
    ASKS,
    DECLINED,
    cancel,
    fresh,
    held_reservation,
    pay_for,
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


class TestAsking:
    """From the payment to the host's desk."""

    def test_the_total_is_set_aside_and_the_host_has_a_day(self, asked: Reservation, sandbox: Any) -> None:
        assert asked.status == Status.REQUESTED
        assert asked.answer_by == asked.changed_at + timedelta(hours=24)
        assert (payment_of(asked).status, payment_of(asked).captured_minor) == ("authorized", 0)
        assert intents(sandbox) == ["requires_capture"]
        assert Night.objects.filter(reservation=asked.code, settled=False).count() == 2
        (event,) = told("ReservationRequested")
        assert event["answer_by"] == asked.answer_by.isoformat().replace("+00:00", "Z")
        assert invariants.check() == []

    def test_never_past_a_day_before_check_in(self, guest: Any, room: Any, sandbox: Any) -> None:
        near = some_stay(2, ahead=3)
        reservation = held_reservation(guest, room, stay=near)
        with clock.frozen(reservation.check_in_at - timedelta(hours=26)):
            late = held_reservation(guest, room_of(room.host, instant_book=False), stay=near)
            outcome = pay_for(late)
        assert outcome.reservation.answer_by == late.check_in_at - timedelta(hours=24)
        assert outcome.reservation.reminded_hours == 2

    @pytest.mark.parametrize(("minutes", "possible"), [(0, True), (1, False)])
    def test_with_less_than_an_hour_to_answer_there_is_no_asking(
        self, guest: Any, room: Any, minutes: int, possible: bool
    ) -> None:
        stay = some_stay(2, ahead=3)
        moment = clock.at_local(stay.check_in, "15:00", "Asia/Seoul") - timedelta(hours=25) + timedelta(minutes=minutes)
        with clock.frozen(moment):
            found = rooms.search(rooms.SearchFilters(check_in=stay.check_in, check_out=stay.check_out))
            assert (room.pk in {card.id for card in found.cards}) is possible
            if possible:
                assert held_reservation(guest, room, stay=stay).status == Status.HELD
                return
            with pytest.raises(rooms.StayRefused) as refused:
                held_reservation(guest, room, stay=stay, with_quote=False)
        assert [each.code for each in refused.value.reasons] == ["needs_answer"]
        assert "25 hours before check-in" in str(refused.value)

    def test_a_switch_to_requests_after_the_quote_is_shown_first(self, guest: Any, host: Any) -> None:
        from rooms.services import edit_room

        room, stay = room_of(host), some_stay()
        token = rooms.quote(room.pk, stay, 2).token
        edit_room(room_id=room.pk, host_id=host.pk, language="en", instant_book=False)
        with pytest.raises(services.QuoteChanged) as changed:
            services.hold(guest=guest, room_id=room.pk, stay=stay, guests=2, quote_token=token)
        assert changed.value.facts["quote"]["instant_book"] is False

    def test_how_it_was_booked_stays(self, guest: Any, host: Any, sandbox: Any) -> None:
        from rooms.services import edit_room

        room = room_of(host)
        reservation = held_reservation(guest, room)
        edit_room(room_id=room.pk, host_id=host.pk, language="en", instant_book=False)
        assert pay_for(reservation).status == "confirmed"

    def test_the_bank_asks_first(self, guest: Any, room: Any, sandbox: Any) -> None:
        outcome = pay_for(held_reservation(guest, room), ASKS)
        assert outcome.status == "requires_action"
        sandbox.answer_bank(outcome.action_url, "approve")
        from payments import charging

        charging.settle(str(outcome.reservation.payment_id))
        assert fresh(outcome.reservation).status == Status.REQUESTED

    def test_an_unknown_outcome_is_found_out(self, guest: Any, room: Any, sandbox: Any, time: Any) -> None:
        sandbox.faults(mode="drop_after")
        outcome = pay_for(held_reservation(guest, room))
        assert outcome.status == "paying"
        heal(sandbox, time)
        assert fresh(outcome.reservation).status == Status.REQUESTED
        assert intents(sandbox) == ["requires_capture"]

    def test_a_card_that_says_no_leaves_the_hold(self, guest: Any, room: Any, sandbox: Any) -> None:
        outcome = pay_for(held_reservation(guest, room), DECLINED)
        assert (outcome.status, outcome.reservation.status) == ("declined", Status.HELD)

    def test_paying_again_asks_once(self, asked: Reservation) -> None:
        assert pay_for(asked).status == "requested"
        assert Payment.objects.of(asked.code).count() == 1

    def test_a_second_guest_is_refused_at_the_hold_and_shown_others(self, asked: Reservation, stranger: Any) -> None:
        from rooms.calendar import NightsTaken

        with pytest.raises(NightsTaken) as taken:
            services.hold(guest=stranger, room_id=asked.room_id, stay=asked.stay, guests=2)
        assert taken.value.facts["alternatives"]

    def test_too_late_to_ask_by_the_time_the_money_came(
        self, guest: Any, room: Any, sandbox: Any, deliver: Any, time: Any
    ) -> None:
        outcome = pay_for(held_reservation(guest, room), ASKS)
        sandbox.answer_bank(outcome.action_url, "approve")
        time.at(outcome.reservation.check_in_at - timedelta(hours=23))
        settle_unknown()
        assert fresh(outcome.reservation).status == Status.EXPIRED
        assert let_go(deliver, sandbox, time) == ["canceled"]


class TestAccepting:
    """The host says yes."""

    def test_it_captures_and_confirms(self, asked: Reservation, host: Any, sandbox: Any, deliver: Any) -> None:
        answer = services.accept_request(asked.code, host)
        assert answer.status == "confirmed"
        assert (answer.reservation.accepted_by_id, answer.reservation.captured_minor) == (host.pk, asked.total_minor)
        assert [each["captured"] for each in sandbox.charges(asked.code)] == [asked.total_minor]
        assert services.accept_request(asked.code, host).status == "confirmed"
        assert len(told("RequestAccepted")) == len(told("ReservationConfirmed")) == 1
        deliver()
        story = [each.event for each in trip_of(asked.code, host.pk).timeline]
        assert story[-4:] == ["ReservationRequested", "RequestAccepted", "PaymentApproved", "ReservationConfirmed"]
        assert invariants.check() == []

    @pytest.mark.parametrize("mode", ["drop_after", "drop_before", "error"])
    def test_a_capture_without_an_answer_is_settled_by_the_background(
        self, asked: Reservation, host: Any, guest: Any, sandbox: Any, time: Any, mode: str
    ) -> None:
        sandbox.faults(mode=mode)
        assert services.accept_request(asked.code, host).status == "accepted"
        assert fresh(asked).is_being_captured
        with pytest.raises(services.RequestClosed):
            services.refuse_request(asked.code, host)
        with pytest.raises(services.NotCancellable):
            services.preview_cancellation(asked.code, guest)
        heal(sandbox, time)
        assert fresh(asked).status == Status.CONFIRMED
        assert [each["captured"] for each in sandbox.charges(asked.code)] == [asked.total_minor]

    def test_the_clock_does_not_end_what_is_being_captured(
        self, asked: Reservation, host: Any, sandbox: Any, time: Any
    ) -> None:
        sandbox.faults(mode="drop_before")
        services.accept_request(asked.code, host)
        time.forward(hours=25)
        assert services.end_requests() == 0
        heal(sandbox, time)
        assert fresh(asked).status == Status.CONFIRMED

    def test_a_card_that_fails_after_the_yes(
        self, asked: Reservation, host: Any, guest: Any, sandbox: Any, deliver: Any
    ) -> None:
        lose(sandbox, asked)
        answer = services.accept_request(asked.code, host)
        assert (answer.status, answer.reservation.status) == ("unpaid", Status.HELD)
        assert answer.reservation.hold_expires_at is not None
        left = answer.reservation.hold_expires_at - clock.now()
        assert timedelta(hours=11) < left <= timedelta(hours=12)
        assert Night.objects.filter(reservation=asked.code).count() == 2
        deliver()
        assert pay_for(fresh(asked)).status == "confirmed"
        deliver()
        assert invariants.check() == []

    def test_and_is_not_paid_again_in_time(
        self, asked: Reservation, host: Any, sandbox: Any, deliver: Any, time: Any
    ) -> None:
        lose(sandbox, asked)
        services.accept_request(asked.code, host)
        time.forward(hours=13)
        assert services.expire_holds() == 1
        assert told("ReservationExpired")[-1]["accepted"] is True
        assert let_go(deliver, sandbox, time) == ["canceled"]

    def test_a_guest_with_an_open_hold_of_the_room_has_none_for_this(
        self, asked: Reservation, host: Any, guest: Any, room: Any, sandbox: Any
    ) -> None:
        held_reservation(guest, room, stay=some_stay(2, ahead=300))
        lose(sandbox, asked)
        with pytest.raises(services.RequestClosed):
            services.accept_request(asked.code, host)
        assert fresh(asked).status == Status.EXPIRED
        assert not Night.objects.filter(reservation=asked.code).exists()

    def test_after_the_time_it_is_over_even_unswept(self, asked: Reservation, host: Any, time: Any) -> None:
        time.forward(hours=24)
        with pytest.raises(services.RequestOver):
            services.accept_request(asked.code, host)
        assert fresh(asked).status == Status.EXPIRED

    def test_only_the_host(self, asked: Reservation, guest: Any, stranger: Any, operator: Any) -> None:
        for other in (guest, stranger, operator):
            with pytest.raises(NotFound):
                services.accept_request(asked.code, other)
            with pytest.raises(NotFound):
                services.refuse_request(asked.code, other)

    def test_what_is_no_request(self, guest: Any, host: Any, room: Any, sandbox: Any) -> None:
        for reservation in (held_reservation(guest, room), pay_for(held_reservation(guest, room_of(host))).reservation):
            with pytest.raises(services.RequestClosed):
                services.accept_request(reservation.code, host)
            with pytest.raises(services.RequestClosed):
                services.refuse_request(reservation.code, host)


class TestRefusing:
    """The host says no, the guest takes it back, or an operator steps in."""

    def test_a_no_frees_the_nights_and_voids_at_the_gateway(
        self, asked: Reservation, host: Any, sandbox: Any, deliver: Any, time: Any
    ) -> None:
        refused = services.refuse_request(asked.code, host, "We repaint\0 these days")
        assert (refused.status, refused.changed_why) == (Status.DECLINED, "We repaint these days")
        assert services.refuse_request(asked.code, host).status == Status.DECLINED
        assert len(told("ReservationDeclined")) == 1
        assert not Night.objects.filter(reservation=asked.code).exists()
        assert let_go(deliver, sandbox, time) == ["canceled"]
        assert payment_of(asked).status == "voided"
        with pytest.raises(services.RequestClosed):
            services.accept_request(asked.code, host)
        assert invariants.check() == []

    def test_an_operator_in_the_hosts_place(self, asked: Reservation, operator: Any, stranger: Any) -> None:
        with pytest.raises(NotFound):
            services.decline_as_operator(asked.code, stranger, "no")
        assert services.decline_as_operator(asked.code, operator, "Not let here").status == Status.DECLINED
        assert told("ReservationDeclined")[0]["by"] == "operator"

    def test_the_guest_takes_it_back(
        self, asked: Reservation, guest: Any, host: Any, sandbox: Any, deliver: Any, time: Any
    ) -> None:
        preview = services.preview_cancellation(asked.code, guest)
        assert (preview.refund.amount_minor, preview.lines, preview.rule) == (0, [], "request_withdrawn")
        with pytest.raises(services.NotCancellable):
            services.preview_cancellation(asked.code, host)
        assert cancel(asked, guest).status == Status.CANCELLED
        assert let_go(deliver, sandbox, time) == ["canceled"]
        assert trip_of(asked.code, guest.pk).row.refund is None
        assert invariants.check() == []

    def test_a_preview_from_before_the_yes_no_longer_holds(self, asked: Reservation, guest: Any, host: Any) -> None:
        token = services.preview_cancellation(asked.code, guest).token
        services.accept_request(asked.code, host)
        with pytest.raises(services.PreviewOver):
            services.cancel(asked.code, guest, token)

"""Cancelling: what was shown is what is done, by whom, and what becomes of the nights."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from airbnb import clock
from airbnb.errors import Invalid, NotFound
from airbnb.events.models import StoredEvent
from reservations import services
from reservations.states import Status
from rooms.models import Night
from tests.factories.reservations import some_stay
from tests.support import (
    cancel,
    completed_reservation,
    confirmed_reservation,
    fresh,
    held_reservation,
    in_stay_reservation,
    room_of,
)

pytestmark = pytest.mark.django_db


def test_a_guest_cancels_and_the_nights_are_free(guest: Any, sandbox: Any) -> None:
    reservation = confirmed_reservation(guest)
    preview = services.preview_cancellation(reservation.code, guest)
    assert (preview.by, preview.refund.amount_minor) == ("guest", reservation.total_minor)
    done = services.cancel(reservation.code, guest, preview.token, "비가 온대요")
    assert (done.status, done.refund_due_minor, done.cancelled_by) == (
        Status.CANCELLED,
        reservation.total_minor,
        "guest",
    )
    assert not Night.objects.filter(room_id=reservation.room_id).exists()
    told = StoredEvent.objects.get(name="ReservationCancelled").payload
    assert (told["refund_due_minor"], told["by"], told["reason"], told["payment_id"]) == (
        reservation.total_minor, "guest", "비가 온대요", str(reservation.payment_id),
    )  # fmt: skip
    assert StoredEvent.objects.filter(name="ReservationCancelRequested").count() == 1
    assert StoredEvent.objects.filter(name="RoomCancelled").count() == 1


def test_a_host_cancels_everything_comes_back_and_the_nights_stay_closed(guest: Any, host: Any, sandbox: Any) -> None:
    reservation = confirmed_reservation(guest, room_of(host, cancellation_policy="non-refundable"))
    done = cancel(reservation, host)
    assert (done.refund_due_minor, done.refund_rule) == (reservation.total_minor, "cancelled_by_host")
    assert set(Night.objects.filter(room_id=reservation.room_id).values_list("kind", flat=True)) == {"blocked"}
    assert StoredEvent.objects.get(name="RoomCancelled").payload["kept_blocked"] is True


def test_an_operator_cancels_with_and_without_a_preview(guest: Any, operator: Any, sandbox: Any) -> None:
    assert cancel(confirmed_reservation(guest), operator).refund_rule == "cancelled_by_operator"
    quiet = services.cancel_as_operator(confirmed_reservation(guest).code, operator, "safety")
    assert (quiet.cancelled_by, quiet.refund_due_minor) == ("operator", quiet.total_minor)


def test_the_amount_shown_holds_for_ten_minutes_over_a_deadline(guest: Any, host: Any, sandbox: Any, time: Any) -> None:
    reservation = confirmed_reservation(guest, room_of(host), stay=some_stay(2, ahead=3))
    time.at(reservation.check_in_at - timedelta(hours=24, seconds=30))
    preview = services.preview_cancellation(reservation.code, guest)
    assert preview.deadline == reservation.check_in_at - timedelta(hours=24)
    time.at(reservation.check_in_at - timedelta(hours=24) + timedelta(minutes=5))
    assert services.preview_cancellation(reservation.code, guest).refund < preview.refund
    assert services.cancel(reservation.code, guest, preview.token).refund_due_minor == reservation.total_minor


def test_an_old_preview_is_refused(guest: Any, sandbox: Any, time: Any) -> None:
    reservation = confirmed_reservation(guest)
    token = services.preview_cancellation(reservation.code, guest).token
    time.forward(minutes=10, seconds=1)
    with pytest.raises(services.PreviewOver):
        services.cancel(reservation.code, guest, token)
    assert fresh(reservation).status == Status.CONFIRMED


def test_a_token_is_for_one_person_one_reservation_and_unchanged(guest: Any, host: Any, sandbox: Any) -> None:
    room = room_of(host)
    first, second = confirmed_reservation(guest, room), confirmed_reservation(guest, room)
    token = services.preview_cancellation(first.code, guest).token
    for code, actor, given in (
        (second.code, guest, token),
        (first.code, host, token),
        (first.code, guest, token + "x"),
    ):
        with pytest.raises(services.PreviewInvalid):
            services.cancel(code, actor, given)
    with pytest.raises(Invalid):
        services.cancel(first.code, guest, "")
    assert {fresh(first).status, fresh(second).status} == {Status.CONFIRMED}


def test_a_second_cancellation_finds_nothing_to_cancel(guest: Any, host: Any, sandbox: Any) -> None:
    reservation = confirmed_reservation(guest, room_of(host))
    tokens = {who: services.preview_cancellation(reservation.code, who).token for who in (guest, host)}
    services.cancel(reservation.code, guest, tokens[guest])
    with pytest.raises(services.NotCancellable):
        services.cancel(reservation.code, host, tokens[host])
    assert StoredEvent.objects.filter(name="ReservationCancelled").count() == 1


def test_the_same_token_again_is_answered_with_what_it_did(guest: Any, host: Any, sandbox: Any, time: Any) -> None:
    reservation = confirmed_reservation(guest, room_of(host))
    token = services.preview_cancellation(reservation.code, guest).token
    done = services.cancel(reservation.code, guest, token, "비가 와요")
    time.forward(hours=5)
    again = services.cancel(reservation.code, guest, token, "another reason")
    assert (again.status, again.version, again.cancel_reason) == (Status.CANCELLED, done.version, "비가 와요")
    assert StoredEvent.objects.filter(name="ReservationCancelled").count() == 1


def test_a_token_of_before_another_cancellation_is_refused(guest: Any, operator: Any, sandbox: Any) -> None:
    reservation = confirmed_reservation(guest)
    token = services.preview_cancellation(reservation.code, operator).token
    services.cancel(reservation.code, guest, services.preview_cancellation(reservation.code, guest).token)
    with pytest.raises(services.NotCancellable):
        services.cancel(reservation.code, operator, token)


def test_only_what_stands_can_be_cancelled(guest: Any, sandbox: Any) -> None:
    for reservation in (held_reservation(guest), completed_reservation(guest)):
        with pytest.raises(services.NotCancellable):
            services.preview_cancellation(reservation.code, guest)


def test_in_the_stay_the_nights_spent_are_kept(guest: Any, host: Any, sandbox: Any) -> None:
    reservation = in_stay_reservation(guest, room_of(host), stay=some_stay(5))
    done = cancel(reservation, guest)
    nights = [line for line in done.refund_lines if line["kind"] == "night"]
    spent = (clock.today_in(done.time_zone) - done.check_in).days
    assert len(nights) == 5 - spent - 1
    assert done.refund_due_minor == sum(line["amount"]["amount"] for line in done.refund_lines)


def test_a_stranger_finds_nothing(guest: Any, stranger: Any, sandbox: Any) -> None:
    reservation = confirmed_reservation(guest)
    token = services.preview_cancellation(reservation.code, guest).token
    with pytest.raises(NotFound):
        services.preview_cancellation(reservation.code, stranger)
    with pytest.raises(NotFound):
        services.cancel(reservation.code, stranger, token)
    with pytest.raises(NotFound):
        services.cancel_as_operator(reservation.code, stranger, "")

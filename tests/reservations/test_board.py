"""The state of a host's lettings (F6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from airbnb import clock
from reservations import queries
from tests.factories.reservations import some_stay
from tests.support import (
    cancelled_reservation,
    completed_reservation,
    confirmed_reservation,
    held_reservation,
    in_stay_reservation,
    room_of,
)

pytestmark = pytest.mark.django_db


def test_arrivals_departures_stays_occupancy_and_money(
    guest: Any, stranger: Any, host: Any, sandbox: Any, deliver: Any
) -> None:
    today = clock.today_in("Asia/Seoul")
    soon = confirmed_reservation(guest, room_of(host), stay=some_stay(2, ahead=3))
    later = confirmed_reservation(guest, room_of(host), stay=some_stay(2, ahead=60))
    staying = in_stay_reservation(guest, room_of(host), stay=some_stay(4))
    over = completed_reservation(guest, room_of(host))
    held = held_reservation(guest, room_of(host), stay=some_stay(2, ahead=4))
    cancelled_reservation(guest, room_of(host))
    confirmed_reservation(guest, room_of(stranger), stay=some_stay(2, ahead=3))

    deliver()
    with CaptureQueriesContext(connection) as seen:
        board = queries.board(host.pk, today - timedelta(days=7), today + timedelta(days=7))
    assert len(seen) <= 7
    codes = lambda stays: {each.row.code for each in stays}  # noqa: E731
    assert codes(board.arrivals) == {soon.code, staying.code}
    assert codes(board.departures) == {soon.code, staying.code, over.code}
    assert (codes(board.in_stay), codes(board.upcoming), codes(board.holds)) == (
        {staying.code},
        {later.code},
        {held.code},
    )
    assert board.arrivals[0].guest_name == guest.name
    assert sum(board.taken.values()) == 2 + 4 + 2
    assert board.occupancy_bp(4) == 8 * 10_000 // (4 * 15)
    (money,) = board.money
    assert money.due.amount_minor == sum(each.host_payout_minor for each in (soon, later, staying))
    assert money.earned.amount_minor == over.host_payout_minor


def test_an_empty_board(host: Any) -> None:
    today = clock.today_in("Asia/Seoul")
    board = queries.board(host.pk, today, today)
    assert (board.arrivals, board.money, board.occupancy_bp(0)) == ([], [], 0)


def test_a_host_lists_and_finds_reservations(guest: Any, stranger: Any, host: Any, sandbox: Any) -> None:
    room = room_of(host)
    ahead = confirmed_reservation(guest, room)
    over = completed_reservation(guest, room_of(host))
    confirmed_reservation(guest, room_of(stranger))
    found = lambda **wanted: {row.code for row in queries.stays_of_host(host.pk, **wanted).rows}  # noqa: E731
    assert found() == {ahead.code, over.code}
    assert (found(tab="upcoming"), found(tab="completed"), found(tab="cancelled")) == ({ahead.code}, {over.code}, set())
    assert found(room_id=room.pk) == {ahead.code}
    assert (found(query=ahead.code.lower()), found(query=guest.name), found(query="nobody")) == (
        {ahead.code}, {ahead.code, over.code}, set(),
    )  # fmt: skip
    assert queries.stays_of_host(host.pk).rows[0].contact_name == guest.name

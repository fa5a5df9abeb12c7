"""The board over HTTP: who comes and who goes, as the host's page tells it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.factories.rooms import listed_room
from tests.support import confirmed_reservation

pytestmark = pytest.mark.django_db


def test_the_board_names_who_comes_and_who_goes(api: Any, host: Any, guest: Any, sandbox: Any, deliver: Any) -> None:
    reservation = confirmed_reservation(guest, listed_room(host))
    deliver()
    came, left = reservation.check_in, reservation.check_out

    def board(first: Any, last: Any) -> tuple[list[str], list[str]]:
        asked = {"from": first.isoformat(), "to": last.isoformat()}
        told = api(host).get("/api/v1/host/board/", asked).json()
        return [each["reservation"] for each in told["arrivals"]], [each["reservation"] for each in told["departures"]]

    day = timedelta(days=1)
    assert board(came, left + day) == ([reservation.code], [reservation.code])
    assert board(came, came + day) == ([reservation.code], [])
    assert board(left, left + day) == ([], [reservation.code])
    assert board(left + day, left + day * 2) == ([], [])

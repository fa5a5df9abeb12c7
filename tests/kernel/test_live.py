"""The question of open pages: cheap, signed, and told apart from everything else."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from airbnb import live
from tests.support import cancel, confirmed_reservation, room_of

pytestmark = pytest.mark.django_db


def asked(address: str, stamp: str) -> int:
    status: int = Client().get(address, headers={"If-None-Match": f'"{stamp}"'}).status_code
    return status


def test_one_statement_and_no_cookie(guest: Any, sandbox: Any, deliver: Any) -> None:
    booked = confirmed_reservation(guest)
    deliver()
    address = live.address("trip", booked.code)
    stamp = live.stamp_of("trip", booked.code)
    with CaptureQueriesContext(connection) as seen:
        answer = Client().get(address, headers={"If-None-Match": f'"{stamp}"'})
    assert (answer.status_code, answer.content, len(seen), dict(answer.cookies)) == (304, b"", 1, {})
    assert answer["Cache-Control"] == "private, no-store"


def test_an_event_changes_the_stamp_before_any_worker_has_seen_it(guest: Any, host: Any, sandbox: Any) -> None:
    booked = confirmed_reservation(guest, room_of(host))
    for kind, key in (("trip", booked.code), ("host", host.pk)):
        before = live.stamp_of(kind, key)
        assert asked(live.address(kind, key), before) == 304
    for_host = live.stamp_of("host", host.pk)
    from airbnb.events.bus import deliver_pending

    deliver_pending()
    for_trip = live.stamp_of("trip", booked.code)
    cancel(booked, guest)
    assert asked(live.address("trip", booked.code), for_trip) == 200
    deliver_pending()
    assert asked(live.address("host", host.pk), for_host) == 200


@pytest.mark.parametrize("path", ["/live/", "/live/nonsense", "/live/WyJ0cmlwIiwiQiJd:1:1"])
def test_a_ticket_that_we_did_not_sign(path: str) -> None:
    assert Client().get(path).status_code == 404


def test_an_old_ticket_an_unknown_kind_and_a_wrong_method(guest: Any, sandbox: Any, monkeypatch: Any) -> None:
    address = live.address("trip", "BBUNKNOWN")
    assert Client().get(address).status_code == 200
    assert Client().post(address).status_code == 405
    assert Client().get(live.address("nothing", "1")).status_code == 404
    monkeypatch.setattr(live, "VALID_S", -1)
    assert Client().get(address).status_code == 404

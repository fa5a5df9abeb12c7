"""The real stack with its workers killed, its broker killed and emptied, its database restarted: all is told, once."""

from __future__ import annotations

import json
import random
from collections import Counter
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from benchmarks.chaos.faults import Breaker
from benchmarks.chaos.journal import Journal
from tests.stack import Caller, RunningStack, room_facts, until

pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc to find the processes")
ARRIVAL = date.today() + timedelta(days=140)  # noqa: DTZ011
FAULTS = ("worker killed", "redis flushed", "redis killed", "postgres stopped at once")
LEFT = """
import json
from airbnb.events.models import Delivery
print(json.dumps({"unfinished": Delivery.objects.unfinished().count(), "dead": Delivery.objects.dead().count()}))
"""


def book(guest: Caller, room: str, number: int) -> str:
    """Hold and pay, again and again as long as something is broken; with one key each, so neither happens twice."""
    start = ARRIVAL + timedelta(days=3 * number)
    nights = {"check_in": start.isoformat(), "check_out": (start + timedelta(days=2)).isoformat(), "guests": 2}
    held = until(lambda: _tried(guest, "reservations/", {"room": room, **nights}, f"hold-{number}"), "it is held", 60)
    code: str = held["code"]
    card = {"payment_method": "pm_card_visa"}
    until(lambda: _tried(guest, f"reservations/{code}/payment/", card, f"pay-{number}"), "it is paid", 60)
    return code


def _tried(guest: Caller, path: str, body: dict[str, Any], key: str) -> Any:
    try:
        answer = guest.post(path, body, key=f"{key}-{guest.email}")
    except httpx.HTTPError:
        return None
    return answer.json() if answer.status_code in (200, 201) else None


def told(who: Caller, code: str) -> Counter[str]:
    found = who.get("notifications/", page_size=100)["results"]
    return Counter(each["kind"] for each in found if each["reservation"] == code)


def _is_told(who: Caller, code: str) -> bool:
    return told(who, code)["reservation_confirmed"] > 0


def test_every_booking_is_told_once_whatever_was_killed(stack: RunningStack) -> None:
    breaker = Breaker(stack, Journal(), random.Random(1))
    host, guest = stack.person(host=True), stack.person()
    room = host.post("rooms/", room_facts(title="Sturdy House")).json()["id"]
    codes = []
    for number, fault in enumerate(FAULTS):
        codes.append(book(guest, room, number))
        breaker.kinds[fault]()
    codes.append(book(guest, room, len(FAULTS)))
    breaker.heal()
    for code in codes:
        assert guest.get(f"reservations/{code}/")["status"] == "confirmed"
        for who in (host, guest):
            until(partial(_is_told, who, code), f"{code} is told", 120)
    until(lambda: json.loads(stack.manage("shell", "--no-imports", "-c", LEFT))["unfinished"] == 0, "all delivered", 90)
    for code in codes:
        assert told(host, code)["reservation_confirmed"] == told(guest, code)["reservation_confirmed"] == 1
        events = Counter(each["event"] for each in guest.get(f"reservations/{code}/")["timeline"])
        assert events["ReservationConfirmed"] == events["PaymentApproved"] == 1
        assert len(stack.charges_of(code)) == 1
    assert "0 differ" in stack.manage("compare_views", "reservations.Trip")

"""With every Celery worker stopped, orders are still taken; when they work again, everything catches up, once (N2)."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.stack import RunningStack, room_facts, until

pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc to find the workers")
ARRIVAL = date.today() + timedelta(days=75)  # noqa: DTZ011


def workers_of(stack: RunningStack) -> list[int]:
    """Process ids of this stack's task workers and their clock, and of no other stack's."""
    mine = f"DATA_DIR={stack.env['DATA_DIR']}".encode()
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            command, environment = (folder / "cmdline").read_bytes(), (folder / "environ").read_bytes()
        except OSError:  # it has ended meanwhile
            continue
        if b"celery" in command and mine in environment.split(b"\0"):
            found.append(int(folder.name))
    return found


@contextmanager
def stopped(pids: list[int]) -> Iterator[None]:
    """These processes do nothing meanwhile."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def test_orders_are_taken_while_every_worker_is_stopped(stack: RunningStack) -> None:
    host, guest = stack.person(host=True), stack.person()
    room = host.post("rooms/", room_facts(title="쉬는 일꾼의 집")).json()
    nights = {"check_in": ARRIVAL.isoformat(), "check_out": (ARRIVAL + timedelta(days=2)).isoformat(), "guests": 2}
    workers = workers_of(stack)
    assert len(workers) >= 3, "two workers and their clock"

    def told(who: Any, code: str) -> list[dict[str, Any]]:
        return [each for each in who.get("notifications/", page_size=100)["results"] if each["reservation"] == code]

    with stopped(workers):
        held = guest.post("reservations/", {"room": room["id"], **nights})
        assert held.status_code == 201, held.text
        code = held.json()["code"]
        paid = guest.post(f"reservations/{code}/payment/", {"payment_method": "pm_card_visa"})
        assert (paid.status_code, paid.json()["status"]) == (200, "confirmed")
        assert guest.get(f"reservations/{code}/")["status"] == "confirmed", "the guest sees it at once"
        taken = guest.post("reservations/", {"room": room["id"], **nights})
        assert taken.status_code == 409, "the nights are taken at once"
        assert told(host, code) == told(guest, code) == [], "nobody could be told yet"

    until(lambda: "reservation_confirmed" in {each["kind"] for each in told(host, code)}, "the host is told", 90)
    until(lambda: code in str(host.get("host/board/")), "the board shows it", 60)
    until(lambda: len(guest.get(f"reservations/{code}/")["timeline"]) >= 3, "the trip's timeline caught up", 60)
    until(lambda: "reservation_confirmed" in {each["kind"] for each in told(guest, code)}, "the guest is told", 60)

    def all_sent() -> bool:
        channels = [c for who in (host, guest) for note in told(who, code) for c in note["channels"]]
        return all(channel["status"] == "sent" for channel in channels)

    until(all_sent, "every message has gone out", 60)
    for who in (host, guest):
        kinds = Counter(each["kind"] for each in told(who, code))
        assert set(kinds.values()) == {1}, f"told more than once: {kinds}"
    assert len(stack.charges_of(code)) == 1

"""Queues that nobody reads and wake-ups that nobody understands hold up no booking, and nothing of them is lost."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from typing import Any

from tests.stack import Caller, RunningStack, room_facts, until

ARRIVAL = date.today() + timedelta(days=200)  # noqa: DTZ011  (far enough for any time zone)
SUPPORTING = ("rooms", "reviews", "notifications")

LEAVE = """
import json
from airbnb.celery import app
read = {each: [q["name"] for q in queues] for each, queues in app.control.inspect(timeout=5).active_queues().items()}
left = [(worker, queue) for worker, queues in read.items() for queue in queues if queue in %r]
for worker, queue in left:
    app.control.cancel_consumer(queue, destination=[worker], reply=True, timeout=5)
print(json.dumps(left))
"""
RETURN = """
from airbnb.celery import app
for worker, queue in %r:
    app.control.add_consumer(queue, destination=[worker], reply=True, timeout=5)
"""
# The wake-ups of this hold name a task that no worker knows, as those of a newer release would.
HOLD_UNKNOWN = """
from datetime import date
from airbnb.accounts.models import User
from airbnb.events.tasks import deliver_one
from airbnb.stays import Stay
from reservations import services
from rooms.queries import room_key
deliver_one.name = "events.deliver_as_the_next_release_does"
stay = Stay(date.fromisoformat(%r), date.fromisoformat(%r))
print(services.hold(guest=User.objects.get(email=%r), room_id=room_key(%r).id, stay=stay, guests=2).code)
"""
STATES = """
import json
from collections import Counter
from airbnb.events.models import Delivery
those = Delivery.objects.filter(event__name="ReservationCreated", event__subject=%r)
print(json.dumps(Counter(those.values_list("status", flat=True))))
"""


def shell(stack: RunningStack, code: str) -> str:
    return stack.manage("shell", "--no-imports", "-c", code)


@contextmanager
def unread(stack: RunningStack, queues: tuple[str, ...]) -> Iterator[None]:
    """No worker takes anything from these queues meanwhile; the others are read as ever."""
    left = json.loads(shell(stack, LEAVE % (queues,)))
    assert {queue for _worker, queue in left} == set(queues)
    try:
        yield
    finally:
        shell(stack, RETURN % (left,))


def nights(days: int) -> dict[str, Any]:
    first = ARRIVAL + timedelta(days=days)
    return {"check_in": first.isoformat(), "check_out": (first + timedelta(days=2)).isoformat(), "guests": 2}


def told(who: Caller, code: str) -> Counter[str]:
    found = who.get("notifications/", page_size=100)["results"]
    return Counter(each["kind"] for each in found if each["reservation"] == code)


def is_told(who: Caller, code: str) -> bool:
    return told(who, code)["reservation_confirmed"] > 0


def test_booking_goes_on_while_nobody_reads_the_supporting_queues(stack: RunningStack) -> None:
    host, guest = stack.person(host=True), stack.person()
    room = host.post("rooms/", room_facts(title="Quiet House")).json()["id"]
    with unread(stack, SUPPORTING):
        held = guest.post("reservations/", {"room": room, **nights(0)})
        assert held.status_code == 201, held.text
        code = held.json()["code"]
        paid = guest.post(f"reservations/{code}/payment/", {"payment_method": "pm_card_visa"})
        assert (paid.status_code, paid.json()["status"]) == (200, "confirmed")
        until(lambda: len(guest.get(f"reservations/{code}/")["timeline"]) >= 3, "the trip's own view goes on", 60)
        assert guest.post("reservations/", {"room": room, **nights(0)}).status_code == 409, "the nights are taken"
        assert told(guest, code) == told(host, code) == Counter(), "who would tell them is away"
    for who in (guest, host):
        until(partial(is_told, who, code), "told when the queue is read again", 90)
        assert set(told(who, code).values()) == {1}
    until(lambda: code in str(host.get("host/board/")), "the board shows it", 60)
    assert len(stack.charges_of(code)) == 1


def test_a_wake_up_that_no_worker_understands_loses_nothing(stack: RunningStack) -> None:
    host, guest = stack.person(host=True), stack.person()
    room = host.post("rooms/", room_facts(title="Next House")).json()["id"]
    stay = nights(10)
    code = shell(stack, HOLD_UNKNOWN % (stay["check_in"], stay["check_out"], guest.email, room)).split()[-1]
    until(lambda: set(json.loads(shell(stack, STATES % code))) == {"done"}, "the sweep has sent what was dropped", 90)
    refused = "events.deliver_as_the_next_release_does"
    logs = [path.read_text(errors="replace") for path in stack.folder.rglob("worker-*.log")]
    assert any(refused in log for log in logs), "a worker was given it, and could only drop it"
    paid = guest.post(f"reservations/{code}/payment/", {"payment_method": "pm_card_visa"})
    assert paid.json()["status"] == "confirmed", "the workers work on"
    until(partial(is_told, host, code), "also for what comes after", 60)

"""Storm A: many guests want the same nights of one room at the same moment, over HTTP, on four web processes."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from tests.stack import RunningStack, room_facts
from tests.storms import guards
from tests.storms.people import Crowd
from tests.storms.report import LONG, Storm, size

GUESTS = size(50, 200)
ROUNDS = size(5, 20)
SLOWEST_MS = 1500
FIRST = date.today() + timedelta(days=60)  # noqa: DTZ011  (far enough for any time zone)


@pytest.fixture(scope="module")
def people(stack: RunningStack, addresses: list[str]) -> Iterator[Crowd]:
    with Crowd(stack, addresses, GUESTS) as crowd:
        yield crowd


def new_room(stack: RunningStack) -> str:
    """A room that nobody has booked yet."""
    title = f"한 방 {uuid.uuid4().hex[:6]}"
    code: str = stack.person(host=True).post("rooms/", room_facts(title=title)).json()["id"]
    return code


def one_round(storm: Storm, people: Crowd, room: str, night: date) -> list[str]:
    """Everybody posts at once; exactly one may win. Returns the winners' codes, first the winner's number."""
    body = {"room": room, "check_in": str(night), "check_out": str(night + timedelta(days=1)), "guests": 1}
    winners = []
    for number, answer in enumerate(people.all_at_once("reservations/", body)):
        storm.answered("hold", answer)
        if answer.status == 201:
            winners.append(f"{number} {answer.json()['code']}")
        elif answer.status == 409:
            storm.refused_ms.append(answer.ms)
            storm.expect(answer.json()["code"] == "nights_taken", f"refused as {answer.json()['code']}")
        else:
            storm.complain(f"{answer.status}: {answer.text[:200]}")
    storm.expect(len(winners) == 1, f"{len(winners)} winners in one round")
    return winners


def test_one_guest_wins_and_the_others_are_told_at_once(stack: RunningStack, people: Crowd) -> None:
    storm, room = Storm("A"), new_room(stack)
    for number in range(ROUNDS):
        winners = one_round(storm, people, room, FIRST + timedelta(days=number))
        for each in winners:
            guest, code = each.split()
            paid = people.post(int(guest), f"reservations/{code}/payment/", {"payment_method": "pm_card_visa"})
            storm.expect(paid.status == 200 and paid.json()["status"] == "confirmed", f"payment: {paid.text}")
            storm.expect(len(stack.charges_of(code)) == 1, f"{code} was not charged exactly once")
    storm.expect(storm.attempts == GUESTS * ROUNDS, "an attempt was not counted")
    if LONG:  # a figure for a machine that does nothing else; in the suite it is only printed
        slow = storm.percentile(99)
        storm.expect(slow <= SLOWEST_MS, f"answers took {slow:.0f} ms (p99)")
    storm.all_holds_on(stack)
    storm.must_be_green()


def test_the_control_without_the_key_of_nights_has_many_winners(stack: RunningStack, people: Crowd) -> None:
    storm, room = Storm("A"), new_room(stack)
    with guards.nights_off(guards.by_address(stack.env["DATABASE_URL"])):
        winners = one_round(storm, people, room, FIRST)
    people.let_go([each.split()[1] for each in winners])
    storm.must_be_red("winners in one round")

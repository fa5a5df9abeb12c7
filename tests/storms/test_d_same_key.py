"""Storm D: one request under one idempotency key, many times at the same moment, over HTTP on four web processes."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from tests.stack import RunningStack, room_facts
from tests.storms import guards
from tests.storms.people import Answer, Crowd
from tests.storms.report import Storm, size

TIMES = 20
ROUNDS = size(3, 50)
FIRST = date.today() + timedelta(days=90)  # noqa: DTZ011  (far enough for any time zone)


@pytest.fixture(scope="module")
def people(stack: RunningStack, addresses: list[str]) -> Iterator[Crowd]:
    with Crowd(stack, addresses, 1, TIMES) as crowd:
        yield crowd


@pytest.fixture(scope="module")
def room(stack: RunningStack) -> str:
    title = f"한 방 {uuid.uuid4().hex[:6]}"
    code: str = stack.person(host=True).post("rooms/", room_facts(title=title)).json()["id"]
    return code


def judge(storm: Storm, what: str, answers: list[Answer], good: int) -> list[Any]:
    """One was done and told, the others were told the very same or that it is in progress; the bodies told."""
    bodies, first_told = [], 0
    for answer in answers:
        storm.answered(what, answer)
        if answer.status == good:
            bodies.append(answer.json())
            first_told += "idempotency-replayed" not in answer.headers
        elif answer.status == 409:
            in_progress = answer.json()["code"] == "request_in_progress" and "retry-after" in answer.headers
            storm.expect(in_progress, f"{what}: 409 {answer.text}")
        else:
            storm.complain(f"{what}: {answer.status} {answer.text[:200]}")
    storm.expect(first_told == 1, f"{what}: done {first_told} times under one key")
    storm.expect(all(body == bodies[0] for body in bodies), f"{what}: answers differ")
    return bodies


def one_round(storm: Storm, people: Crowd, room: str, night: date) -> str:
    """Hold and pay, each twenty times under one key; the reservation's code, empty when there was none."""
    body = {"room": room, "check_in": str(night), "check_out": str(night + timedelta(days=1)), "guests": 1}
    held = judge(storm, "hold", people.all_at_once("reservations/", body, uuid.uuid4().hex), 201)
    if not held:
        storm.complain("nobody was told of a hold")
        return ""
    code: str = held[0]["code"]
    card = {"payment_method": "pm_card_visa"}
    address = f"reservations/{code}/payment/"
    paid = judge(storm, "payment", people.all_at_once(address, card, uuid.uuid4().hex), 200)
    storm.expect(bool(paid) and paid[0]["status"] == "confirmed", f"{code} is not confirmed")
    return code


def test_it_is_done_once_and_answered_alike(stack: RunningStack, people: Crowd, room: str) -> None:
    storm = Storm("D")
    for number in range(ROUNDS):
        code = one_round(storm, people, room, FIRST + timedelta(days=number))
        charges = stack.charges_of(code)
        storm.expect(len(charges) == 1, f"{code} was charged {len(charges)} times")
    storm.expect(storm.attempts == 2 * TIMES * ROUNDS, "an attempt was not counted")
    storm.all_holds_on(stack)
    storm.must_be_green()


def test_the_control_without_the_key_is_done_many_times(stack: RunningStack, people: Crowd, room: str) -> None:
    storm = Storm("D")
    with guards.keys_off(guards.by_address(stack.env["DATABASE_URL"])):
        one_round(storm, people, room, FIRST - timedelta(days=2))
    storm.must_be_red("times under one key")

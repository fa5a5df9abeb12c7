"""Forty guests want the same night at the same moment, over HTTP, from several web processes."""

from __future__ import annotations

import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import httpx
import pytest

from tests.stack import RunningStack, room_facts, until

GUESTS = 40
NIGHT = date.today() + timedelta(days=60)  # noqa: DTZ011  (far enough for any time zone)

# Forty accounts in one process: forty starts of Python would take longer than the test.
MAKE_GUESTS = """
from airbnb.accounts.services import create_token, create_user
for number in range({count}):
    user = create_user(f"crowd-{tag}-{{number}}@example.com", "pass-word-1")
    print(create_token(user, ["read", "book"]))
"""


def everybody(url: str, tokens: list[str], room: str) -> list[tuple[httpx.Response, float]]:
    """Each guest posts once, all at the same moment; the answers with their seconds."""
    morning_after = NIGHT + timedelta(days=1)
    body = {"room": room, "check_in": NIGHT.isoformat(), "check_out": morning_after.isoformat(), "guests": 1}
    together = threading.Barrier(len(tokens))

    def one(token: str) -> tuple[httpx.Response, float]:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid.uuid4().hex}
        with httpx.Client(headers=headers, timeout=30) as client:
            together.wait(30)
            begun = time.monotonic()
            answer = client.post(f"{url}/api/v1/reservations/", json=body)
            return answer, time.monotonic() - begun

    with ThreadPoolExecutor(len(tokens)) as pool:
        return list(pool.map(one, tokens))


@pytest.mark.parametrize("round_", range(3))
def test_one_guest_wins_and_the_others_are_told_at_once(stack: RunningStack, round_: int) -> None:
    tag = uuid.uuid4().hex[:6]
    host = stack.person(host=True)
    room = host.post("rooms/", room_facts(title=f"한 방 {tag}")).json()["id"]
    tokens = stack.manage("shell", "--no-imports", "-c", MAKE_GUESTS.format(count=GUESTS, tag=tag)).split()
    answers = everybody(stack.url, tokens, room)
    statuses = sorted(answer.status_code for answer, _ in answers)
    assert statuses == [201] + [409] * (GUESTS - 1)
    assert {a.json()["code"] for a, _ in answers if a.status_code == 409} == {"nights_taken"}
    slowest = max(seconds for _, seconds in answers)
    assert slowest < 10, f"the slowest answer took {slowest:.1f} s"

    winner, _ = next(pair for pair in answers if pair[0].status_code == 201)
    token = tokens[[answer for answer, _ in answers].index(winner)]
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid.uuid4().hex}
    address = f"{stack.url}/api/v1/reservations/{winner.json()['code']}/payment/"
    paid = httpx.post(address, json={"payment_method": "pm_card_visa"}, headers=headers, timeout=30)
    assert paid.status_code == 200, paid.text
    assert paid.json()["status"] == "confirmed"
    assert len(stack.charges_of(winner.json()["code"])) == 1
    until(lambda: '"ok": true' in stack.manage("check_invariants", "--json"), "every invariant holds")

"""A crowd with API tokens that posts to a running stack at the same moment."""

from __future__ import annotations

import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

import httpx

from tests.stack import RunningStack

Answer = tuple[httpx.Response | None, float]

# One process for all accounts: a start of Python for each would take longer than the storm.
MAKE_GUESTS = """
from airbnb.accounts.models import User
from airbnb.accounts.services import create_token, create_user
first = create_user("crowd-{tag}@example.com", "pass-word-1")
for number in range({count}):
    user = User.objects.create(email=f"crowd-{tag}-{{number}}@example.com", password=first.password)
    print(create_token(user, ["read", "book"]))
"""

LET_GO = """
from reservations.models import Reservation
from reservations.services import let_go
for held in Reservation.objects.select_related("guest").filter(code__in={codes}):
    let_go(code=held.code, guest=held.guest)
"""


class Crowd:
    """``count`` guests; each has one client of its own that is kept open, as a browser does."""

    def __init__(self, stack: RunningStack, count: int) -> None:
        self.stack = stack
        code = MAKE_GUESTS.format(count=count, tag=uuid.uuid4().hex[:8])
        self.tokens = stack.manage("shell", "--no-imports", "-c", code).split()
        assert len(self.tokens) == count
        self.clients = [
            httpx.Client(base_url=f"{stack.url}/api/v1/", headers={"Authorization": f"Bearer {token}"}, timeout=30)
            for token in self.tokens
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for client in self.clients:
            client.close()

    def post(self, guest: int, path: str, body: Any, key: str = "") -> httpx.Response:
        """One guest posts."""
        return self.clients[guest].post(path, json=body, headers={"Idempotency-Key": key or uuid.uuid4().hex})

    def let_go(self, codes: list[str]) -> None:
        """The guests give these holds back."""
        self.stack.manage("shell", "--no-imports", "-c", LET_GO.format(codes=codes))

    def all_at_once(self, path: str, body: Any) -> list[Answer]:
        """Everybody posts the same thing at the same moment; each answer (None: there was none) with its ms."""
        return self._together([(number, uuid.uuid4().hex) for number in range(len(self.clients))], path, body)

    def one_many_times(self, guest: int, times: int, path: str, body: Any, key: str) -> list[Answer]:
        """One guest posts the same thing with the same key, ``times`` over, at the same moment."""
        return self._together([(guest, key)] * times, path, body)

    def _together(self, who: list[tuple[int, str]], path: str, body: Any) -> list[Answer]:
        barrier = threading.Barrier(len(who))

        def one(pair: tuple[int, str]) -> Answer:
            guest, key = pair
            barrier.wait(60)
            begun = time.monotonic()
            try:
                answer = self.post(guest, path, body, key)
            except httpx.HTTPError:
                return None, (time.monotonic() - begun) * 1000
            return answer, (time.monotonic() - begun) * 1000

        with ThreadPoolExecutor(len(who)) as pool:
            return list(pool.map(one, who))

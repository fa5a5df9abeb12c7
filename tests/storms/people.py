"""A crowd with API tokens that posts to several web processes at the same moment."""

from __future__ import annotations

import http.client
import json
import select
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

from tests.stack import RunningStack

PATIENCE_S = 30

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


@dataclass(frozen=True)
class Answer:
    """What came back (headers by their names in small letters), and when; ``status`` 0: nothing, ``text`` says why."""

    status: int
    text: str
    headers: dict[str, str]
    ms: float

    def json(self) -> Any:
        """The body."""
        return json.loads(self.text)


class Seat:
    """One guest at one web process, with a connection that is kept open, as a browser does.

    It speaks plain HTTP itself: hundreds of clients share two cores with what they ask, and should not be what is slow.
    """

    def __init__(self, address: str, token: str) -> None:
        where = urlsplit(address)
        assert where.hostname
        self._line = http.client.HTTPConnection(where.hostname, where.port, timeout=PATIENCE_S)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def post(self, path: str, body: bytes, key: str) -> Answer:
        """Post it, and wait for the answer."""
        begun = time.monotonic()
        try:
            self._line.request("POST", f"/api/v1/{path}", body, self._headers | {"Idempotency-Key": key})
            reply = self._line.getresponse()
            text = reply.read().decode()
        except (OSError, http.client.HTTPException) as error:
            self._line.close()
            return Answer(0, repr(error), {}, _ms_since(begun))
        return Answer(reply.status, text, {name.lower(): value for name, value in reply.getheaders()}, _ms_since(begun))

    def be_ready(self) -> None:
        """Connected, again where the server has hung up on an idle line."""
        line = self._line.sock
        if line is not None and select.select([line], [], [], 0)[0]:
            self.leave()
        if self._line.sock is None:
            self._line.connect()

    def leave(self) -> None:
        """Hang up."""
        self._line.close()


class Crowd:
    """``guests`` people on ``seats`` seats (one each unless told), which are dealt out to the web processes in turn."""

    def __init__(self, stack: RunningStack, addresses: list[str], guests: int, seats: int = 0) -> None:
        self.stack = stack
        code = MAKE_GUESTS.format(count=guests, tag=uuid.uuid4().hex[:8])
        tokens = stack.manage("shell", "--no-imports", "-c", code).split()
        assert len(tokens) == guests
        self.seats = [Seat(addresses[n % len(addresses)], tokens[n % guests]) for n in range(seats or guests)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for seat in self.seats:
            seat.leave()

    def post(self, seat: int, path: str, body: Any) -> Answer:
        """One of them posts."""
        self.seats[seat].be_ready()
        return self.seats[seat].post(path, json.dumps(body).encode(), uuid.uuid4().hex)

    def let_go(self, codes: list[str]) -> None:
        """The guests give these holds back."""
        self.stack.manage("shell", "--no-imports", "-c", LET_GO.format(codes=codes))

    def all_at_once(self, path: str, body: Any, key: str = "") -> list[Answer]:
        """Every seat posts the same thing at the same moment, each under a key of its own or all under this one."""
        sent = json.dumps(body).encode()
        barrier = threading.Barrier(len(self.seats))

        def one(seat: Seat) -> Answer:
            mine = key or uuid.uuid4().hex
            seat.be_ready()
            barrier.wait(60)
            return seat.post(path, sent, mine)

        with ThreadPoolExecutor(len(self.seats)) as pool:
            return list(pool.map(one, self.seats))


def _ms_since(begun: float) -> float:
    return (time.monotonic() - begun) * 1000

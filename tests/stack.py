"""The real stack of ``make run``, started for tests on free ports with a data folder of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx

ROOT = Path(__file__).resolve().parents[1]
PASSWORD = "pass-word-1"
T = TypeVar("T")


MAKE_PEOPLE = """
import uuid
from airbnb.accounts.services import create_token, create_user
for number in range({count}):
    email = f"person-{{uuid.uuid4().hex[:10]}}@example.com"
    user = create_user(email, "{password}", host={host}, language="{language}")
    print(email, create_token(user, ["read", "book"] + (["host"] if {host} else [])))
"""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def until(ask: Callable[[], T], what: str, seconds: float = 30) -> T:
    """Ask again and again until the answer is truthy, and return it; fail with ``what`` when the time is up.

    For things that other processes bring about; the wait between two questions is short and bounded.
    """
    deadline = time.monotonic() + seconds
    answer = ask()
    while not answer:
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}; last answer {answer!r}"
        threading.Event().wait(0.1)
        answer = ask()
    return answer


class RunningStack:
    """One stack; ``start`` returns when it is ready, ``stop`` when nothing of it is left."""

    def __init__(self, **environment: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="binbang-stack-"))
        self.folder.chmod(0o711)
        self.port = free_port()
        keep = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG", "PYTHONPATH", "VIRTUAL_ENV"}}
        own = {"PORT": str(self.port), "DATA_DIR": str(self.folder / "data"), "DEMO": "0", "RATE_LIMITS": "off"}
        self.environment = keep | own | environment
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[str] | None = None
        self.said: list[str] = []
        self.env: dict[str, str] = {}
        self._people: dict[tuple[bool, str], list[list[str]]] = {}

    def start(self) -> None:
        """Start and wait for the line with ``ready``."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "airbnb.embedded", "run"],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        ready = threading.Event()
        threading.Thread(target=self._listen, args=(ready,), daemon=True).start()
        assert ready.wait(150), "the stack did not get ready:\n" + "".join(self.said)
        assert self.process.poll() is None, "".join(self.said)
        self._read_environment()

    def attach(self, data_dir: str) -> None:
        """Use a stack that runs already (started with ``DATA_DIR=… RATE_LIMITS=off make run``) while writing tests."""
        self.environment["DATA_DIR"] = data_dir
        self._read_environment()
        self.url = self.env["BASE_URL"]

    def _read_environment(self) -> None:
        self.env = dict(line.split("=", 1) for line in self.embedded("env").splitlines() if "=" in line)

    def _listen(self, ready: threading.Event) -> None:
        assert self.process is not None
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            if "ready: http" in line:
                ready.set()
        ready.set()

    def stop(self) -> None:
        """Ask it to stop and wait."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)

    def embedded(self, *arguments: str) -> str:
        """Run a command of the local stack and return what it printed."""
        command = [sys.executable, "-m", "airbnb.embedded", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, check=True, capture_output=True, text=True, timeout=60
        ).stdout

    def manage(self, *arguments: str, fails: bool = False, seconds: float = 120) -> str:
        """Run a management command inside the stack and return what it printed; it may exit 1 where it ``fails``."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment | self.env,
            check=False,
            capture_output=True,
            text=True,
            timeout=seconds,
        )
        assert done.returncode == 0 or fails, done.stdout + done.stderr
        return done.stdout.strip()

    # ------------------------------------------------------------------------------------------- people
    def person(self, *, host: bool = False, language: str = "ko") -> Caller:
        """Somebody new with a verified account, and a client that calls the API in their name.

        Accounts are made a dozen at a time, since every management command starts a Python of its own.
        """
        kind = (host, language)
        if not self._people.get(kind):
            code = MAKE_PEOPLE.format(count=12, host=host, language=language, password=PASSWORD)
            self._people[kind] = [
                line.split() for line in self.manage("shell", "--no-imports", "-c", code).splitlines()
            ]
        email, token = self._people[kind].pop()
        return Caller(self.url, token, language, email)

    def ledger(self) -> dict[str, Any]:
        """What the payment sandbox itself remembers."""
        answer: dict[str, Any] = httpx.get(f"{self.env['PAYMENT_SANDBOX_URL']}/_ledger").json()
        return answer

    def charges_of(self, code: str) -> list[dict[str, Any]]:
        """The charges at the gateway for one reservation."""
        return [each for each in self.ledger()["charges"] if each["metadata"].get("reservation") == code]


class Caller:
    """A person's API client; every POST carries a fresh idempotency key unless one is given."""

    def __init__(self, url: str, token: str, language: str, email: str = "") -> None:
        self.email = email
        self.token = token
        self.http = httpx.Client(
            base_url=f"{url}/api/v1/",
            headers={"Authorization": f"Bearer {token}", "Accept-Language": language},
            timeout=30,
        )

    def get(self, path: str, **params: Any) -> Any:
        """The body of a GET that must succeed."""
        answer = self.http.get(path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any = None, *, key: str | None = None) -> httpx.Response:
        """A POST with its key."""
        return self.http.post(path, json=body or {}, headers={"Idempotency-Key": key or uuid.uuid4().hex})

    def patch(self, path: str, body: Any) -> httpx.Response:
        """A PATCH."""
        return self.http.patch(path, json=body)

    def delete(self, path: str) -> httpx.Response:
        """A DELETE."""
        return self.http.delete(path)


def room_facts(**changes: Any) -> dict[str, Any]:
    """A complete room as the contract wants it, listed at once."""
    return {
        "title": "귤밭 돌집",
        "description": "돌담 안쪽의 조용한 집이에요.",
        "kind": "house",
        "city": "제주",
        "address": "제주시 애월읍 하늘길 12",
        "lat": 33.46,
        "lng": 126.33,
        "capacity": 4,
        "bedrooms": 2,
        "beds": 2,
        "bathrooms": 1,
        "base_price": {"amount": 100000, "currency": "KRW"},
        "currency": "KRW",
        "cleaning_fee": {"amount": 20000, "currency": "KRW"},
        "min_nights": 1,
        "max_nights": 14,
        "instant_book": True,
        "cancellation_policy": "flexible",
        "time_zone": "Asia/Seoul",
        "amenities": [],
        "status": "listed",
    } | changes

"""The gateway's own tests talk to a sandbox of their own, through the real ``stripe`` library."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import stripe

from tests.sandbox_process import SandboxProcess


@pytest.fixture(scope="session")
def gateway_process() -> Iterator[SandboxProcess]:
    """One process for these tests."""
    process = SandboxProcess().start()
    yield process
    process.stop()


@pytest.fixture
def gateway(gateway_process: SandboxProcess) -> Iterator[SandboxProcess]:
    """The process with empty books and good manners."""
    gateway_process.reset()
    gateway_process.webhooks_to("")
    yield gateway_process
    gateway_process.reset()


def stripe_client(process: SandboxProcess, *, key: str | None = None, retries: int = 0) -> stripe.StripeClient:
    """The real library pointed at the sandbox."""
    return stripe.StripeClient(
        key or process.secret_key, base_addresses={"api": process.url}, max_network_retries=retries
    )


@pytest.fixture
def client(gateway: SandboxProcess) -> stripe.StripeClient:
    """A client that never retries by itself."""
    return stripe_client(gateway)


@dataclass(frozen=True)
class Received:
    """One webhook as it arrived."""

    body: bytes
    signature: str

    @property
    def event(self) -> dict[str, Any]:
        """The event inside."""
        parsed: dict[str, Any] = json.loads(self.body)
        return parsed


class Inbox:
    """A web server that takes webhooks; ``refuse`` of them are answered 500 first."""

    def __init__(self) -> None:
        self.received: queue.Queue[Received] = queue.Queue()
        self.refuse = 0
        inbox = self

        class Taker(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                inbox.received.put(Received(body, self.headers["Stripe-Signature"]))
                refused = inbox.refuse > 0
                inbox.refuse -= refused
                self.send_response(500 if refused else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Taker)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/gateways/stripe/webhook/"

    def next(self, kind: str | None = None, within: float = 10) -> Received:
        """The next webhook (of a kind); fails when none comes within so many seconds."""
        while True:
            arrived = self.received.get(timeout=within)
            if kind is None or arrived.event["type"] == kind:
                return arrived


@pytest.fixture
def inbox(gateway: SandboxProcess) -> Iterator[Inbox]:
    """Where the sandbox sends its webhooks in this test."""
    taker = Inbox()
    gateway.webhooks_to(taker.url)
    yield taker
    gateway.webhooks_to("")
    taker.server.shutdown()
    taker.server.server_close()

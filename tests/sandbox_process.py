"""A real payment sandbox for tests: a process of its own on a free port, with throw-away books."""

from __future__ import annotations

import json
import shutil
import signal
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from subprocess import Popen
from typing import Any

from airbnb.embedded.processes import finish, last_lines, spawn

PROJECT = Path(__file__).resolve().parent.parent
READY_MARK = "ready: "


class _StayHere(urllib.request.HTTPRedirectHandler):
    """Redirects are answers."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Not followed."""


class SandboxProcess:
    """One sandbox; ``url``, ``secret_key`` and ``webhook_secret`` are what an application needs to know.

    ``toss_url`` and ``toss_key`` are those of its second gateway; ``toss_secret`` is for the address of its webhooks.
    ``fees`` is what both keep of a payment, in thousandths.
    """

    toss_key, toss_secret = "test_sk_sandbox", "hook_sandbox"

    def __init__(
        self, *, secret_key: str = "sk_test_sandbox", webhook_secret: str = "whsec_sandbox", fees: int = 25
    ) -> None:
        self.secret_key, self.webhook_secret, self._fees = secret_key, webhook_secret, fees
        self.url = ""
        self._folder = Path(tempfile.mkdtemp(prefix="binbang-sandbox-"))
        self._process: Popen[bytes] | None = None

    def start(self, *, port: int = 0, webhook_url: str = "") -> SandboxProcess:
        """Start it and wait until it listens; the books of an earlier start are kept."""
        log = self._folder / "log.txt"
        log.unlink(missing_ok=True)
        command = [sys.executable, "-m", "airbnb.embedded.sandbox", "--port", str(port)]
        command += ["--data", str(self._folder / "books.sqlite3"), "--webhook-url", webhook_url]
        command += ["--secret-key", self.secret_key, "--webhook-secret", self.webhook_secret]
        command += ["--toss-key", self.toss_key, "--fees", str(self._fees)]
        self._process = spawn(command, log=log, cwd=PROJECT)
        deadline = time.monotonic() + 30
        while READY_MARK not in (said := last_lines(log)):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the payment sandbox did not start:\n{said}")
            time.sleep(0.02)
        self.url = said.split(READY_MARK, 1)[1].split()[0]
        return self

    def stop(self, *, kill: bool = False, keep: bool = False) -> None:
        """End it, with ``kill`` at once like a crash; its books go too unless ``keep``."""
        if self._process is not None:
            finish(self._process, signal.SIGKILL if kill else signal.SIGTERM, 5)
        if not keep:
            shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.url.rsplit(":", 1)[1])

    def ledger(self) -> dict[str, Any]:
        """The sandbox's books: charges, refunds, transfers, fees, bank (and declined attempts, intents)."""
        return self._call("GET", "/_ledger")

    def came(self, *, since: float) -> list[float]:
        """When calls came to a gateway's interface from this instant on (POSIX seconds)."""
        return [at for at in self._call("GET", "/_came")["at"] if at >= since]

    def charges(self, reservation: str) -> list[dict[str, Any]]:
        """The charges that carry this reservation's code."""
        return [each for each in self.ledger()["charges"] if each["metadata"].get("reservation") == reservation]

    def faults(self, **settings: Any) -> dict[str, Any]:
        """Make it misbehave: ``mode``, ``rate``, ``latency_ms``, ``times``, ``webhooks``, ``clock_s``."""
        return self._call("POST", "/_faults", settings)

    @property
    def toss_url(self) -> str:
        """Where Toss Payments' part is."""
        return f"{self.url}/toss"

    def webhooks_to(self, url: str, gateway: str = "stripe") -> None:
        """Send a gateway's webhooks there from now on; empty: keep them unsent."""
        self._call("POST", "/_webhook_url", {"url": url, "gateway": gateway})

    def answer_window(self, window_url: str, decision: str) -> str:
        """Press "pay", "later", "refuse" or "cancel" in Toss Payments' window; returns the way back, not followed."""
        form = urllib.parse.urlencode({"decision": decision}).encode()
        try:
            urllib.request.build_opener(_StayHere).open(window_url, form, timeout=10)
        except urllib.error.HTTPError as answer:
            if answer.status == 303:
                return str(answer.headers["Location"])
            raise
        raise AssertionError("the window did not lead back")

    def answer_bank(self, action_url: str, decision: str) -> None:
        """Press "approve" or "refuse" on the bank's page, as the guest would; the way back is not followed."""
        secret = urllib.parse.parse_qs(urllib.parse.urlsplit(action_url).query)["secret"][0]
        form = urllib.parse.urlencode({"secret": secret, "decision": decision}).encode()
        try:
            urllib.request.build_opener(_StayHere).open(action_url.split("?")[0], form, timeout=10)
        except urllib.error.HTTPError as answer:
            if answer.status != 303:
                raise

    def confirm(self, intent: str, card: str) -> None:
        """Let somebody pay an intent at the gateway itself, behind the application's back."""
        self._gateway(f"/v1/payment_intents/{intent}/confirm", {"payment_method": card})

    def refund(self, intent: str, amount: int) -> None:
        """Let somebody refund at the gateway itself, behind the application's back."""
        self._gateway("/v1/refunds", {"payment_intent": intent, "amount": str(amount)})

    def settle(self, amount: int, currency: str = "krw") -> str:
        """The house has Stripe pay out to its own bank account; returns the gateway's name of the movement."""
        paid = self._gateway("/v1/payouts", {"amount": str(amount), "currency": currency})
        return str(paid["balance_transaction"])

    def top_up(self, amount: int, currency: str = "krw") -> str:
        """The house sends money from its bank account to Stripe; returns the gateway's name of the movement."""
        got = self._gateway("/v1/topups", {"amount": str(amount), "currency": currency})
        return str(got["balance_transaction"])

    def reverse(self, transfer: str, amount: int | None = None) -> None:
        """Let somebody at the gateway take back what was sent to a host, or a part of it."""
        self._gateway(f"/v1/transfers/{transfer}/reversals", {} if amount is None else {"amount": str(amount)})

    def events(self) -> list[dict[str, Any]]:
        """The gateway's events, newest first (the last hundred)."""
        found: list[dict[str, Any]] = self._gateway("/v1/events?limit=100")["data"]
        return found

    def toss_events(self) -> list[dict[str, Any]]:
        """What Toss Payments has told or would tell, newest first."""
        found: list[dict[str, Any]] = self._call("GET", "/_toss_events")["events"]
        return found

    def _gateway(self, path: str, form: dict[str, str] | None = None) -> dict[str, Any]:
        data = urllib.parse.urlencode(form).encode() if form is not None else None
        request = urllib.request.Request(self.url + path, data, {"Authorization": f"Bearer {self.secret_key}"})
        with urllib.request.urlopen(request, timeout=10) as response:
            answer: dict[str, Any] = json.load(response)
            return answer

    def reset(self) -> None:
        """Empty the books and end all misbehaviour."""
        self._call("POST", "/_reset", {})

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method)
        with urllib.request.urlopen(request, timeout=10) as response:
            answer: dict[str, Any] = json.load(response)
            return answer

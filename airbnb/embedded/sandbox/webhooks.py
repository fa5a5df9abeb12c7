"""Signed webhooks, sent from the background until they are taken: at least once, in no promised order."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import Future, ThreadPoolExecutor

from .desk import Desk
from .objects import public
from .refunds import fail_due

RETRY_AFTER_S = (0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 3600)
GIVE_UP_AFTER = 80
TIMEOUT_S = 10.0
IDLE_S = 0.5

# What the ids of a gateway's events begin with.
PREFIXES = {"stripe": "evt", "toss": "tev"}

Key = tuple[str, int]


def signature(secret: str, body: bytes, at: int) -> str:
    """The ``Stripe-Signature`` header: HMAC-SHA256 over ``<at>.<body>`` with the endpoint's secret."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


class Courier:
    """Takes due deliveries to the endpoint of their gateway; without one they wait unsent.

    Stripe's are signed. Toss Payments signs none of a payment: whoever knows the address has its secret.
    """

    def __init__(self, desk: Desk, url: str, secret: str, toss_url: str = "") -> None:
        self._urls = {"stripe": url, "toss": toss_url}
        self._desk, self._secret = desk, secret
        self._wake = threading.Event()
        self._stopped = False
        self._taken: set[Key] = set()
        self._guard = threading.Lock()
        self._pool = ThreadPoolExecutor(4, thread_name_prefix="webhook")
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)

    def send_to(self, url: str, gateway: str = "stripe") -> None:
        """Send a gateway's webhooks there from now on; empty: keep them unsent."""
        self._urls[gateway] = url

    def start(self) -> None:
        """Begin to deliver."""
        self._thread.start()

    def wake(self) -> None:
        """Look now: something may be due."""
        self._wake.set()

    def stop(self) -> None:
        """Finish what is on its way and end."""
        self._stopped = True
        self._wake.set()
        self._thread.join(timeout=2)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def flush(self) -> None:
        """Deliver what is due and wait for it."""
        for sent in self._send_due():
            sent.result(timeout=TIMEOUT_S + 1)

    def _run(self) -> None:
        while not self._stopped:
            self._wake.wait(self._pause())
            self._wake.clear()
            if not self._stopped:
                fail_due(self._desk)
                self._send_due()

    def _pause(self) -> float:
        """Seconds until the next delivery is due, at most :data:`IDLE_S`."""
        found = self._desk.store.rows(f"SELECT min(due) FROM delivery WHERE state = 'waiting' AND {self._sendable()}")
        due = found[0][0]
        if due is None:
            return IDLE_S
        return min(IDLE_S, max(0.02, due - self._desk.store.now()))

    def _sendable(self) -> str:
        """Which events have an address: an event's id tells its gateway."""
        known = [PREFIXES[gateway] for gateway, url in self._urls.items() if url]
        return "(" + " OR ".join([f"event LIKE '{prefix}_%'" for prefix in known] or ["0"]) + ")"

    def _send_due(self) -> list[Future[None]]:
        wanted = f"state = 'waiting' AND due <= ? AND {self._sendable()}"
        sql = f"SELECT event, copy FROM delivery WHERE {wanted} ORDER BY due LIMIT 200"
        due = [(row[0], row[1]) for row in self._desk.store.rows(sql, self._desk.store.now())]
        with self._guard:
            fresh = [key for key in due if key not in self._taken]
            self._taken.update(fresh)
        return [self._pool.submit(self._deliver, key) for key in fresh]

    def _deliver(self, key: Key) -> None:
        try:
            if key[0].startswith(PREFIXES["stripe"]):
                self._record(key, self._send_signed(key[0]))
            else:
                self._record(key, self._send_plain(key[0]))
        finally:
            with self._guard:
                self._taken.discard(key)

    def _send_signed(self, event_id: str) -> bool:
        event = self._desk.store.find("event", event_id)
        if event is None:
            return False
        body = json.dumps(public(event)).encode()
        agent, mark = "Stripe/1.0 (sandbox)", signature(self._secret, body, int(time.time()))
        return self._post(self._urls["stripe"], body, {"User-Agent": agent, "Stripe-Signature": mark})

    def _send_plain(self, event_id: str) -> bool:
        event = self._desk.store.find("toss_event", event_id)
        if event is None:
            return False
        headers = {
            "User-Agent": "TossPayments/1.0 (sandbox)",
            "tosspayments-webhook-transmission-id": event_id,
            "tosspayments-webhook-transmission-time": event["message"]["createdAt"],
        }
        return self._post(self._urls["toss"], json.dumps(event["message"]).encode(), headers)

    @staticmethod
    def _post(url: str, body: bytes, extra: dict[str, str]) -> bool:
        headers = {"Content-Type": "application/json; charset=utf-8", **extra}
        request = urllib.request.Request(url, data=body, headers=headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:
                return 200 <= response.status < 300
        except (OSError, ValueError):
            return False

    def _record(self, key: Key, taken: bool) -> None:
        if taken:
            self._desk.store.rows("UPDATE delivery SET state = 'done' WHERE event = ? AND copy = ?", *key)
            return
        attempts = self._desk.store.rows("SELECT attempts FROM delivery WHERE event = ? AND copy = ?", *key)
        tried = attempts[0][0] if attempts else 0
        self._desk.store.rows(
            "UPDATE delivery SET attempts = ?, due = ?, state = ? WHERE event = ? AND copy = ?",
            tried + 1,
            self._desk.store.now() + RETRY_AFTER_S[min(tried, len(RETRY_AFTER_S) - 1)],
            "waiting" if tried + 1 < GIVE_UP_AFTER else "given_up",
            *key,
        )

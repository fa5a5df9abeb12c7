"""Guests under chaos: each books, pays and sometimes cancels, and repeats with the same key until it is answered."""

from __future__ import annotations

import random
import threading
import time
import uuid
from datetime import date, timedelta
from typing import Any

import httpx

from benchmarks.chaos.journal import Journal

PATIENCE_S = 150.0
AGAIN_S = 0.5
CARD = "pm_card_visa"
# Rarely: whoever has three holds open can do nothing more for a quarter of an hour.
WALKS_AWAY = 0.01


class Gone(Exception):
    """No answer within a guest's patience."""


class Guest:
    """One guest with a token; ``run`` goes on until ``over`` is set."""

    def __init__(self, url: str, token: str, rooms: list[str], journal: Journal, seed: int) -> None:
        self.http = httpx.Client(
            base_url=f"{url}/api/v1/", headers={"Authorization": f"Bearer {token}"}, timeout=httpx.Timeout(20)
        )
        self.name, self.rooms, self.journal, self.dice = token[-8:], rooms, journal, random.Random(seed)

    def run(self, over: threading.Event) -> None:
        """Book after book."""
        while not over.is_set():
            try:
                self.book(over)
            except Gone:
                self.journal.count("gave up waiting")
            over.wait(self.dice.uniform(0.05, 0.4))

    def book(self, over: threading.Event) -> None:
        """One attempt from the hold to its end."""
        self.journal.count("attempts")
        arrival = date.today() + timedelta(days=self.dice.randint(20, 300))  # noqa: DTZ011  (far enough for any zone)
        nights = {
            "check_in": arrival.isoformat(),
            "check_out": (arrival + timedelta(days=self.dice.randint(1, 4))).isoformat(),
        }
        held = self.insist("POST", "reservations/", {"room": self.dice.choice(self.rooms), "guests": 1, **nights})
        if held.status_code != 201:
            self.journal.count(f"hold {held.status_code} {held.json().get('code')}")
            return
        code = held.json()["code"]
        self.journal.acknowledge("held", code, self.name, held.json()["total"]["amount"])
        if self.dice.random() < WALKS_AWAY:
            return
        if self.pay(code, over) and self.dice.random() < 0.3:
            self.cancel(code)

    def pay(self, code: str, over: threading.Event) -> bool:
        """Pay, a little later when asked to; True when it is confirmed."""
        for _try in range(8):
            answer = self.insist("POST", f"reservations/{code}/payment/", {"payment_method": CARD})
            told = answer.json()
            if answer.status_code == 200 and told["status"] == "confirmed":
                self.journal.acknowledge("confirmed", code, self.name, told["total"]["amount"])
                return True
            self.journal.count(f"payment {answer.status_code} {told.get('code') or told.get('status')}")
            if answer.status_code == 202:
                return self.await_outcome(code)
            if answer.status_code != 503:
                return False
            over.wait(min(float(answer.headers.get("Retry-After", 1)), 5))
        return False

    def await_outcome(self, code: str) -> bool:
        """What became of a payment that was not known yet."""
        ends = time.monotonic() + 60
        while time.monotonic() < ends:
            trip = self.insist("GET", f"reservations/{code}/").json()
            if trip["status"] == "confirmed":
                self.journal.acknowledge("confirmed", code, self.name, trip["total"]["amount"])
                return True
            if trip["status"] != "paying":
                self.journal.count(f"not known, then {trip['status']}")
                return False
            time.sleep(1)
        self.journal.count("not known for a minute")
        return False

    def cancel(self, code: str) -> None:
        """Cancel with what the preview says."""
        for _try in range(3):
            shown = self.insist("GET", f"reservations/{code}/cancellation/")
            if shown.status_code != 200:
                self.journal.count(f"preview {shown.status_code}")
                return
            answer = self.insist("POST", f"reservations/{code}/cancellation/", {"token": shown.json()["token"]})
            if answer.status_code == 200:
                self.journal.acknowledge("cancelled", code, self.name, shown.json()["refund"]["amount"])
                return
            self.journal.count(f"cancellation {answer.status_code}")

    def insist(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        """Ask with one key until there is an answer that is the site's own. Raises Gone."""
        headers = {"Idempotency-Key": uuid.uuid4().hex} if method == "POST" else {}
        ends = time.monotonic() + PATIENCE_S
        while time.monotonic() < ends:
            try:
                answer = self.http.request(method, path, json=body, headers=headers)
            except httpx.HTTPError:
                self.journal.count("no answer")
            else:
                if not _passing(answer):
                    return answer
                self.journal.count(f"again after {answer.status_code}")
            time.sleep(AGAIN_S)
        raise Gone


def _passing(answer: httpx.Response) -> bool:
    """Whether this says nothing about the request: the site is not well, or still at it."""
    if answer.status_code == 503 and "payments_unavailable" in answer.text:
        return False
    if answer.status_code >= 500 or answer.status_code == 429:
        return True
    return answer.status_code == 409 and "request_in_progress" in answer.text


class Reader:
    """Somebody who only looks, and writes down whether each page came."""

    def __init__(self, url: str, paths: list[str], journal: Journal) -> None:
        self.http = httpx.Client(base_url=url, timeout=httpx.Timeout(5), follow_redirects=True)
        self.paths, self.journal = paths, journal

    def run(self, over: threading.Event) -> None:
        """Page after page."""
        while not over.wait(0.25):
            for path in self.paths:
                began = self.journal.second()
                try:
                    status = self.http.get(path).status_code
                except httpx.HTTPError as problem:
                    self.journal.look(began, f"{path} {type(problem).__name__}", fine=False)
                else:
                    self.journal.look(began, f"{path} {status}", fine=status < 500)

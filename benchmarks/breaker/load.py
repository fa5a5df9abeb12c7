"""Guests who search, look, hold, pay and look at their trips, and who wait when they are asked to."""

from __future__ import annotations

import random
import re
import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import date, timedelta

import httpx

CARD = "pm_card_visa"
PAYING = ("checkout", "pay", "api_pay")
LOOKING = ("search", "room", "trip", "trips")
KEPT = "data-until="
# A guest who is asked to wait comes back after this many seconds, whatever the page suggests at best.
RETRY_S = (2.0, 5.0)
PATIENCE = 40


@dataclass
class Seen:
    """What all guests saw: (begun, kind, seconds, status, of the promised kind)."""

    rows: list[tuple[float, str, float, int, bool]] = field(default_factory=list)
    paid: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    kept_told: int = 0

    def between(self, begun: float, ended: float, kinds: tuple[str, ...]) -> list[float]:
        """Seconds that answers of these kinds took which were asked for in this time."""
        return sorted(row[2] for row in self.rows if begun <= row[0] < ended and row[1] in kinds)

    def per_second(self, begun: float, ended: float) -> float:
        """Answers to requests of this time, of all kinds, a second."""
        return round(sum(begun <= row[0] < ended for row in self.rows) / (ended - begun), 1)

    def bad(self) -> list[str]:
        """Answers that nobody was promised: 5xx other than the interface's own, and no answer at all."""
        return [f"{row[1]} {row[3]}" for row in self.rows if (row[3] >= 500 or row[3] == 0) and not row[4]]


class Guest:
    """One guest with a browser and, for one in four payments, a program of their own."""

    def __init__(self, url: str, email: str, password: str, token: str, seen: Seen, seed: int) -> None:
        self.browser = httpx.Client(base_url=url, timeout=60, follow_redirects=False)
        self.email, self.password, self.seen, self.dice = email, password, seen, random.Random(seed)
        self.api = httpx.Client(base_url=f"{url}/api/v1/", headers={"Authorization": f"Bearer {token}"}, timeout=60)
        self.rooms: list[tuple[str, str]] = []
        self.token = ""

    def sign_in(self) -> None:
        """As a person does it."""
        self.browser.get("/account/login/")
        form = {"login": self.email, "password": self.password}
        answer = self.browser.post("/account/login/", data=form | self._csrf(), headers=self._referer())
        assert answer.status_code == 302, answer.text[:500]

    def run(self, over: threading.Event, think: tuple[float, float]) -> None:
        """One visit after the other."""
        self.think, self.over = think, over
        over.wait(self.dice.uniform(0, think[1] * 3))
        while not over.is_set():
            try:
                self._visit()
            except httpx.HTTPError as lost:
                self.seen.rows.append((time.monotonic(), f"lost {type(lost).__name__}", 0.0, 0, False))

    def _visit(self) -> None:
        room, slug = self.dice.choice(self.rooms)
        self._look("search", "/rooms/")
        self._look("room", f"/rooms/{slug}/")
        code = self._hold(room)
        if code is None:
            return
        for _try in range(PATIENCE):
            if self.over.is_set():
                return
            if self._pay(code):
                break
            self._look(*self.dice.choice([("search", "/rooms/"), ("trips", "/trips/"), ("trip", f"/trips/{code}/")]))
            self.over.wait(self.dice.uniform(*RETRY_S))
        self._look("trip", f"/trips/{code}/")
        if self.dice.random() < 0.5:
            self._look("trips", "/trips/")

    def _hold(self, room: str) -> str | None:
        arrival = date.today() + timedelta(days=self.dice.randint(20, 320))  # noqa: DTZ011  (far from any zone's edge)
        nights = {"check_in": arrival.isoformat(), "check_out": (arrival + timedelta(days=1)).isoformat()}
        body = {"room": room, "guests": 1, **nights}
        answer = self._timed("hold", lambda: self.api.post("reservations/", json=body, headers=_key()))
        if answer.status_code == 201:
            code: str = answer.json()["code"]
            return code
        if answer.json().get("code") == "hold_exists":
            held: str = answer.json()["held"]
            return held
        return None

    def _pay(self, code: str) -> bool:
        """True when there is nothing left to try: it is paid, being checked, or over."""
        if self.dice.random() < 0.25:
            return self._pay_by_program(code)
        path = f"/reservations/{code}/checkout/"
        page = self._look("checkout", path)
        if page.status_code != 200:
            return True
        attempt = re.search(r'name="attempt" value="([^"]+)"', page.text)
        if attempt is None:
            return True  # the time to pay is over
        form = {"name": "서윤", "payment_method": CARD, "attempt": attempt[1], **self._csrf()}
        answer = self._timed("pay", lambda: self.browser.post(path, data=form, headers=self._referer()))
        if answer.status_code == 302:
            self._arrived(code)
            return True
        if answer.status_code == 200:
            self._told_at_once(answer.text, code)
            return False
        return answer.status_code not in (402, 409, 422)

    def _told_at_once(self, text: str, code: str) -> None:
        """The page that asks to pay later says until when the dates are kept, and how to come back."""
        if KEPT in text and f"/reservations/{code}/checkout/" in text:
            self.seen.kept_told += 1
        else:
            self.seen.wrong.append(f"{code}: not told until when the dates are kept")

    def _pay_by_program(self, code: str) -> bool:
        body = {"payment_method": CARD}
        answer = self._timed(
            "api_pay", lambda: self.api.post(f"reservations/{code}/payment/", json=body, headers=_key())
        )
        told = answer.json()
        if answer.status_code == 503:
            if not (told.get("expires_at") and answer.headers.get("Retry-After")):
                self.seen.wrong.append(f"{code}: a 503 without its times")
            self.seen.kept_told += 1
            return False
        if answer.status_code == 200:
            self.seen.paid.append(time.monotonic())
        return True

    def _arrived(self, code: str) -> None:
        trip = self._look("trip", f"/trips/{code}/")
        if 'data-state="confirmed"' in trip.text or "확정" in trip.text or "Confirmed" in trip.text:
            self.seen.paid.append(time.monotonic())

    def _look(self, kind: str, path: str) -> httpx.Response:
        answer = self._timed(kind, lambda: self.browser.get(path))
        self.over.wait(self.dice.uniform(*self.think))
        return answer

    def _timed(self, kind: str, ask: object) -> httpx.Response:
        begun = time.monotonic()
        answer: httpx.Response = ask()  # type: ignore[operator]
        promised = kind == "api_pay" and answer.status_code == 503 and "payments_unavailable" in answer.text
        self.seen.rows.append((begun, kind, time.monotonic() - begun, answer.status_code, promised))
        return answer

    def _csrf(self) -> dict[str, str]:
        return {"csrfmiddlewaretoken": self.browser.cookies.get("csrftoken") or ""}

    def _referer(self) -> dict[str, str]:
        return {"Referer": str(self.browser.base_url)}


def _key() -> dict[str, str]:
    return {"Idempotency-Key": uuid.uuid4().hex}

"""From an event to the words on an open trip, in a real browser that nobody touches."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from benchmarks.live.judging import Kept, Promise
from tests.browser import walking
from tests.browser.conftest import browser_path
from tests.stack import Caller, RunningStack, room_facts

STAYS = 10  # each is paid and cancelled before the reader's eyes: two events
PROMISE = Promise("an open trip's page follows an event", 0.95, 2.0, 2 * STAYS)
PATIENCE_MS = 15_000
# When the badge of the status first says the word, by the clock of the machine, which is the database's too.
WATCH = """word => {
  window.seen = 0;
  const look = () => {
    if (!window.seen && document.querySelector("#status .badge")?.textContent.includes(word)) window.seen = Date.now();
  };
  new MutationObserver(look).observe(document.body, {childList: true, subtree: true, characterData: true});
}"""


def measure(stack: RunningStack) -> Kept:
    """Book, open, pay, cancel, again and again; without a browser nothing is shown, and that is no promise kept."""
    path = browser_path()
    if path is None:
        return Kept(PROMISE, [], ["no chromium on this machine"])
    from playwright.sync_api import sync_playwright

    host, guest = stack.person(host=True, language="en"), stack.person(language="en")
    room = host.post("rooms/", room_facts(title="Live House")).json()["id"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_context(base_url=stack.url, locale="en").new_page()
        walking.sign_in(page, guest.email)
        kept = Kept(PROMISE, [])
        for number in range(STAYS):
            code = _held(guest, room, number)
            page.goto(f"/trips/{code}/")
            page.evaluate("window.notReloaded = true")
            for word, fact, deed in (
                ("Confirmed", "ReservationConfirmed", _pay),
                ("Cancelled", "ReservationCancelled", _cancel),
            ):
                _follow(page, guest, code, word, fact, deed, kept)
        browser.close()
    return kept


def _follow(page: Any, guest: Caller, code: str, word: str, fact: str, deed: Any, kept: Kept) -> None:
    """One event, from its own instant until the page says so."""
    from playwright.sync_api import TimeoutError as TooLate

    page.evaluate(WATCH, word)
    deed(guest, code)
    try:
        page.locator("#status .badge", has_text=word).wait_for(timeout=PATIENCE_MS)
    except TooLate:
        kept.wrong.append(f"{code} did not say {word} within {PATIENCE_MS / 1000:.0f} s")
        return
    (at,) = [each["at"] for each in guest.get(f"reservations/{code}/")["timeline"] if each["event"] == fact]
    kept.times.append(page.evaluate("window.seen") / 1000 - datetime.fromisoformat(at).timestamp())
    if not page.evaluate("window.notReloaded"):
        kept.wrong.append(f"{code} was loaded anew")


def _held(guest: Caller, room: str, number: int) -> str:
    first = date.today() + timedelta(days=60 + 3 * number)  # noqa: DTZ011  (far enough for any time zone)
    nights = {"check_in": first.isoformat(), "check_out": (first + timedelta(days=2)).isoformat(), "guests": 2}
    code: str = guest.post("reservations/", {"room": room, **nights}).json()["code"]
    return code


def _pay(guest: Caller, code: str) -> None:
    assert guest.post(f"reservations/{code}/payment/", {"payment_method": "pm_card_visa"}).status_code == 200


def _cancel(guest: Caller, code: str) -> None:
    token = guest.get(f"reservations/{code}/cancellation/")["token"]
    assert guest.post(f"reservations/{code}/cancellation/", {"token": token}).status_code == 200

"""Open pages count down to a stated time by the server's clock, and tell by themselves what is true when it is over."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import walking
from tests.stack import Caller, RunningStack, room_facts

pytestmark = pytest.mark.browser
ARRIVAL = date.today() + timedelta(days=121)  # noqa: DTZ011  (far enough for any time zone)
LEFT_S = 14  # what is left of a hold when its page is opened, or a little less
# A machine whose clock is an hour slow: by it, fifteen minutes would be an hour and a quarter.
SLOW_CLOCK = "const now = Date.now.bind(Date); Date.now = () => now() - 3600 * 1000;"
SHOWN = """() => new Promise(done => {
  const shown = [], look = () => shown.push(document.querySelector("[role=timer]").textContent);
  look();
  const watching = new MutationObserver(look);
  watching.observe(document.querySelector("[role=timer]"), {childList: true, characterData: true, subtree: true});
  setTimeout(() => { watching.disconnect(); done(shown); }, 3300);
})"""
SPOKEN = """() => {
  window.spoken = [];
  const live = document.getElementById("live");
  new MutationObserver(() => window.spoken.push(live.textContent)).observe(live, {childList: true});
}"""
Person = Callable[..., Any]


@pytest.fixture(scope="module")
def rooms(stack: RunningStack) -> dict[str, str]:
    """A room that is booked at once and one whose host is asked."""
    host = stack.person(host=True, language="en")
    asking = room_facts(title="Asking House", instant_book=False)
    made = {"at once": room_facts(title="Counting House"), "asked": asking}
    return {name: host.post("rooms/", facts).json()["id"] for name, facts in made.items()}


def held(guest: Caller, room: str, days: int) -> str:
    nights = {"check_in": ARRIVAL + timedelta(days=days), "check_out": ARRIVAL + timedelta(days=days + 2), "guests": 2}
    answer = guest.post("reservations/", {"room": room} | {name: str(value) for name, value in nights.items()})
    assert answer.status_code == 201, answer.text
    code: str = answer.json()["code"]
    return code


def nearly_over(stack: RunningStack, guest: Caller, code: str) -> None:
    """Move the hold into the past until only LEFT_S seconds of it are left."""
    ends = datetime.fromisoformat(guest.get(f"reservations/{code}/")["expires_at"])
    too_long = (ends - datetime.now(UTC)).total_seconds() - LEFT_S
    stack.manage("backdate_reservation", code, "--seconds", str(int(too_long)))


def seconds(text: str) -> int:
    return sum(int(part) * 60**place for place, part in enumerate(reversed(text.split(":"))))


def opened(page: Any, path: str) -> Any:
    """The page, marked, so that a reload would show."""
    page.goto(path)
    page.evaluate("window.notReloaded = true")
    return page


def test_a_hold_counts_by_the_servers_clock_and_its_end_is_told_without_a_reload(
    stack: RunningStack, person: Person, rooms: dict[str, str]
) -> None:
    guest = stack.person(language="en")
    code = held(guest, rooms["at once"], 0)
    page = person()
    page.add_init_script(SLOW_CLOCK)
    walking.sign_in(page, guest.email)
    nearly_over(stack, guest, code)
    checkout = opened(page, f"/reservations/{code}/checkout/")
    shown = [seconds(text) for text in checkout.evaluate(SHOWN)]
    assert 3 <= len(shown) <= 5, f"once a second: {shown}"
    assert shown == sorted(set(shown), reverse=True), shown
    assert shown[0] <= LEFT_S + 1, "an hour less would be left by this machine's own clock"
    expect(checkout.get_by_role("heading", level=1)).to_have_text("The time to pay is over", timeout=30_000)
    expect(checkout.locator("[role=timer]")).to_have_count(0)
    assert checkout.evaluate("window.notReloaded")
    assert checkout.evaluate("document.activeElement.id") == "main", "the reader begins at the head of what is new"
    assert page.console_errors == []


def test_an_open_trip_goes_on_counting_while_parts_of_it_are_swapped(
    stack: RunningStack, person: Person, rooms: dict[str, str]
) -> None:
    guest = stack.person(language="en")
    code = held(guest, rooms["at once"], 10)
    page = person()
    walking.sign_in(page, guest.email)
    trip = opened(page, f"/trips/{code}/")
    timer = trip.locator("#status [role=timer]")
    assert seconds(timer.inner_text()) > 600
    timer.evaluate("timer => { timer.mine = true; }")
    trip.evaluate(SPOKEN)
    nearly_over(stack, guest, code)
    expect(timer).to_have_text(re.compile(r"^0:(0\d|1[0-5])$"), timeout=30_000)
    assert timer.evaluate("timer => timer.mine"), "the timer itself was kept, only its end has changed"
    expect(trip.locator("#status")).to_contain_text("The dates were let go", timeout=30_000)
    assert "The time is over" in trip.evaluate("window.spoken")
    assert trip.evaluate("window.notReloaded")


def test_what_was_typed_and_a_time_that_is_longer_after_all_are_kept(
    stack: RunningStack, person: Person, rooms: dict[str, str]
) -> None:
    guest = stack.person(language="en")
    code = held(guest, rooms["at once"], 20)
    page = person()
    walking.sign_in(page, guest.email)
    checkout = opened(page, f"/reservations/{code}/checkout/")
    checkout.locator("[name=name]").fill("Seoyun of the long name")
    checkout.locator("[name=message]").fill("We come late")
    with checkout.expect_response(lambda answer: answer.request.headers.get("x-live") == "1"):
        checkout.locator("[role=timer]").evaluate("timer => { timer.dataset.until = timer.dataset.now; }")
    expect(checkout.locator("[role=timer]")).to_contain_text("14:", timeout=10_000)
    assert checkout.locator("[name=name]").input_value() == "Seoyun of the long name"
    assert checkout.locator("[name=message]").input_value() == "We come late"
    assert checkout.evaluate("window.notReloaded")


def test_five_minutes_and_one_are_spoken(stack: RunningStack, person: Person, rooms: dict[str, str]) -> None:
    guest = stack.person(language="en")
    code = held(guest, rooms["at once"], 30)
    page = person()
    walking.sign_in(page, guest.email)
    checkout = opened(page, f"/reservations/{code}/checkout/")
    for left, words in ((301, "5 minutes left"), (61, "One minute left")):
        checkout.locator("[role=timer]").evaluate(
            """(timer, left) => {
              const now = Date.parse(timer.dataset.now) + performance.now();
              timer.dataset.until = new Date(now + left * 1000).toISOString();
            }""",
            left,
        )
        expect(checkout.locator("#live")).to_have_text(words, timeout=10_000)


def test_a_request_shows_both_sides_the_time_that_is_left(
    stack: RunningStack, person: Person, rooms: dict[str, str]
) -> None:
    guest = stack.person(language="ko")
    code = held(guest, rooms["asked"], 0)
    asked = guest.post(f"reservations/{code}/payment/", {"payment_method": "pm_card_visa"})
    assert asked.json()["status"] == "requested", asked.text
    page = person(language="ko", javascript=False)
    walking.sign_in(page, guest.email)
    page.goto(f"/trips/{code}/")
    count = page.locator("#status .count")
    written = count.locator("[role=timer]").inner_text()
    assert 23 * 3600 < seconds(written) <= 24 * 3600, "without scripts the server's own words stand"
    expect(page.locator("#status .banner h3")).to_contain_text("까지")

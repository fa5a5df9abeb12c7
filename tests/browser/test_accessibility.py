"""Every page in both themes and both languages: no violation found by axe, and nothing scrolls sideways."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from tests.browser import walking
from tests.stack import RunningStack, room_facts, until

pytestmark = pytest.mark.browser
ARRIVAL = date.today() + timedelta(days=21)  # noqa: DTZ011
DEPARTURE = ARRIVAL + timedelta(days=2)
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def places(stack: RunningStack) -> dict[str, Any]:
    """A guest and a host with something on every page of theirs."""
    host, guest = stack.person(host=True), stack.person()
    room = host.post("rooms/", room_facts(title=f"느티 한옥 {uuid.uuid4().hex[:6]}")).json()
    nights = {"check_in": ARRIVAL.isoformat(), "check_out": DEPARTURE.isoformat(), "guests": 2, "room": room["id"]}
    booked = guest.post("reservations/", nights).json()["code"]
    assert guest.post(f"reservations/{booked}/payment/", {"payment_method": "pm_card_visa"}).status_code == 200
    second = host.post("rooms/", room_facts(title=f"솔숲 오두막 {uuid.uuid4().hex[:6]}")).json()
    held = guest.post("reservations/", {**nights, "room": second["id"]}).json()["code"]
    until(lambda: guest.get("notifications/")["results"], "there is a notification")
    day = f"check_in={ARRIVAL}&check_out={DEPARTURE}&guests=2"
    return {
        "booked": booked,
        "guest": guest.email,
        "host": host.email,
        "anonymous_pages": [
            "/", f"/rooms/?{day}", "/rooms/?q=nowhere&guests=40", f"/rooms/{room['slug']}/",
            f"/rooms/{second['slug']}/?{day}", "/account/login/", "/account/signup/", "/account/password/reset/",
            "/no-such-page/",
        ],
        "guest_pages": [
            "/trips/", f"/trips/{booked}/", f"/trips/{booked}/cancellation/", f"/trips/{booked}/receipt/",
            f"/reservations/{held}/checkout/", "/notifications/", "/account/profile/", "/account/tokens/",
            "/account/email/", "/account/password/change/", "/host/start/", "/reviews/",
        ],
        "host_pages": [
            "/host/", "/host/rooms/", "/host/rooms/new/", f"/host/rooms/{room['slug']}/",
            f"/host/rooms/{room['slug']}/photos/", f"/host/rooms/{room['slug']}/calendar/",
            f"/host/rooms/{second['slug']}/deletion/", "/host/reservations/", f"/host/reservations/{booked}/",
            f"/host/reservations/{booked}/cancellation/", "/host/reviews/",
        ],
    }  # fmt: skip


def look(page: Any, address: str) -> list[str]:
    """What is wrong with one page: axe's findings, and sideways scrolling."""
    from axe_playwright_python.sync_playwright import Axe

    page.goto(address)
    size = page.viewport_size
    # In a window as tall as the page, bars that stay at its edge hide nothing that one could not scroll to.
    tall = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": max(size["height"], min(tall + 120, 12_000))})
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": STANDARDS}}).response
    wrong = [
        f"{address}: {each['id']}: {each['nodes'][0]['html'][:160]} ({len(each['nodes'])}×)"
        for each in found["violations"]
    ]
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    page.set_viewport_size(size)
    if wide > 0:
        wrong.append(f"{address}: scrolls sideways by {wide} px")
    return wrong


@pytest.mark.parametrize("who", ["anonymous", "guest", "host"])
@pytest.mark.parametrize(
    ("width", "dark", "language"),
    [(1280, False, "ko"), (360, True, "en"), (768, False, "en")],
    ids=["wide", "phone", "tablet"],
)
def test_pages_are_accessible(
    person: Callable[..., Any], places: dict[str, Any], who: str, width: int, dark: bool, language: str
) -> None:
    page = person(width=width, dark=dark, language=language)
    if who != "anonymous":
        walking.sign_in(page, places[who])
    wrong = [line for address in places[f"{who}_pages"] for line in look(page, address)]
    assert not wrong, "\n".join(wrong)
    assert page.console_errors == []


def test_a_receipt_prints_on_one_page(person: Callable[..., Any], places: dict[str, Any]) -> None:
    page = person()
    walking.sign_in(page, places["guest"])
    page.goto(f"/trips/{places['booked']}/receipt/")
    printed = page.pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
    page.set_viewport_size({"width": 680, "height": 960})
    page.emulate_media(media="print")
    assert page.locator("main thead").last.is_visible(), "a table on paper is not folded as on a phone"

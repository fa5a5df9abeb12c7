"""Guest and host walk through the main job in a real browser, with JavaScript and without."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import walking
from tests.stack import RunningStack, until

pytestmark = pytest.mark.browser
ARRIVAL = date.today() + timedelta(days=33)  # noqa: DTZ011  (far enough for any time zone)
DEPARTURE = ARRIVAL + timedelta(days=2)
Person = Callable[..., Any]


@pytest.mark.parametrize("javascript", [True, False], ids=["js", "no-js"])
def test_let_find_reserve_pay_cancel_and_review(stack: RunningStack, person: Person, javascript: bool) -> None:
    tag = uuid.uuid4().hex[:6]
    title = f"Stone House {tag}"
    host = person(javascript=javascript)
    walking.sign_up(host, "Hajun", f"host-{tag}@example.com")
    slug = walking.register_room(host, title)
    walking.add_photo(host, slug)

    guest = person(javascript=javascript)
    walking.sign_up(guest, "Seoyun", f"guest-{tag}@example.com")
    walking.find_room(guest, title, ARRIVAL, DEPARTURE)
    expect(guest.locator("#price-box")).to_contain_text("₩")
    code = walking.hold(guest)
    expect(guest.locator("main")).to_contain_text("holding these dates")
    walking.pay(guest)
    guest.wait_for_url(f"**/trips/{code}/**")
    expect(guest.locator("main")).to_contain_text("Confirmed")

    told_host(host, code, title)
    other_guest_sees_them_taken(person(javascript=javascript), slug)

    guest.goto(f"/trips/{code}/cancellation/")
    guest.get_by_role("button", name="Cancel and get").click()
    guest.wait_for_url(f"**/trips/{code}/**")
    expect(guest.locator("main")).to_contain_text("Cancelled")
    until(
        lambda: [c["refunded"] for c in stack.charges_of(code)] == [stack.charges_of(code)[0]["captured"]], "refunded"
    )

    stay_and_review(stack, host, guest, slug)
    assert guest.console_errors == host.console_errors == []


def told_host(host: Any, code: str, title: str) -> None:
    """The host finds the booking in the notifications and among the reservations, with its details."""

    def told() -> bool:
        host.goto("/notifications/")
        return title in host.locator("main").inner_text()

    until(told, "the host is told")
    host.goto(f"/host/reservations/{code}/")
    expect(host.locator("main")).to_contain_text("Seoyun")
    expect(host.locator("main")).to_contain_text("We arrive at eight.")


def other_guest_sees_them_taken(other: Any, slug: str) -> None:
    """The same nights are refused with the reason and with something else to book."""
    other.goto(f"/rooms/{slug}/?check_in={ARRIVAL}&check_out={DEPARTURE}&guests=2")
    expect(other.locator("#price-box [role=alert]")).to_be_visible()
    assert other.locator("#book").count() == 0
    assert other.locator("#price-box a[href*='check_in=']").count() >= 1


def stay_and_review(stack: RunningStack, host: Any, guest: Any, slug: str) -> None:
    """Another stay, this time spent; both write; both reviews appear together."""
    guest.goto(f"/rooms/{slug}/?check_in={ARRIVAL}&check_out={DEPARTURE}&guests=2")
    code = walking.hold(guest)
    walking.pay(guest)
    guest.wait_for_url(f"**/trips/{code}/**")
    stack.manage("backdate_reservation", code, "--days", "40")

    def open_review() -> bool:
        guest.goto(f"/trips/{code}/review/")
        return bool(guest.locator("[name=text]").count())

    until(open_review, "the review is open", 60)
    walking.rate(guest, "Quiet, clean and warm.")
    host.goto(f"/host/reservations/{code}/review/")
    walking.rate(host, "They left it as they found it.")

    def published() -> bool:
        guest.goto(f"/rooms/{slug}/")
        return "Quiet, clean and warm." in guest.locator("main").inner_text()

    until(published, "the review is on the room's page")


def test_a_declined_card_keeps_the_dates_and_what_was_typed(stack: RunningStack, person: Person) -> None:
    host = stack.person(host=True, language="en")
    from tests.stack import room_facts

    room = host.post("rooms/", room_facts(title=f"Pine Cabin {uuid.uuid4().hex[:6]}")).json()
    guest = person()
    walking.sign_in(guest, stack.person(language="en").email)
    guest.goto(f"/rooms/{room['slug']}/?check_in={ARRIVAL}&check_out={DEPARTURE}&guests=2")
    code = walking.hold(guest)
    walking.pay(guest, "pm_card_visa_chargeDeclined")
    expect(guest.locator("main")).to_contain_text("Nothing was charged")
    expect(guest.locator("[name=message]")).to_have_value("We arrive at eight.")
    walking.pay(guest)
    guest.wait_for_url(f"**/trips/{code}/**")
    expect(guest.locator("main")).to_contain_text("Confirmed")
    assert [c["captured"] > 0 for c in stack.charges_of(code)] == [True]


def test_the_banks_further_step_leads_to_the_bank_and_back(stack: RunningStack, person: Person) -> None:
    host = stack.person(host=True, language="en")
    from tests.stack import room_facts

    room = host.post("rooms/", room_facts(title=f"Tea House {uuid.uuid4().hex[:6]}")).json()
    guest = person()
    walking.sign_in(guest, stack.person(language="en").email)
    guest.goto(f"/rooms/{room['slug']}/?check_in={ARRIVAL}&check_out={DEPARTURE}&guests=2")
    code = walking.hold(guest)
    walking.pay(guest, "pm_card_authenticationRequired")
    guest.wait_for_url(f"{stack.env['PAYMENT_SANDBOX_URL']}/**")
    guest.get_by_role("button").first.click()
    guest.wait_for_url(f"{stack.url}/**")

    def confirmed() -> bool:
        guest.goto(f"/trips/{code}/")
        return "Confirmed" in guest.locator("main").inner_text()

    until(confirmed, "the bank's yes confirms the booking")

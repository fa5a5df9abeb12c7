"""What a person does on the site, step by step, the same with and without JavaScript."""

from __future__ import annotations

import io
import re
from datetime import date
from typing import Any

from PIL import Image
from playwright.sync_api import expect

from tests.stack import PASSWORD

TEST_CARD = "pm_card_visa"


def sign_in(page: Any, email: str) -> None:
    """Sign in on the sign-in page."""
    page.goto("/account/login/")
    page.locator("[name=login]").fill(email)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main form button:not([type=button])").first.click()
    expect(page.locator("main")).not_to_contain_text("Forgot", timeout=10_000)


def sign_up(page: Any, name: str, email: str) -> None:
    """Make an account on the sign-up page."""
    page.goto("/account/signup/")
    page.locator("[name=name]").fill(name)
    page.locator("[name=email]").fill(email)
    page.locator("[name=password1]").fill("three plain words 7")
    page.locator("main form button:not([type=button])").first.click()
    page.wait_for_url(re.compile(r"^(?!.*signup).*$"))


def register_room(page: Any, title: str) -> str:
    """Become a host, register a room, publish it; returns its slug."""
    page.goto("/host/rooms/new/")
    if "/host/start/" in page.url:
        page.locator("main form button").click()
        page.goto("/host/rooms/new/")
    page.locator("[name=title_en]").fill(title)
    page.locator("[name=title_ko]").fill(title)
    page.locator("[name=description_en]").fill("A quiet house behind a stone wall.")
    page.locator("[name=city]").fill("Jeju")
    page.locator("[name=address]").fill("12 Haneul-gil")
    page.locator("[name=capacity]").fill("4")
    page.locator("[name=base_price]").fill("100000")
    page.locator("[name=cleaning_fee]").fill("20000")
    page.locator("[name=cancellation_policy][value=flexible]").check()
    page.locator(".savebar button").last.click()
    page.wait_for_url(re.compile(r"/host/rooms/(?!new/)[^/]+/"))
    slug = re.search(r"/host/rooms/([^/]+)/", page.url)
    assert slug is not None
    page.goto(f"/host/rooms/{slug[1]}/")
    page.locator("button[name=status][value=listed]").first.click()
    page.wait_for_load_state()
    return slug[1]


def picture() -> bytes:
    """A small photograph."""
    out = io.BytesIO()
    Image.new("RGB", (1200, 900), (90, 120, 100)).save(out, "JPEG")
    return out.getvalue()


def add_photo(page: Any, slug: str) -> None:
    """Upload a photograph and wait until its sizes are made."""
    page.goto(f"/host/rooms/{slug}/photos/")
    files = [{"name": "house.jpg", "mimeType": "image/jpeg", "buffer": picture()}]
    page.locator("input[type=file]").set_input_files(files)
    page.locator("main form[enctype] button").first.click()
    page.wait_for_load_state()
    for _ in range(60):
        if page.locator("main img[src*='/media/']").count():
            return
        page.wait_for_timeout(500)
        page.reload()
    raise AssertionError("the photograph was not processed")


def find_room(page: Any, title: str, check_in: date, check_out: date) -> None:
    """Search from the first page and open the room from the results."""
    for _ in range(40):
        page.goto("/")
        page.locator("[name=q]").fill(title)
        page.locator("[name=check_in]").fill(check_in.isoformat())
        page.locator("[name=check_out]").fill(check_out.isoformat())
        page.locator("[name=guests]").fill("2")
        page.get_by_role("button", name="Find a room").click()
        page.wait_for_url(re.compile(r"/rooms/\?"))
        link = page.get_by_role("link", name=title).first
        if link.count():
            link.click()
            page.wait_for_url(re.compile(r"/rooms/[^/?]+/"))
            return
        page.wait_for_timeout(250)
    raise AssertionError(f"{title} is not found")


def hold(page: Any) -> str:
    """Press "Book" on the room page; returns the reservation's code."""
    page.locator("#book button").click()
    page.wait_for_url(re.compile(r"/reservations/[^/]+/checkout/"))
    code = re.search(r"/reservations/([^/]+)/checkout/", page.url)
    assert code is not None
    return code[1]


def pay(page: Any, card: str = TEST_CARD) -> None:
    """Fill in the checkout and press the button with the sum."""
    page.locator("[name=name]").fill("Seoyun")
    page.locator("[name=phone]").fill("010-1234-5678")
    page.locator("[name=message]").fill("We arrive at eight.")
    page.locator(f"[name=payment_method][value={card}]").check()
    page.get_by_role("button", name=re.compile("^Pay ")).click()


def rate(page: Any, text: str) -> None:
    """Fill in a review and send it."""
    for name in page.eval_on_selector_all("main input[type=radio]", "all => [...new Set(all.map(e => e.name))]"):
        page.locator(f"input[name={name}][value='5']").check(force=True)
    page.locator("[name=text]").fill(text)
    page.locator("main form button:not([name])").last.click()
    page.wait_for_load_state()

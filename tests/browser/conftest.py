"""A real browser: Debian's chromium, headless; skipped where there is none, except in CI."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

FAILED = pytest.StashKey[bool]()
NAMES = ("chromium", "chromium-browser", "google-chrome")


def browser_path() -> str | None:
    """Where a chromium is on this machine."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    path = browser_path()
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("chromium is missing, and in CI the browser tests must run")
        pytest.skip("no chromium on this machine")
    from playwright.sync_api import sync_playwright

    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=quiet)
        yield browser
        browser.close()


@pytest.fixture
def person(request: pytest.FixtureRequest, chromium: Any, stack: Any) -> Iterator[Callable[..., Any]]:
    """``person(javascript=…, width=…)``: a fresh browser window at the site, reading English; closed afterwards.

    When the test failed, what each window shows is printed.
    """
    contexts = []

    def open_window(*, javascript: bool = True, width: int = 1280, language: str = "en", dark: bool = False) -> Any:
        context = chromium.new_context(
            base_url=stack.url,
            java_script_enabled=javascript,
            viewport={"width": width, "height": 900},
            locale=language,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.console_errors = []
        page.on("pageerror", lambda error: page.console_errors.append(str(error)))
        return page

    yield open_window
    failed = request.node.stash.get(FAILED, False)
    for context in contexts:
        if failed:
            print("\nWINDOW", context.pages[0].url, "\n", context.pages[0].locator("body").inner_text()[:3000])
        context.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Remember whether the test itself failed, for the windows to be shown."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report

"""``make bench-live``: how soon an open page and a gateway are answered, and what the question of an open page costs.

Exits 1 when a promised time is not kept (``pages``, ``messages``). Of the question (decision 0014) it prints how many a
second and the processor time of the web processes for each, beside the same for the trip's page; that has no limit.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import httpx

from benchmarks.live import messages, pages
from tests.stack import PASSWORD, RunningStack, room_facts

SECONDS, ASKING = 10.0, 8


def main() -> int:
    """Start a stack, measure, tell; the exit code is the verdict."""
    stack = RunningStack()
    try:
        stack.start()
        kept = [pages.measure(stack), *messages.measure(stack)]
        print(*kept, sep="\n", flush=True)
        with httpx.Client(base_url=stack.url, follow_redirects=True, timeout=30) as browser:
            page = _open_trip(stack, browser)
            asked = re.search(r'data-live="([^"]+)" data-stamp="([^"]+)"', browser.get(page).text)
            assert asked is not None
            tag = {"If-None-Match": f'"{asked[2]}"'}
            _tell("question", *_measure(stack, lambda client: client.get(asked[1], headers=tag).status_code == 304))
            cookies = dict(browser.cookies)
            _tell("page", *_measure(stack, lambda client: client.get(page, cookies=cookies).status_code == 200))
    finally:
        stack.stop()
    good = all(each.good for each in kept)
    print("bench-live: PASSED" if good else "bench-live: FAILED", flush=True)
    return 0 if good else 1


def _open_trip(stack: RunningStack, browser: httpx.Client) -> str:
    host, guest = stack.person(host=True), stack.person()
    room = host.post("rooms/", room_facts()).json()["id"]
    first = date.today() + timedelta(days=40)  # noqa: DTZ011  (far enough for any time zone)
    nights = {"check_in": first.isoformat(), "check_out": (first + timedelta(days=2)).isoformat(), "guests": 2}
    code = guest.post("reservations/", {"room": room, **nights}).json()["code"]
    assert guest.post(f"reservations/{code}/payment/", {"payment_method": "pm_card_visa"}).status_code == 200
    form = browser.get("/account/login/").text
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    assert token is not None
    given = {"login": guest.email, "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
    browser.post("/account/login/", data=given, headers={"Referer": f"{stack.url}/account/login/"})
    return f"/trips/{code}/"


def _measure(stack: RunningStack, ask: Callable[[httpx.Client], bool]) -> tuple[int, float, float]:
    """``(how many, CPU seconds of the web processes, the 95th percentile in ms)``; every answer must be as expected."""
    times: list[float] = []

    def go_on(_: int) -> None:
        with httpx.Client(base_url=stack.url, timeout=30) as client:
            end = time.perf_counter() + SECONDS
            while (begun := time.perf_counter()) < end:
                assert ask(client)
                times.append(time.perf_counter() - begun)

    before = _cpu(stack)
    with ThreadPoolExecutor(ASKING) as pool:
        list(pool.map(go_on, range(ASKING)))
    return len(times), _cpu(stack) - before, sorted(times)[int(len(times) * 0.95)] * 1000


def _cpu(stack: RunningStack) -> float:
    """Seconds of processor time that the web processes of this stack have used."""
    mine, used = f"DATA_DIR={stack.env['DATA_DIR']}".encode(), 0.0
    for folder in Path("/proc").iterdir():
        try:
            if b"granian" in (folder / "cmdline").read_bytes() and mine in (folder / "environ").read_bytes():
                fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
                used += (int(fields[11]) + int(fields[12])) / 100
        except OSError:
            continue
    return used


def _tell(what: str, count: int, cpu: float, p95_ms: float) -> None:
    print(f"{what}: {count / SECONDS:.0f}/s, {cpu / count * 1000:.2f} ms of CPU each, p95 {p95_ms:.1f} ms", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())

"""The breaker by itself: one state for all processes, one prober, and what happens while Redis is away."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from airbnb.embedded.valkey import Valkey
from payments.gateways.breaker import CLOSED, OPEN, Kept
from tests.payments.breaking import LONG, SHORT, connected, fail, process, until


@pytest.fixture
def redis_url(settings: Any) -> str:
    """The tests' Redis; it is emptied before each test."""
    url: str = settings.REDIS_URL
    return url


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[Valkey]:
    """A Redis that the test may kill and start again with what it remembered."""
    server = Valkey(tmp_path / "valkey", durable=True).start()
    yield server
    server.stop()


# ---------------------------------------------------------------------------------------- opening and closing
def test_three_failures_open_it_for_every_process_and_only_the_third_says_so(redis_url: str) -> None:
    first, second = process(redis_url), process(redis_url)
    assert not first.ask().is_open
    assert [fail(first).changed, fail(second).changed, fail(first).changed] == [False, False, True]
    assert [first.ask().verdict, second.ask().verdict, process(redis_url).ask().verdict] == ["refused"] * 3


def test_failures_that_lie_further_apart_do_not_open_it(redis_url: str) -> None:
    breaker = process(redis_url, replace(LONG, window_ms=1))
    for _ in range(10):
        fail(breaker)
        until(lambda: not connected(redis_url).exists("gateway:{test}:failures"))
    assert not breaker.ask().is_open


def test_good_answers_never_open_it(redis_url: str) -> None:
    breaker = process(redis_url)
    for _ in range(20):
        breaker.tell("ok", epoch=breaker.ask().epoch)
    assert breaker.ask().verdict == "pass"
    assert breaker.counts() == {"ok": 20}


def test_a_failure_from_before_the_last_change_says_nothing_about_now(redis_url: str) -> None:
    breaker = process(redis_url, SHORT)
    old = breaker.ask().epoch
    fail(breaker, 3)
    close(breaker)
    for _ in range(5):
        assert not breaker.tell("bad", epoch=old).changed
    assert not breaker.ask().is_open


def close(breaker: Any) -> None:
    token = "the prober"
    until(lambda: breaker.ask(probe_token=token).verdict == "probe")
    assert not breaker.tell("up", token=token).changed, "one good answer may be luck"
    assert breaker.tell("up", token=token).changed


def test_two_good_probes_close_it_for_all_and_a_bad_one_begins_a_new_rest(redis_url: str) -> None:
    breaker, other = process(redis_url, SHORT), process(redis_url, SHORT)
    fail(breaker, 3)
    until(lambda: breaker.ask(probe_token="a").verdict == "probe")
    breaker.tell("up", token="a")
    assert breaker.tell("down", token="a").left_ms > 0
    assert breaker.ask(probe_token="a").verdict == "refused"
    close(breaker)
    assert other.ask().verdict == "pass"


def test_soon_after_closing_one_failure_is_enough(redis_url: str) -> None:
    careful, trusting = replace(SHORT, trial_ms=60_000), replace(SHORT, trial_ms=0)
    breaker = process(redis_url, careful)
    fail(breaker, 3)
    close(breaker)
    assert fail(breaker).changed, "a ping proves less than a payment"
    connected(redis_url).flushdb()
    breaker = process(redis_url, trusting)
    fail(breaker, 3)
    close(breaker)
    assert not fail(breaker).changed


def test_what_an_operator_forces_prevails(redis_url: str) -> None:
    breaker, other = process(redis_url, SHORT), process(redis_url, SHORT)
    breaker.ask()
    assert breaker.learn(Kept(CLOSED, 1, OPEN)).is_open
    assert not other.ask(probe_token="a").due, "nobody probes what an operator has taken out"
    assert breaker.learn(Kept(CLOSED, 2, CLOSED)).verdict == "pass"
    fail(other, 5)
    assert other.ask().verdict == "pass", "an operator wants every call to go out"
    assert breaker.learn(Kept(CLOSED, 1, OPEN)).verdict == "pass", "what is older is not learnt"


# ------------------------------------------------------------------------------------------------- one prober
def test_of_many_threads_one_probes(redis_url: str) -> None:
    fail(process(redis_url, SHORT), 3)
    waiting = process(redis_url, SHORT)
    until(lambda: waiting.ask().due)
    together = Barrier(16)

    def try_to_probe(number: int) -> str:
        breaker = process(redis_url, SHORT)
        together.wait(10)
        return breaker.ask(probe_token=f"thread {number}").verdict

    with ThreadPoolExecutor(16) as pool:
        verdicts = sorted(pool.map(try_to_probe, range(16)))
    assert verdicts == ["probe"] + ["refused"] * 15


IN_A_PROCESS = """
import sys, django
django.setup()
from tests.payments.breaking import SHORT, process, until
breaker = process(sys.argv[1], SHORT)
print("there", breaker.ask().verdict, flush=True)
sys.stdin.readline()
print(until(lambda: breaker.ask(probe_token=sys.argv[2])).verdict, breaker.ask().verdict, flush=True)
"""


def test_of_four_processes_one_probes_and_all_see_the_opening(redis_url: str) -> None:
    fail(process(redis_url, SHORT), 3)
    here = process(redis_url, SHORT)
    until(lambda: here.ask().due)
    command = [sys.executable, "-c", IN_A_PROCESS, redis_url]
    started = [
        subprocess.Popen([*command, str(n)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for n in range(4)
    ]
    for each in started:
        assert each.stdout
        assert each.stdout.readline() == "there refused\n"
    for each in started:
        assert each.stdin
        each.stdin.write("go\n")
        each.stdin.flush()
    said = sorted(each.communicate(timeout=30)[0].strip() for each in started)
    assert said == ["probe refused"] + ["refused refused"] * 3


def test_a_prober_that_died_is_replaced_when_its_lease_is_over(redis_url: str) -> None:
    breaker = process(redis_url, replace(SHORT, lease_ms=100))
    fail(breaker, 3)
    until(lambda: breaker.ask(probe_token="dies").verdict == "probe")
    until(lambda: breaker.ask(probe_token="next").verdict == "probe")
    breaker.tell("up", token="dies")
    assert not breaker.tell("up", token="dies").changed, "who lost the lease has no say"


# --------------------------------------------------------------------------------------------- Redis goes away
def test_redis_killed_midway_the_process_goes_on_alone_and_is_followed_when_it_is_back(own_redis: Valkey) -> None:
    breaker, other = process(own_redis.url), process(own_redis.url)
    fail(breaker, 2)
    own_redis.process.kill()  # type: ignore[union-attr]
    own_redis.process.wait()  # type: ignore[union-attr]
    told = fail(breaker)
    assert (told.changed, told.shared, breaker.ask().is_open) == (True, False, True)
    assert not other.ask().is_open, "each alone: this one has seen nothing yet"
    own_redis.start()
    until(lambda: breaker.ask().shared)
    until(lambda: other.ask().shared)
    assert other.ask().is_open, "what was found meanwhile is shared now"


def test_an_open_breaker_stays_open_when_redis_is_killed_or_emptied(own_redis: Valkey) -> None:
    breaker = process(own_redis.url)
    fail(breaker, 3)
    connected(own_redis.url).flushall()
    assert breaker.ask().is_open, "this process remembers, and Redis learns it"
    connected(own_redis.url).flushall()
    fresh = process(own_redis.url, row=lambda: Kept(OPEN, 1))
    assert fresh.ask().is_open, "a process that knows nothing reads the row"
    own_redis.process.kill()  # type: ignore[union-attr]
    own_redis.process.wait()  # type: ignore[union-attr]
    assert breaker.ask().is_open
    assert process(own_redis.url, row=lambda: Kept(OPEN, 1)).ask().is_open, "also when it was started just now"
    assert not process(own_redis.url).ask().is_open, "the control: without a row it cannot know"


def test_alone_it_probes_by_itself_once_at_a_time_and_closes(own_redis: Valkey) -> None:
    breaker = process(own_redis.url, SHORT)
    breaker.ask()
    own_redis.process.kill()  # type: ignore[union-attr]
    own_redis.process.wait()  # type: ignore[union-attr]
    fail(breaker, 3)
    until(lambda: breaker.ask(probe_token="a").verdict == "probe")
    assert breaker.ask(probe_token="b").verdict == "refused"
    breaker.tell("up", token="a")
    assert breaker.tell("up", token="a").changed
    assert breaker.ask().verdict == "pass"
    own_redis.start()
    until(lambda: breaker.ask().shared)
    assert process(own_redis.url).ask().verdict == "pass"


def test_alone_it_learns_from_the_row_what_others_found_and_operators_want(own_redis: Valkey) -> None:
    kept = [Kept()]
    breaker = process(own_redis.url, row=lambda: kept[0])
    own_redis.process.kill()  # type: ignore[union-attr]
    own_redis.process.wait()  # type: ignore[union-attr]
    assert not breaker.ask().is_open
    kept[0] = Kept(CLOSED, 7, OPEN)
    until(lambda: breaker.ask().is_open)


def test_whatever_redis_and_the_row_do_no_call_meets_an_exception() -> None:
    def broken() -> Kept:
        raise RuntimeError("no database either")

    breaker = process("redis://127.0.0.1:9/0", row=broken)
    assert breaker.ask().verdict == "pass"
    assert fail(breaker, 3).changed
    assert breaker.ask().is_open
    assert breaker.counts() == {}

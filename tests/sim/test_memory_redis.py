"""The breaker's Redis in memory is as strict as a real one: the same questions get the same answers."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from payments.gateways.breaker import Away, Kept, Limits, Shared
from tests.payments.breaking import connected
from tests.sim.memory_redis import MemoryRedis

# Times that never pass within a test, and rests that are over at once.
NEVER = Limits(window_ms=600_000, open_ms=600_000, jitter_ms=0, trial_ms=600_000, lease_ms=600_000)
LIMITS = (NEVER, replace(NEVER, open_ms=0), replace(NEVER, open_ms=0, trial_ms=0), replace(NEVER, threshold=1))
QUESTIONS = 60


def _now_ms() -> int:
    return time.time_ns() // 10**6


def _question(dice: random.Random) -> Callable[[Shared], Any]:
    token, epoch = dice.choice(["a", "b"]), dice.randint(0, 6)
    kept = Kept(dice.choice(["open", "closed"]), epoch, dice.choice(["", "", "", "open", "closed"]))
    result = dice.choice(["bad", "bad", "bad", "up", "up", "up", "down", "ok", "full"])
    asked = dice.random()
    if asked < 0.3:
        return lambda shared: shared.ask(probe_token=token)
    if asked < 0.4:
        return lambda shared: shared.ask()
    if asked < 0.9:
        # In the present epoch as often as not.
        return lambda shared: shared.tell(
            result, epoch=_epoch(shared) if epoch % 2 else epoch, token=token if result != "bad" else str(epoch)
        )
    return lambda shared: shared.learn(kept)


def _epoch(shared: Shared) -> int:
    said = shared.ask()
    return said.epoch if said is not None else 0


def _without_the_hand_of_the_clock(said: Any) -> Any:
    return said if said is None else replace(said, left_ms=said.left_ms > 0)


@pytest.mark.parametrize("limits", LIMITS)
def test_it_answers_as_a_real_one(settings: Any, limits: Limits) -> None:
    real, opened = connected(settings.REDIS_URL), 0
    for seed in range(25):
        dice = random.Random(seed)
        real.flushdb()
        shared, remembered = Shared("x", limits, real), Shared("x", limits, MemoryRedis(_now_ms))  # type: ignore[arg-type]
        for number in range(QUESTIONS):
            question = _question(dice)
            wanted, found = (_without_the_hand_of_the_clock(question(each)) for each in (shared, remembered))
            assert found == wanted, (seed, number)
            opened += wanted is not None and wanted.changed
        assert remembered.counts() == shared.counts()
    assert opened >= 10, "the questions opened or closed it"


def test_one_that_is_away_answers_nobody_and_one_that_is_flushed_knows_nothing() -> None:
    redis = MemoryRedis(_now_ms)
    shared = Shared("x", NEVER, redis)  # type: ignore[arg-type]
    shared.learn(Kept("open", 3))
    redis.away = True
    with pytest.raises(Away):
        shared.ask()
    redis.away = False
    said = shared.ask()
    assert said is not None
    assert said.is_open
    redis.flush()
    assert shared.ask() is None

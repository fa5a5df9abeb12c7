"""Redis as the breaker uses it, in memory and on virtual time: its three scripts, each whole and alone.

``tests/sim/test_memory_redis.py`` plays the same questions to this and to a real one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from redis.exceptions import ConnectionError as RedisIsAway

from payments.gateways import breaker_lua as lua

Said = list[bytes]


@dataclass
class Kept:
    """What is remembered of one breaker; ``state`` is empty while nothing is. Times are milliseconds."""

    state: str = ""
    epoch: int = 0
    until: int = 0
    forced: str = ""
    trial: int = 0
    wins: int = 0
    failures: dict[str, int] = field(default_factory=dict)
    lease: tuple[str, int] = ("", 0)
    counts: dict[str, int] = field(default_factory=dict)


class MemoryRedis:
    """Answers the breaker's scripts. ``away``: nobody answers; ``boundary`` is told of every question."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self.breakers: dict[str, Kept] = {}
        self.away = False
        self.boundary: Callable[[str], None] = lambda name: None

    def flush(self) -> None:
        """Everything is forgotten."""
        self.breakers.clear()

    def register_script(self, text: str) -> Callable[[list[str], tuple[Any, ...]], Said]:
        """One of the three, by its text."""
        name, work = {lua.ASK: ("ask", self._ask), lua.TELL: ("tell", self._tell), lua.LEARN: ("learn", self._learn)}[
            text
        ]

        def script(keys: list[str], argv: tuple[Any, ...]) -> Said:
            found = self._asked(name, keys[0])
            return [str(part).encode() for part in work(found, *argv)]

        return script

    def hgetall(self, key: str) -> dict[bytes, bytes]:
        """The counts of a breaker."""
        found = self._asked("counts", key.replace(":counts", ":breaker"))
        return {name.encode(): str(value).encode() for name, value in found.counts.items()}

    def _asked(self, what: str, key: str) -> Kept:
        self.boundary(f"redis: {what}")
        if self.away:
            raise RedisIsAway("nobody answers")
        return self.breakers.setdefault(key, Kept())

    # ------------------------------------------------------------------------------------------- the scripts
    def _ask(self, kept: Kept, token: str, lease_ms: int) -> list[Any]:
        if not kept.state:
            return ["absent"]
        said = self._answer(kept)
        if said[0] == "pass":
            return said
        if not token:
            kept.counts["refused"] = kept.counts.get("refused", 0) + 1
        elif said[5]:
            kept.lease = (token, self._now_ms() + lease_ms)
            return self._answer(kept, "probe")
        return said

    def _tell(
        self,
        kept: Kept,
        result: str,
        epoch: int,
        token: str,
        window: int,
        threshold: int,
        rest: int,
        trial: int,
        needed: int,
    ) -> list[Any]:
        if not kept.state:
            return ["absent"]
        kept.counts[result] = kept.counts.get(result, 0) + 1
        if kept.forced:
            return self._answer(kept)
        now = self._now_ms()
        if result == "bad" and kept.state == "closed" and epoch == kept.epoch:
            kept.failures = {who: at for who, at in kept.failures.items() if at > now - window} | {token: now}
            if len(kept.failures) >= threshold or now < kept.trial:
                self._turn(kept, "open")
                kept.until = now + rest
                return self._answer(kept, changed=True)
        elif result in ("up", "down") and kept.state == "open" and self._prober(kept) == token:
            return self._probed(kept, result, now, rest, trial, needed)
        return self._answer(kept)

    def _probed(self, kept: Kept, result: str, now: int, rest: int, trial: int, needed: int) -> list[Any]:
        if result == "down":
            kept.until, kept.wins, kept.lease = now + rest, 0, ("", 0)
            return self._answer(kept)
        kept.wins += 1
        if kept.wins < needed:
            return self._answer(kept)
        self._turn(kept, "closed")
        kept.trial = now + trial
        return self._answer(kept, changed=True)

    def _learn(self, kept: Kept, state: str, epoch: int, left_ms: int, forced: str) -> list[Any]:
        if not kept.state or kept.epoch < epoch:
            kept.state, kept.epoch, kept.until, kept.forced = state, epoch, self._now_ms() + left_ms, forced
            kept.wins, kept.trial, kept.failures, kept.lease = 0, 0, {}, ("", 0)
        return self._answer(kept)

    def _turn(self, kept: Kept, state: str) -> None:
        kept.state, kept.epoch, kept.wins = state, kept.epoch + 1, 0
        kept.failures, kept.lease = {}, ("", 0)

    def _prober(self, kept: Kept) -> str:
        token, ends = kept.lease
        return token if token and ends > self._now_ms() else ""

    def _answer(self, kept: Kept, verdict: str = "", *, changed: bool = False) -> list[Any]:
        shut = (kept.forced or kept.state) == "open"
        left = max(0, math.floor(kept.until - self._now_ms()))
        due = kept.state == "open" and not kept.forced and left == 0 and not self._prober(kept)
        said = verdict or ("refused" if shut else "pass")
        return [said, kept.state, kept.epoch, left, kept.forced, int(due), int(changed)]

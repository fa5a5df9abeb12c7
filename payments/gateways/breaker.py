"""The circuit breaker of one gateway: shared by all processes through Redis, alone in its process while Redis is away.

Closed, calls pass and failures are counted; three within ten seconds open it. Open, every call is refused at once for
ten seconds; then one prober, the holder of a lease, asks the gateway a cheap question, and two good answers close it.
Guests are never the probe. Every change has a greater epoch, and the greater epoch wins wherever two memories differ
(Redis, this process, the row in the database), so none of them can lose or undo a change by being away.
"""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from threading import Lock
from uuid import uuid4

import structlog
from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from payments.gateways import breaker_lua as lua

log = structlog.get_logger(__name__)

CLOSED, OPEN = "closed", "open"
REDIS_TIMEOUT_S = 0.25
# A Redis that did not answer is left alone for this long; meanwhile the process decides by itself.
AWAY_S = 1.0
# While Redis is away the row in the database is read this often: forced states and what other processes found.
ROW_EVERY_S = 2.0


@dataclass(frozen=True, slots=True)
class Limits:
    """The figures of the breaker (reliability.md, 4.4), in milliseconds where they are times.

    ``trial_ms``: for so long after closing a single failure opens it again, as a ping proves less than a payment.
    """

    threshold: int = 3
    window_ms: int = 10_000
    open_ms: int = 10_000
    jitter_ms: int = 1_000
    trial_ms: int = 10_000
    successes: int = 2
    lease_ms: int = 3_000

    def rest_ms(self) -> int:
        """How long to stay open this time; the jitter keeps several gateways from being probed together."""
        return self.open_ms + random.randint(0, self.jitter_ms)  # noqa: S311  (jitter, no secret)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the breaker says. ``forced`` is what an operator wants: open, closed or nothing.

    ``verdict``: pass, refused or probe. ``left_ms``: until it may be probed. ``due``: nobody probes, and it is time.
    ``changed``: this very report opened or closed it. ``shared``: said by Redis, not by this process alone.
    """

    verdict: str
    state: str
    epoch: int
    left_ms: int = 0
    forced: str = ""
    due: bool = False
    changed: bool = False
    shared: bool = True

    @property
    def is_open(self) -> bool:
        """Whether calls are refused."""
        return (self.forced or self.state) == OPEN


@dataclass(frozen=True, slots=True)
class Kept:
    """What a memory elsewhere holds of the breaker: the row in the database."""

    state: str = CLOSED
    epoch: int = 0
    forced: str = ""


class Away(Exception):
    """Redis does not answer."""


class Shared:
    """The state in Redis, changed by scripts alone, judged by Redis's own clock."""

    def __init__(self, name: str, limits: Limits, redis: Redis) -> None:
        base = f"gateway:{{{name}}}"
        self._keys = [f"{base}:breaker", f"{base}:failures", f"{base}:probe", f"{base}:counts"]
        self._limits, self._redis = limits, redis
        self._ask, self._tell, self._learn = (redis.register_script(text) for text in (lua.ASK, lua.TELL, lua.LEARN))

    def ask(self, *, probe_token: str = "") -> Standing | None:
        """May a call go out, or with a token: may I probe. None when Redis remembers nothing. Raises Away."""
        return self._run(lambda: self._ask(self._keys, (probe_token, self._limits.lease_ms)))

    def tell(self, result: str, *, epoch: int, token: str) -> Standing | None:
        """Report ok, bad, up, down or full. None when Redis remembers nothing. Raises Away."""
        limits = self._limits
        figures = (limits.window_ms, limits.threshold, limits.rest_ms(), limits.trial_ms, limits.successes)
        return self._run(lambda: self._tell(self._keys, (result, epoch, token, *figures)))

    def learn(self, kept: Kept, *, left_ms: int = 0) -> Standing | None:
        """Take over what is kept elsewhere if it is newer. Raises Away."""
        return self._run(lambda: self._learn(self._keys, (kept.state, kept.epoch, left_ms, kept.forced)))

    def counts(self) -> dict[str, int]:
        """How many calls were ok, bad, refused and full since Redis was emptied last. Raises Away."""
        try:
            found = self._redis.hgetall(self._keys[3])
        except (RedisError, OSError) as lost:
            raise Away from lost
        return {key.decode(): int(value) for key, value in found.items()}  # type: ignore[union-attr]

    @staticmethod
    def _run(script: Callable[[], list[bytes]]) -> Standing | None:
        try:
            said = [part.decode() if isinstance(part, bytes) else str(part) for part in script()]
        except (RedisError, OSError) as lost:
            raise Away from lost
        if said[0] == "absent":
            return None
        verdict, state, epoch, left_ms, forced, due, changed = said
        return Standing(verdict, state, int(epoch), int(left_ms), forced, due == "1", changed == "1")


class Local:
    """The same rules within this process: what was last known from Redis, carried on while it is away."""

    def __init__(self, limits: Limits) -> None:
        self._limits, self._lock = limits, Lock()
        self.kept = Kept()
        self._until = self._trial_until = self._lease_until = 0.0
        self._wins, self._token = 0, ""
        self._failures: deque[float] = deque(maxlen=limits.threshold)

    def adopt(self, standing: Standing) -> None:
        """Remember what Redis says, unless this process knows something newer."""
        with self._lock:
            if standing.epoch >= self.kept.epoch:
                self.kept = Kept(standing.state, standing.epoch, standing.forced)
                self._until = time.monotonic() + standing.left_ms / 1000

    def take(self, kept: Kept) -> None:
        """Take over what the row in the database says if it is newer."""
        with self._lock:
            if kept.epoch > self.kept.epoch:
                self.kept, self._wins = kept, 0
                self._until = time.monotonic() + self._limits.rest_ms() / 1000

    def renumber(self, epoch: int) -> None:
        """The row was given this epoch for the change that was made here."""
        with self._lock:
            self.kept = replace(self.kept, epoch=max(epoch, self.kept.epoch))

    def ask(self, *, probe_token: str = "") -> Standing:
        """As :meth:`Shared.ask`."""
        with self._lock:
            at = time.monotonic()
            standing = self._standing(at)
            if standing.is_open and probe_token and standing.due:
                self._token, self._lease_until = probe_token, at + self._limits.lease_ms / 1000
                return replace(standing, verdict="probe", due=False)
            return standing

    def tell(self, result: str, *, epoch: int, token: str) -> Standing:
        """As :meth:`Shared.tell`."""
        with self._lock:
            at, before = time.monotonic(), self.kept
            if result == "bad":
                self._count(at)
            if not before.forced:
                if result == "bad" and before.state == CLOSED and epoch == before.epoch and self._too_many(at):
                    self._open(at)
                elif result in ("up", "down") and before.state == OPEN and token == self._token:
                    self._probed(result == "up", at)
            return replace(self._standing(at), changed=self.kept.state != before.state)

    def count(self) -> None:
        """Remember a failure that Redis was told of, in case that it goes away next."""
        with self._lock:
            self._count(time.monotonic())

    def left_ms(self) -> int:
        """Until it may be probed."""
        return max(0, round((self._until - time.monotonic()) * 1000))

    def _standing(self, at: float) -> Standing:
        kept, left = self.kept, self.left_ms()
        shut = (kept.forced or kept.state) == OPEN
        due = kept.state == OPEN and not kept.forced and left == 0 and at >= self._lease_until
        return Standing("refused" if shut else "pass", kept.state, kept.epoch, left, kept.forced, due, shared=False)

    def _count(self, at: float) -> None:
        self._failures.append(at)

    def _too_many(self, at: float) -> bool:
        full = len(self._failures) == self._limits.threshold
        return at < self._trial_until or (full and at - self._failures[0] <= self._limits.window_ms / 1000)

    def _open(self, at: float) -> None:
        self.kept = replace(self.kept, state=OPEN, epoch=self.kept.epoch + 1)
        self._until, self._wins = at + self._limits.rest_ms() / 1000, 0

    def _probed(self, up: bool, at: float) -> None:
        self._wins = self._wins + 1 if up else 0
        if not up:
            self._until, self._lease_until = at + self._limits.rest_ms() / 1000, 0.0
        elif self._wins >= self._limits.successes:
            self.kept = replace(self.kept, state=CLOSED, epoch=self.kept.epoch + 1)
            self._trial_until, self._lease_until, self._wins = at + self._limits.trial_ms / 1000, 0.0, 0
            self._failures.clear()


class Breaker:
    """One gateway's breaker as every caller sees it; never raises, and never lets calls pass for want of a memory.

    ``row`` reads what the database keeps; it is asked when Redis remembers nothing, and now and then while it is away.
    """

    def __init__(
        self, name: str, row: Callable[[], Kept], *, limits: Limits | None = None, redis: Redis | None = None
    ) -> None:
        self.name, self._row = name, row
        self.limits = limits or Limits()
        self.local = Local(self.limits)
        self._shared = Shared(name, self.limits, redis or _redis(settings.REDIS_URL))
        self._away_until = self._row_read_at = 0.0

    def ask(self, *, probe_token: str = "") -> Standing:
        """May a call go out now? With a token of one's own: may I be the one who probes?"""
        return self._decide(
            lambda: self._shared.ask(probe_token=probe_token), lambda: self.local.ask(probe_token=probe_token)
        )

    def tell(self, result: str, *, epoch: int = 0, token: str = "") -> Standing:
        """Report how a call went (ok, bad), how a probe went (up, down), or that there was no ticket (full)."""
        token = token or uuid4().hex
        told = self._decide(
            lambda: self._shared.tell(result, epoch=epoch, token=token),
            lambda: self.local.tell(result, epoch=epoch, token=token),
        )
        if result == "bad" and told.shared:
            self.local.count()
        return told

    def learn(self, kept: Kept) -> Standing:
        """Make the breaker follow the row in the database where that is newer: a forced state, a forgotten change."""
        self.local.take(kept)
        return self._decide(lambda: self._shared.learn(kept), self.local.ask)

    def counts(self) -> dict[str, int]:
        """Calls by result; empty while Redis is away."""
        try:
            return self._shared.counts()
        except Away:
            return {}

    def _decide(self, shared: Callable[[], Standing | None], local: Callable[[], Standing]) -> Standing:
        if time.monotonic() >= self._away_until:
            try:
                return self._follow(shared() or self._seeded(shared), shared)
            except Away as lost:
                self._away_until = time.monotonic() + AWAY_S
                log.warning("breaker_alone", gateway=self.name, error=str(lost.__cause__))
        self._read_row()
        return local()

    def _follow(self, said: Standing, shared: Callable[[], Standing | None]) -> Standing:
        """Adopt what Redis says. A change that was made here while it was away is newer: Redis learns it, and says."""
        if said.epoch < self.local.kept.epoch:
            self._shared.learn(self.local.kept, left_ms=self.local.left_ms())
            said = shared() or said
        self.local.adopt(said)
        return said

    def _seeded(self, shared: Callable[[], Standing | None]) -> Standing:
        """Redis remembers nothing: it learns what the database keeps, or this process if that is newer."""
        row, own = self._kept(), self.local.kept
        newest = row if row.epoch >= own.epoch else own
        self._shared.learn(newest)
        said = shared()
        if said is None:  # emptied again just now
            raise Away
        return said

    def _read_row(self) -> None:
        if time.monotonic() - self._row_read_at >= ROW_EVERY_S:
            self._row_read_at = time.monotonic()
            self.local.take(self._kept())

    def _kept(self) -> Kept:
        try:
            return self._row()
        except Exception:  # whatever the database does, a call to the gateway is decided
            log.exception("breaker_row_unreadable", gateway=self.name)
            return self.local.kept


@lru_cache(maxsize=4)
def _redis(url: str) -> Redis:
    """Short timeouts, and one repetition: after a restart of Redis every open connection is broken."""
    limits = {"socket_timeout": REDIS_TIMEOUT_S, "socket_connect_timeout": REDIS_TIMEOUT_S}
    return Redis.from_url(url, retry=Retry(NoBackoff(), 1), max_connections=50, **limits)

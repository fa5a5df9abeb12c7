"""The processes of a simulation, as far as they remember anything: each has its own breakers, all share one Redis."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING
from unittest.mock import patch

from airbnb import broker
from tests.sim.background import Clock
from tests.sim.memory_redis import MemoryRedis

if TYPE_CHECKING:
    from payments.gateways.breaker import Breaker

NAMES = ("web", "other web", "worker")


class Processes:
    """``current`` acts now. One that is killed has forgotten everything when it comes again."""

    def __init__(self, time: Clock) -> None:
        self._time = time
        self.current = NAMES[0]
        self.redis = MemoryRedis(lambda: round(time.now.timestamp() * 1000))
        # Gateways that somebody found it time to probe, beside what they do.
        self.to_probe: list[str] = []
        self._breakers: dict[tuple[str, str], Breaker] = {}

    def begin_anew(self) -> None:
        """All of them were started just now, Redis too."""
        self.current = NAMES[0]
        broker.rest.end()
        self.redis.flush()
        self.redis.away, self.redis.boundary = False, lambda name: None
        self.to_probe.clear()
        self._breakers.clear()

    def killed(self, name: str) -> None:
        """This one is gone, with the threads beside it."""
        self.to_probe.clear()
        self._breakers = {key: each for key, each in self._breakers.items() if key[0] != name}

    def breaker_of(self, gateway: str) -> Breaker:
        """The breaker as the present process has it."""
        from payments.gateways import guarding
        from payments.gateways.breaker import Breaker

        key = (self.current, gateway)
        if key not in self._breakers:
            self._breakers[key] = Breaker(gateway, lambda: guarding._row(gateway), redis=self.redis)  # type: ignore[arg-type]
        return self._breakers[key]

    def lets_rest(self, gateway: str) -> bool:
        """Whether Redis or any process knows this gateway to be open."""
        shared = self.redis.breakers.get(f"gateway:{{{gateway}}}:breaker")
        known = [each.local.kept for (_process, name), each in self._breakers.items() if name == gateway]
        newest = max([*known, *([shared] if shared else [])], key=lambda each: each.epoch, default=None)
        return newest is not None and (newest.forced or newest.state) == "open"

    def all_ask(self) -> list[str]:
        """Every process asks of every gateway that it knows; which of them would let no call pass."""
        known = self._breakers.items()
        return [f"{process}: {gateway}" for (process, gateway), each in known if each.ask().verdict != "pass"]

    @contextmanager
    def installed(self) -> Iterator[None]:
        """The product's breakers are these, on virtual time; nothing runs in threads."""
        from payments import watching
        from payments.gateways import breaker, guarding

        monotonic = SimpleNamespace(monotonic=lambda: self._time.now.timestamp())
        with ExitStack() as stack:
            stack.enter_context(patch.object(guarding, "breaker_of", self.breaker_of))
            stack.enter_context(patch.object(watching, "breaker_of", self.breaker_of))
            stack.enter_context(patch.object(watching, "probe_soon", self.to_probe.append))
            stack.enter_context(patch.object(breaker, "time", monotonic))
            yield

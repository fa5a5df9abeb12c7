"""Misbehaviour on demand: what ``POST /_faults`` sets and every call under ``/v1/`` suffers."""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass, replace
from typing import Any

MODES = ("none", "error", "error_after", "timeout", "drop_before", "drop_after", "slow", "drip")
WEBHOOKS = ("normal", "off", "duplicate", "shuffle", "delay", "early")


@dataclass(frozen=True)
class Faults:
    """How the sandbox misbehaves.

    ``mode``: ``error`` answers 500 without acting, ``error_after`` acts and answers 500, ``timeout`` never
    answers and does not act, ``drop_before`` and ``drop_after`` cut the connection before or after acting,
    ``slow`` waits and then acts, ``drip`` acts and sends its answer byte by byte, with the latency between two.
    ``rate`` is the share of calls that suffer; ``times``, when not 0, the
    number of calls left to suffer.
    ``webhooks``: ``early`` delivers before the call that caused the event is answered.
    """

    mode: str = "none"
    rate: float = 1.0
    latency_ms: int = 0
    times: int = 0
    webhooks: str = "normal"
    clock_s: float = 0.0

    def latency_s(self, default: float) -> float:
        """The latency asked for in seconds, or ``default`` when none was."""
        return self.latency_ms / 1000 if self.latency_ms else default

    def strikes(self) -> bool:
        """Whether this call suffers."""
        return self.mode != "none" and random.random() < self.rate

    def as_json(self) -> dict[str, Any]:
        """The present setting."""
        return asdict(self)


def changed(faults: Faults, given: Any) -> Faults:
    """The faults with the members of ``given`` set; ValueError says what cannot be."""
    if not isinstance(given, dict):
        raise ValueError("a JSON object is expected")
    if unknown := set(given) - set(asdict(faults)):
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    if given.get("mode", "none") not in MODES:
        raise ValueError(f"mode must be one of {', '.join(MODES)}")
    if given.get("webhooks", "normal") not in WEBHOOKS:
        raise ValueError(f"webhooks must be one of {', '.join(WEBHOOKS)}")
    for name in ("rate", "latency_ms", "times", "clock_s"):
        value = given.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"{name} must be a number")
    if not 0 <= given.get("rate", 1) <= 1 or given.get("latency_ms", 0) < 0 or given.get("times", 0) < 0:
        raise ValueError("rate must be within 0 and 1, latency_ms and times not negative")
    fresh = {"rate": 1.0, "latency_ms": 0, "times": 0} if "mode" in given else {}
    return replace(faults, **{**fresh, **given})

"""Times that were measured against the time that is promised for them (pure)."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil


@dataclass(frozen=True)
class Promise:
    """Of at least ``least`` times the percentile ``share`` is at most ``limit_s`` seconds."""

    what: str
    share: float
    limit_s: float
    least: int


@dataclass(frozen=True)
class Kept:
    """What was measured for a promise; ``wrong`` names what was not as expected, apart from time."""

    promise: Promise
    times: list[float]
    wrong: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Enough was measured, all of it came out right, and in time."""
        promise = self.promise
        return (
            not self.wrong
            and len(self.times) >= promise.least
            and percentile(self.times, promise.share) <= promise.limit_s
        )

    def __str__(self) -> str:
        promise, name = self.promise, f"p{self.promise.share * 100:.0f}"
        shown = ", ".join(
            f"{said} {percentile(self.times, share):.3f} s"
            for said, share in (("p50", 0.5), (name, promise.share), ("most", 1.0))
            if self.times
        )
        verdict = "good" if self.good else "BAD"
        wrong = "".join(f"\n    {each[:200]}" for each in self.wrong[:5])
        return (
            f"{promise.what}: {len(self.times)} of at least {promise.least}, {shown}"
            f" ({name} limit {promise.limit_s} s), {len(self.wrong)} wrong: {verdict}{wrong}"
        )


def percentile(times: list[float], share: float) -> float:
    """The smallest time that is not exceeded by this share of them (nearest rank)."""
    return sorted(times)[max(ceil(len(times) * share), 1) - 1]

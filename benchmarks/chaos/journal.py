"""What the site has acknowledged to its guests, written down by the guests themselves."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Entry:
    """One acknowledged operation: ``kind`` is held, confirmed or cancelled, ``amount`` what was said of money."""

    kind: str
    code: str
    guest: str
    amount: int
    second: float


@dataclass(frozen=True)
class Look:
    """A page that somebody asked for, from second to second; ``fine`` when it came, ``what`` says how it did not."""

    began: float
    ended: float
    what: str
    fine: bool


@dataclass
class Journal:
    """Filled by many threads; ``counts`` also has what was tried and how it ended."""

    begun: float = field(default_factory=time.monotonic)
    entries: list[Entry] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[tuple[float, str]] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    outages: list[tuple[float, float]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def acknowledge(self, kind: str, code: str, guest: str, amount: int) -> None:
        """The site has said yes."""
        with self.lock:
            self.entries.append(Entry(kind, code, guest, amount, self.second()))
            self.counts[f"acknowledged {kind}"] += 1

    def count(self, what: str) -> None:
        """Something happened."""
        with self.lock:
            self.counts[what] += 1

    def fault(self, kind: str) -> None:
        """Something was broken."""
        with self.lock:
            self.faults.append((self.second(), kind))

    def look(self, began: float, what: str, *, fine: bool) -> None:
        """A page was asked for and is there, or is not."""
        with self.lock:
            self.looks.append(Look(began, self.second(), what, fine))

    def outage(self, began: float) -> None:
        """The only database was down since then, and answers again."""
        with self.lock:
            self.outages.append((began, self.second()))

    def reads(self) -> list[Look]:
        """The pages asked for, without those that fell into an outage of the only database."""
        return [
            each
            for each in self.looks
            if not any(began <= each.ended and each.began <= ended for began, ended in self.outages)
        ]

    def second(self) -> float:
        """Seconds since the beginning."""
        return round(time.monotonic() - self.begun, 1)

    def of(self, kind: str) -> list[Entry]:
        """The entries of one kind."""
        return [each for each in self.entries if each.kind == kind]

    def as_json(self) -> dict[str, Any]:
        """Everything, for the report."""
        return {
            "entries": [asdict(each) for each in self.entries],
            "counts": dict(self.counts),
            "faults": self.faults,
            "outages": self.outages,
            "not read": [asdict(each) for each in self.looks if not each.fine],
        }

"""What every endpoint works with: the books, the present faults, and the sandbox's own address."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .events import emit
from .faults import Faults
from .store import Record, Store

Answer = tuple[int, dict[str, Any]]


@dataclass
class Desk:
    """The state of one running sandbox; ``failing`` lists refunds that will fail, as (instant, id)."""

    store: Store
    public_url: str
    faults: Faults = field(default_factory=Faults)
    failing: list[tuple[float, str]] = field(default_factory=list)

    def tell(self, kind: str, record: Record) -> None:
        """Record and queue the event ``kind`` about ``record``."""
        emit(self.store, self.faults, kind, record)

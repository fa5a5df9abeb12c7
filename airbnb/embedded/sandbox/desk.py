"""What every endpoint works with: the books, the present faults, and the sandbox's own address."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from .events import emit
from .faults import Faults
from .store import Record, Store

Answer = tuple[int, dict[str, Any]]
FEE_PERMILLE = 25
CAME_AT_MOST = 100_000


@dataclass
class Desk:
    """The state of one running sandbox; ``failing`` lists refunds that will fail, as (instant, id).

    ``fee_permille`` is what the gateways keep of every payment, in thousandths.
    ``came`` says when calls came to a gateway's interface, whatever became of them: the newest, as seconds since 1970.
    """

    store: Store
    public_url: str
    faults: Faults = field(default_factory=Faults)
    failing: list[tuple[float, str]] = field(default_factory=list)
    fee_permille: int = FEE_PERMILLE
    came: deque[float] = field(default_factory=lambda: deque(maxlen=CAME_AT_MOST))

    def tell(self, kind: str, record: Record) -> None:
        """Record and queue the event ``kind`` about ``record``."""
        emit(self.store, self.faults, kind, record)

    def fee(self, amount: int) -> int:
        """The gateway's share of this amount, rounded to whole minor units; of one that goes back, what it returns."""
        share = (abs(amount) * self.fee_permille + 500) // 1000
        return share if amount >= 0 else -share

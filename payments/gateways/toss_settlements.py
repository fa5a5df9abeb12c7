"""Toss Payments' settlements as movements: its fee of each payment and cancel, and the sums it paid out (pure).

Reference: https://docs.tosspayments.com/reference (Settlement object). A cancel is a settlement of its own, with
negative sums. All sums are won.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from airbnb.money import Money
from payments.gateways.port import FeeFor, Moved, Movement

SEOUL = ZoneInfo("Asia/Seoul")


def fees_of(rows: Iterable[dict[str, Any]]) -> Iterator[Movement]:
    """What it keeps of each payment, and gives back of it with each cancel: whatever it does not pay out."""
    for row in rows:
        kept, cancel = row["amount"] - row["payOutAmount"], row.get("cancel")
        if kept:
            yield Movement(
                Moved.FEE,
                row["transactionKey"],
                Money(kept),
                datetime.fromisoformat(cancel["canceledAt"] if cancel else row["approvedAt"]),
                fee_for=FeeFor.REFUND if cancel else FeeFor.PAYMENT,
                payment_id=row["orderId"],
                gateway_ref=row["paymentKey"],
            )


def paid_out_by(rows: Iterable[dict[str, Any]], *, before: str) -> Iterator[Movement]:
    """What arrived at the house's bank on each day before this one: a day's settlements are one sum there.

    Sums of days to come may still change. A day with more cancels than payments is money that the house owes it. The
    gateway has no name for a day's sum; shop and day are one.
    """
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        if row["paidOutDate"] < before:
            sums[row["mId"], row["paidOutDate"]] += row["payOutAmount"]
    for (shop, day), minor in sorted(sums.items()):
        if minor:
            kind = Moved.SETTLED if minor > 0 else Moved.TOPPED_UP
            at = datetime.fromisoformat(day).replace(tzinfo=SEOUL)
            yield Movement(kind, f"{shop}:{day}", Money(abs(minor)), at)

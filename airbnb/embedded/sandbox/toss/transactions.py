"""The gateway's books: every movement of money in a span of time."""

from __future__ import annotations

from datetime import datetime

from airbnb.embedded.sandbox.desk import Desk

from . import reading
from .errors import TossError
from .payments import SEOUL
from .reading import Params

Listed = tuple[int, list[dict[str, object]]]
PAGE, LONGEST_PAGE = 100, 5000


def index(desk: Desk, params: Params) -> Listed:
    """``GET /v1/transactions``: from ``startDate`` up to ``endDate`` (Korean time), oldest first, a page at a time."""
    reading.only(params, "startDate", "endDate", "startingAfter", "limit")
    since, until = _instant(params, "startDate"), _instant(params, "endDate")
    limit = params.get("limit", str(PAGE))
    if not str(limit).isdigit() or not 0 < int(limit) <= LONGEST_PAGE:
        raise reading.refused("`limit`이 올바르지 않습니다.")
    rows = [each["transaction"] for each in desk.store.all("toss_transaction") if since <= each["created"] <= until]
    return 200, _after(rows, params.get("startingAfter"))[: int(limit)]


def _after(rows: list[dict[str, object]], key: str | None) -> list[dict[str, object]]:
    if not key:
        return rows
    for number, row in enumerate(rows):
        if row["transactionKey"] == key:
            return rows[number + 1 :]
    raise TossError(400, "INVALID_TRANSACTION_KEY", keep=False)


def _instant(params: Params, name: str) -> float:
    try:
        return datetime.fromisoformat(reading.text(params, name, 30)).replace(tzinfo=SEOUL).timestamp()
    except ValueError:
        raise reading.refused(f"`{name}`의 형식이 올바르지 않습니다.") from None

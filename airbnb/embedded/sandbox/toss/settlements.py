"""Settlements: what the gateway keeps of each movement, and the day on which the rest goes to the shop's bank.

A movement is sold on its own day and paid out two days later. A day's movements arrive at the bank as one sum.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from airbnb.embedded.sandbox.desk import Desk
from airbnb.embedded.sandbox.store import Record

from . import reading
from .payments import SEOUL
from .reading import Params
from .transactions import Listed

PAID_OUT_AFTER = timedelta(days=2)
DATE_TYPES = {"soldDate", "paidOutDate"}
PAGE, LONGEST_PAGE = 100, 5000


def index(desk: Desk, params: Params) -> Listed:
    """``GET /v1/settlements``: from ``startDate`` to ``endDate`` (days), by the day of sale or of paying out."""
    reading.only(params, "startDate", "endDate", "dateType", "page", "size")
    since, until = _day(params, "startDate"), _day(params, "endDate")
    kind = params.get("dateType", "soldDate")
    if kind not in DATE_TYPES:
        raise reading.refused("`dateType`이 올바르지 않습니다.")
    page, size = _number(params, "page", 1), _number(params, "size", PAGE)
    if size > LONGEST_PAGE:
        raise reading.refused("`size`가 올바르지 않습니다.")
    found = [each for each in rows(desk) if since <= each[kind] <= until]
    return 200, found[(page - 1) * size : page * size]


def rows(desk: Desk) -> Iterator[dict[str, Any]]:
    """Every movement as it is settled, oldest first."""
    payments = {each["id"]: each["payment"] for each in desk.store.all("toss_payment")}
    for each in desk.store.all("toss_transaction"):
        yield _row(each, payments[each["transaction"]["paymentKey"]])


def _row(record: Record, payment: dict[str, Any]) -> dict[str, Any]:
    moved, fee = record["transaction"], record.get("fee", 0)
    sold = datetime.fromtimestamp(record["created"], SEOUL).date()
    supply = round(fee * 10 / 11)
    cancels = [each for each in payment["cancels"] or [] if each["transactionKey"] == moved["transactionKey"]]
    return {
        **{name: moved[name] for name in ("mId", "paymentKey", "transactionKey", "orderId", "currency", "method")},
        "amount": moved["amount"],
        "interestFee": 0,
        "fee": fee,
        "fees": [{"type": "BASE", "fee": fee}],
        "supplyAmount": supply,
        "vat": fee - supply,
        "payOutAmount": moved["amount"] - fee,
        "approvedAt": payment["approvedAt"],
        "soldDate": sold.isoformat(),
        "paidOutDate": (sold + PAID_OUT_AFTER).isoformat(),
        "card": payment["card"],
        "transfer": payment["transfer"],
        "easyPay": payment["easyPay"],
        "cancel": cancels[0] if cancels else None,
    }


def paid_out(desk: Desk) -> dict[tuple[str, str], int]:
    """What has arrived at the bank by the sandbox's clock: the sum of each day of paying out that is over."""
    today = datetime.fromtimestamp(desk.store.now(), SEOUL).date().isoformat()
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for each in rows(desk):
        if each["paidOutDate"] < today:
            sums[each["mId"], each["paidOutDate"]] += each["payOutAmount"]
    return sums


def _day(params: Params, name: str) -> str:
    try:
        return date.fromisoformat(reading.text(params, name, 10)).isoformat()
    except ValueError:
        raise reading.refused(f"`{name}`의 형식이 올바르지 않습니다.") from None


def _number(params: Params, name: str, usual: int) -> int:
    given = str(params.get(name, usual))
    if not given.isdigit() or int(given) < 1:
        raise reading.refused(f"`{name}`이 올바르지 않습니다.")
    return int(given)

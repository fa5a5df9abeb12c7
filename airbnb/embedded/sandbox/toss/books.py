"""Toss Payments' part of ``GET /_ledger``: the same shape as the other charges, marked with ``gateway``."""

from __future__ import annotations

import re
from typing import Any

from airbnb.embedded.sandbox.desk import Desk
from airbnb.embedded.sandbox.store import Record

from .settlements import paid_out, rows

TAKEN = ("DONE", "PARTIAL_CANCELED", "CANCELED")
# The shop names its refunds in the reason; the judge reads the name there.
NAME = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def ledger(desk: Desk) -> dict[str, list[dict[str, Any]]]:
    """Charges (money that moved), refunds, declined attempts, every payment as an intent, fees, and days paid out."""
    payments = [each["payment"] for each in desk.store.all("toss_payment")]
    named = {each["paymentKey"]: each["metadata"] or {} for each in payments}
    return {
        "charges": [_charge(each, "succeeded") for each in payments if each["status"] in TAKEN],
        "refunds": [_refund(each, cancel) for each in payments for cancel in each["cancels"] or []],
        "declined": [_charge(each, "failed") for each in payments if each["status"] == "ABORTED"],
        "intents": [_head(each) | {"status": each["status"]} for each in payments],
        "fees": [_fee(each, named[each["paymentKey"]]) for each in rows(desk) if each["fee"]],
        "bank": [
            {
                "id": f"{shop}:{day}",
                "gateway": "toss",
                "amount": abs(amount),
                "currency": "KRW",
                "direction": "settled" if amount > 0 else "topped_up",
            }
            for (shop, day), amount in paid_out(desk).items()
            if amount
        ],
    }


def _head(payment: Record) -> dict[str, Any]:
    key, metadata = payment["paymentKey"], payment["metadata"] or {}
    money = {"amount": payment["totalAmount"], "currency": payment["currency"]}
    return {"id": key, "gateway": "toss", **money, "metadata": metadata}


def _charge(payment: Record, status: str) -> dict[str, Any]:
    taken = payment["totalAmount"] if status == "succeeded" else 0
    return {
        **_head(payment),
        "status": status,
        "captured": taken,
        "refunded": payment["totalAmount"] - payment["balanceAmount"],
        "payment_intent": payment["paymentKey"],
        "failure_code": (payment["failure"] or {}).get("code"),
    }


def _fee(row: dict[str, Any], metadata: dict[str, str]) -> dict[str, Any]:
    money = {"amount": row["fee"], "currency": row["currency"]}
    return {"id": row["transactionKey"], "gateway": "toss", **money, "charge": row["paymentKey"], "metadata": metadata}


def _refund(payment: Record, cancel: Record) -> dict[str, Any]:
    named = NAME.search(cancel["cancelReason"])
    own = {"refund": named[0]} if named else {}
    key = payment["paymentKey"]
    moved = {"id": cancel["transactionKey"], "amount": cancel["cancelAmount"], "status": "succeeded"}
    names = {"charge": key, "payment_intent": key, "reason": cancel["cancelReason"]}
    return {**_head(payment), **moved, **names, "metadata": {**(payment["metadata"] or {}), **own}}

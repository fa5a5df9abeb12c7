"""The books as a judge reads them: ``GET /_ledger``. Only money that moved or is held is a charge here."""

from __future__ import annotations

from typing import Any

from . import balance
from .desk import Desk
from .store import Record
from .toss.books import ledger as toss_ledger


def ledger(desk: Desk) -> dict[str, Any]:
    """Charges, refunds and transfers in order of making; declined attempts and all intents stand apart.

    ``captured`` and ``refunded`` of a charge are minor units, ``currency`` is upper case, ``metadata`` is
    what the application gave with the payment intent (for a refund: and on top what came with the refund).
    ``fees`` are what the gateway kept of a payment (negative: gave back), ``bank`` what it settled to the shop's own
    bank account or was topped up with from there.
    What went through Toss Payments stands in the same lists, marked ``"gateway": "toss"``.
    """
    with desk.store.transaction():
        intents = {each["id"]: each for each in desk.store.all("payment_intent")}
        charges = list(desk.store.all("charge"))
        refunds = list(desk.store.all("refund"))
        transfers = list(desk.store.all("transfer"))
        moved = balance.judged(desk, {each["id"]: intents[each["payment_intent"]] for each in charges})
        toss = toss_ledger(desk)
    return {
        "charges": [_charge(each, intents) for each in charges if each["status"] == "succeeded"] + toss["charges"],
        "refunds": [_refund(each, intents) for each in refunds] + toss["refunds"],
        "transfers": [_transfer(each) for each in transfers],
        "fees": moved["fees"] + toss["fees"],
        "bank": moved["bank"] + toss["bank"],
        "declined": [_charge(each, intents) for each in charges if each["status"] == "failed"] + toss["declined"],
        "intents": [_intent(each) for each in intents.values()] + toss["intents"],
    }


def _money(record: Record) -> dict[str, Any]:
    return {"id": record["id"], "amount": record["amount"], "currency": record["currency"].upper()}


def _charge(charge: Record, intents: dict[str, Record]) -> dict[str, Any]:
    if charge["status"] == "failed":
        status = "failed"
    elif charge["_released"]:
        status = "canceled"
    else:
        status = "succeeded" if charge["captured"] else "requires_capture"
    return {
        **_money(charge),
        "status": status,
        "captured": charge["amount_captured"],
        "refunded": charge["amount_refunded"],
        "payment_intent": charge["payment_intent"],
        "failure_code": charge["failure_code"],
        "metadata": intents[charge["payment_intent"]]["metadata"],
    }


def _refund(refund: Record, intents: dict[str, Record]) -> dict[str, Any]:
    inherited = intents[refund["payment_intent"]]["metadata"]
    parts = {name: refund[name] for name in ("status", "charge", "payment_intent", "reason")}
    return {**_money(refund), **parts, "metadata": {**inherited, **refund["metadata"]}}


def _transfer(transfer: Record) -> dict[str, Any]:
    parts = {name: transfer[name] for name in ("destination", "amount_reversed", "transfer_group", "metadata")}
    return {**_money(transfer), "status": "reversed" if transfer["reversed"] else "paid", **parts}


def _intent(intent: Record) -> dict[str, Any]:
    return {**_money(intent), "status": intent["status"], "metadata": intent["metadata"]}

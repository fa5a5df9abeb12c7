"""The balance: every movement of the shop's own money as the gateway lists it, with what it kept as its fee."""

from __future__ import annotations

from typing import Any

from .desk import Answer, Desk
from .forms import Params, refuse_unknown
from .objects import created_range, expanded, get, listing, matches
from .store import Record

# Of each type of movement: the category that reports put it into.
CATEGORIES = {
    "charge": "charge",
    "refund": "refund",
    "refund_failure": "refund_failure",
    "transfer": "transfer",
    "transfer_refund": "transfer_reversal",
    "payout": "payout",
    "topup": "topup",
}
# Movements between the balance and the shop's own bank account.
AT_THE_BANK = ("payout", "topup")


def enter(desk: Desk, source: Record, kind: str, amount: int, fee: int = 0) -> str:
    """List a movement of ``amount`` (negative: it left) that ``source`` caused; returns its id."""
    now = int(desk.store.now())
    details = [{"amount": fee, "currency": source["currency"], "type": "stripe_fee", "description": "Processing fees"}]
    moved: Record = {
        "id": desk.store.new_id("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": now,
        "created": now,
        "currency": source["currency"],
        "description": None,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": details if fee else [],
        "net": amount - fee,
        "reporting_category": CATEGORIES[kind],
        "source": source["id"],
        "status": "available",
        "type": kind,
    }
    desk.store.insert(moved, parent=source["id"])
    return str(moved["id"])


def available(desk: Desk, currency: str) -> int:
    """What can be sent on: captured, less refunded, sent on and kept as fees, less or plus what the bank has moved."""
    charges = (each for each in desk.store.all("charge") if each["currency"] == currency)
    sent = (each for each in desk.store.all("transfer") if each["currency"] == currency)
    listed = [each for each in desk.store.all("balance_transaction") if each["currency"] == currency]
    taken = sum(each["amount_captured"] - each["amount_refunded"] for each in charges)
    away = sum(each["amount"] - each["amount_reversed"] for each in sent)
    bank = sum(each["amount"] for each in listed if each["type"] in AT_THE_BANK)
    return taken - away - sum(each["fee"] for each in listed) + bank


def show(desk: Desk, params: Params) -> Answer:
    """``GET /v1/balance``: what can be sent on, by currency."""
    refuse_unknown(params)
    kinds = ("charge", "balance_transaction")
    currencies = sorted({each["currency"] for kind in kinds for each in desk.store.all(kind)})
    sums = [{"amount": available(desk, each), "currency": each} for each in currencies]
    return 200, {"object": "balance", "available": sums, "pending": [], "livemode": False}


def show_transaction(desk: Desk, params: Params, transaction_id: str) -> Answer:
    """``GET /v1/balance_transactions/{id}``."""
    return 200, expanded(desk.store, get(desk.store, "balance_transaction", transaction_id), params)


def index(desk: Desk, params: Params) -> Answer:
    """``GET /v1/balance_transactions``: newest first, within ``created``, of one type, currency or source if asked."""
    refuse_unknown(params, "created", "currency", "limit", "source", "starting_after", "type")
    found = desk.store.created_between("balance_transaction", *created_range(params))
    wanted = (each for each in found if matches(each, params, "currency", "source", "type"))
    return 200, listing(desk.store, wanted, params, "/v1/balance_transactions")


def judged(desk: Desk, owners: dict[str, Record]) -> dict[str, list[dict[str, Any]]]:
    """For ``GET /_ledger``: the fees, with what the shop had said of their charge, and the movements at the bank."""
    listed = list(desk.store.all("balance_transaction"))
    return {
        "fees": [
            _money(each, each["fee"]) | {"charge": each["source"], "metadata": owners[each["source"]]["metadata"]}
            for each in listed
            if each["fee"]
        ],
        "bank": [
            _money(each, abs(each["amount"])) | {"direction": "settled" if each["amount"] < 0 else "topped_up"}
            for each in listed
            if each["type"] in AT_THE_BANK
        ],
    }


def _money(moved: Record, amount: int) -> dict[str, Any]:
    return {"id": moved["id"], "amount": amount, "currency": moved["currency"].upper()}

"""The shop's own bank account: payouts to it and top-ups from it, both done at once."""

from __future__ import annotations

from . import balance
from .desk import Answer, Desk
from .errors import invalid
from .forms import Params, metadata, refuse_unknown, required_integer, required_text, text
from .intents import CURRENCIES
from .objects import expanded, get, listing
from .store import Record

SHARED = ("amount", "currency", "description", "metadata", "statement_descriptor")


def pay_out(desk: Desk, params: Params) -> Answer:
    """``POST /v1/payouts``: from the balance to the shop's bank, no more than the balance holds."""
    refuse_unknown(params, *SHARED, "method", "source_type")
    payout = _record(desk, params, "payout", "po") | {"status": "paid", "arrival_date": int(desk.store.now())}
    if payout["amount"] > balance.available(desk, payout["currency"]):
        message = "You have insufficient funds in your account for this transfer."
        raise invalid(message, code="balance_insufficient", keep=True)
    payout["balance_transaction"] = balance.enter(desk, payout, "payout", -payout["amount"])
    desk.store.insert(payout)
    desk.tell("payout.paid", payout)
    return 200, expanded(desk.store, payout, params)


def top_up(desk: Desk, params: Params) -> Answer:
    """``POST /v1/topups``: from the shop's bank to the balance."""
    refuse_unknown(params, *SHARED, "source", "transfer_group")
    topup = _record(desk, params, "topup", "tu") | {"status": "succeeded"}
    topup["balance_transaction"] = balance.enter(desk, topup, "topup", topup["amount"])
    desk.store.insert(topup)
    desk.tell("topup.succeeded", topup)
    return 200, expanded(desk.store, topup, params)


def _record(desk: Desk, params: Params, kind: str, prefix: str) -> Record:
    currency = required_text(params, "currency").lower()
    if currency not in CURRENCIES:
        raise invalid(f"Invalid currency: {currency}", param="currency")
    return {
        "id": desk.store.new_id(prefix),
        "object": kind,
        "amount": required_integer(params, "amount"),
        "created": int(desk.store.now()),
        "currency": currency,
        "description": text(params, "description"),
        "livemode": False,
        "metadata": metadata(params),
    }


def show_payout(desk: Desk, params: Params, payout_id: str) -> Answer:
    """``GET /v1/payouts/{id}``."""
    return 200, expanded(desk.store, get(desk.store, "payout", payout_id), params)


def list_payouts(desk: Desk, params: Params) -> Answer:
    """``GET /v1/payouts``, newest first."""
    refuse_unknown(params, "limit", "starting_after")
    return 200, listing(desk.store, desk.store.all("payout", newest_first=True), params, "/v1/payouts")


def show_topup(desk: Desk, params: Params, topup_id: str) -> Answer:
    """``GET /v1/topups/{id}``."""
    return 200, expanded(desk.store, get(desk.store, "topup", topup_id), params)


def list_topups(desk: Desk, params: Params) -> Answer:
    """``GET /v1/topups``, newest first."""
    refuse_unknown(params, "limit", "starting_after")
    return 200, listing(desk.store, desk.store.all("topup", newest_first=True), params, "/v1/topups")

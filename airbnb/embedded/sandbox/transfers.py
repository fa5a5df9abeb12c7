"""Transfers to connected accounts (payouts to hosts), and their reversals."""

from __future__ import annotations

from . import balance
from .accounts import destination
from .desk import Answer, Desk
from .errors import invalid
from .forms import Params, integer, metadata, refuse_unknown, required_integer, required_text, text
from .intents import CURRENCIES
from .objects import expanded, get, listing, matches
from .store import Record


def create(desk: Desk, params: Params) -> Answer:
    """``POST /v1/transfers`` of an amount to the account ``destination``, out of what these books hold."""
    refuse_unknown(
        params,
        "amount",
        "currency",
        "destination",
        "metadata",
        "transfer_group",
        "source_transaction",
        "description",
    )
    amount, currency = required_integer(params, "amount"), required_text(params, "currency").lower()
    if currency not in CURRENCIES:
        raise invalid(f"Invalid currency: {currency}", param="currency")
    account = destination(desk, required_text(params, "destination"))
    if amount > balance.available(desk, currency):
        message = "You have insufficient available funds in your account."
        raise invalid(message, code="balance_insufficient", keep=True)
    transfer: Record = {
        "id": desk.store.new_id("tr"),
        "object": "transfer",
        "amount": amount,
        "amount_reversed": 0,
        "created": int(desk.store.now()),
        "currency": currency,
        "description": text(params, "description"),
        "destination": account["id"],
        "livemode": False,
        "metadata": metadata(params),
        "reversed": False,
        "source_transaction": text(params, "source_transaction"),
        "transfer_group": text(params, "transfer_group"),
    }
    transfer["balance_transaction"] = balance.enter(desk, transfer, "transfer", -amount)
    desk.store.insert(transfer)
    desk.tell("transfer.created", transfer)
    return 200, expanded(desk.store, transfer, params)


def reverse(desk: Desk, params: Params, transfer_id: str) -> Answer:
    """``POST /v1/transfers/{id}/reversals``: take all or part back."""
    refuse_unknown(params, "amount", "metadata", "description")
    transfer = get(desk.store, "transfer", transfer_id)
    left = transfer["amount"] - transfer["amount_reversed"]
    amount = integer(params, "amount") or left
    if amount > left or left == 0:
        raise invalid(f"Reversal amount ({amount}) is greater than what is left ({left})", param="amount", keep=True)
    transfer["amount_reversed"] += amount
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    reversal: Record = {
        "id": desk.store.new_id("trr"),
        "object": "transfer_reversal",
        "amount": amount,
        "created": int(desk.store.now()),
        "currency": transfer["currency"],
        "metadata": metadata(params),
        "transfer": transfer_id,
    }
    reversal["balance_transaction"] = balance.enter(desk, reversal, "transfer_refund", amount)
    desk.store.insert(reversal, parent=transfer_id)
    desk.store.update(transfer)
    desk.tell("transfer.reversed", transfer)
    return 200, expanded(desk.store, reversal, params)


def show(desk: Desk, params: Params, transfer_id: str) -> Answer:
    """``GET /v1/transfers/{id}``."""
    return 200, expanded(desk.store, get(desk.store, "transfer", transfer_id), params)


def index(desk: Desk, params: Params) -> Answer:
    """``GET /v1/transfers``, to one ``destination`` or of one ``transfer_group`` if asked."""
    refuse_unknown(params, "destination", "transfer_group", "limit", "starting_after", "created")
    found = desk.store.all("transfer", newest_first=True)
    wanted = (each for each in found if matches(each, params, "destination", "transfer_group"))
    return 200, listing(desk.store, wanted, params, "/v1/transfers")

"""Connected accounts: hosts' bank accounts that transfers may go to."""

from __future__ import annotations

import re
from typing import Any

from .desk import Answer, Desk
from .errors import invalid
from .forms import Params, metadata, refuse_unknown, required_text, text
from .intents import CURRENCIES
from .objects import expanded, get
from .store import Record

TYPES = ("custom", "express", "standard")
# Test numbers, as the gateway has them: this one can be registered, and every transfer to it is refused.
CLOSED = "000111111113"


def create(desk: Desk, params: Params) -> Answer:
    """``POST /v1/accounts`` with an ``external_account`` and the capability to take transfers."""
    refuse_unknown(params, "type", "country", "email", "capabilities", "external_account", "metadata", "business_type")
    if text(params, "type", TYPES) is None:
        raise invalid("Missing required param: type.", code="parameter_missing", param="type")
    country = required_text(params, "country")
    if not re.fullmatch(r"[A-Z]{2}", country):
        raise invalid(f"Invalid country: {country}", code="country_unsupported", param="country")
    asked = params.get("capabilities")
    transfers = isinstance(asked, dict) and asked.get("transfers") == {"requested": "true"}
    bank = _bank(desk, params.get("external_account"))
    account: Record = {
        "id": desk.store.new_id("acct"),
        "object": "account",
        "type": params["type"],
        "country": country,
        "email": text(params, "email"),
        "created": int(desk.store.now()),
        "default_currency": bank["currency"],
        "capabilities": {"transfers": "active"} if transfers else {},
        "external_accounts": {"object": "list", "data": [bank], "has_more": False},
        "metadata": metadata(params),
        "_closed": bank.pop("_closed"),
    }
    desk.store.insert(account)
    desk.tell("account.updated", account)
    return 200, expanded(desk.store, account, params)


def _bank(desk: Desk, given: Any) -> Record:
    """The bank account, of whose number only the last four digits are kept."""
    if not isinstance(given, dict):
        raise invalid("Missing required param: external_account.", code="parameter_missing", param="external_account")
    known = ("object", "country", "currency", "account_number", "routing_number", "account_holder_name")
    refuse_unknown(given, *known, "account_holder_type")
    if required_text(given, "object") != "bank_account":
        raise invalid("Invalid external_account[object]", param="external_account[object]")
    number, currency = required_text(given, "account_number"), required_text(given, "currency").lower()
    if currency not in CURRENCIES:
        raise invalid(f"Invalid currency: {currency}", param="external_account[currency]")
    if not re.fullmatch(r"\d{8,17}", number):
        message = "You must use a valid bank account number."
        raise invalid(message, code="account_number_invalid", param="external_account[account_number]", keep=True)
    return {
        "id": desk.store.new_id("ba"),
        "object": "bank_account",
        "country": required_text(given, "country"),
        "currency": currency,
        "account_holder_name": text(given, "account_holder_name"),
        "routing_number": text(given, "routing_number"),
        "last4": number[-4:],
        "status": "new",
        "_closed": number == CLOSED,
    }


def show(desk: Desk, params: Params, account_id: str) -> Answer:
    """``GET /v1/accounts/{id}``."""
    return 200, expanded(desk.store, get(desk.store, "account", account_id), params)


def own(_desk: Desk, _params: Params) -> Answer:
    """``GET /v1/account``: whose books these are; a cheap way to ask whether the gateway is there."""
    return 200, {"id": "acct_sandbox", "object": "account", "country": "KR", "default_currency": "krw"}


def destination(desk: Desk, account_id: str) -> Record:
    """The account that a transfer may go to; refused when it is unknown, closed, or cannot take transfers."""
    account = desk.store.find("account", account_id)
    if account is None:
        message = f"No such destination: '{account_id}'"
        raise invalid(message, code="resource_missing", param="destination", keep=True)
    if account["_closed"]:
        raise invalid("The bank account has been closed.", code="account_closed", param="destination", keep=True)
    if account["capabilities"].get("transfers") != "active":
        message = "Your destination account needs to have the transfers capability enabled."
        raise invalid(message, code="insufficient_capabilities_for_transfer", param="destination", keep=True)
    return account

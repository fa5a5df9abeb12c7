"""PaymentIntents and their charges: create, confirm, capture, cancel, look up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from . import balance
from .cards import MESSAGES, Card, card
from .desk import Answer, Desk
from .errors import ApiError, invalid
from .forms import Params, integer, metadata, refuse_unknown, required_integer, required_text, text
from .objects import created_range, expanded, get, listing, matches, public
from .store import Record

CURRENCIES = ("krw", "jpy", "usd", "eur")
MAX_AMOUNT = 99_999_999
# How long an authorisation holds when it is not captured: 7 days for cards online.
AUTHORISED_S = 7 * 24 * 3600
OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
CANCELLATION_REASONS = ("duplicate", "fraudulent", "requested_by_customer", "abandoned")
CREATE_PARAMS = (
    "amount",
    "currency",
    "capture_method",
    "confirm",
    "payment_method",
    "payment_method_types",
    "automatic_payment_methods",
    "description",
    "metadata",
    "return_url",
    "transfer_group",
    "receipt_email",
    "statement_descriptor_suffix",
)


def create(desk: Desk, params: Params) -> Answer:
    """``POST /v1/payment_intents``; with ``confirm=true`` it is charged at once."""
    refuse_unknown(params, *CREATE_PARAMS)
    amount = required_integer(params, "amount")
    if amount > MAX_AMOUNT:
        raise invalid("Amount must be no more than 99999999", code="amount_too_large", param="amount")
    currency = required_text(params, "currency").lower()
    if currency not in CURRENCIES:
        raise invalid(f"Invalid currency: {currency}", param="currency")
    method = text(params, "payment_method")
    if method:
        card(method)
    intent = _blank(desk, params, amount, currency, method)
    desk.store.insert(intent)
    desk.tell("payment_intent.created", intent)
    if params.get("confirm") == "true":
        return _confirm(desk, intent, params)
    return 200, expanded(desk.store, intent, params)


def _blank(desk: Desk, params: Params, amount: int, currency: str, method: str | None) -> Record:
    intent_id = desk.store.new_id("pi")
    return {
        "id": intent_id,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_received": 0,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": text(params, "capture_method", ("automatic", "automatic_async", "manual")) or "automatic",
        "client_secret": desk.store.new_id(f"{intent_id}_secret"),
        "confirmation_method": "automatic",
        "created": int(desk.store.now()),
        "currency": currency,
        "description": text(params, "description"),
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": metadata(params),
        "next_action": None,
        "payment_method": method,
        "payment_method_types": ["card"],
        "status": "requires_confirmation" if method else "requires_payment_method",
        "transfer_group": text(params, "transfer_group"),
        "_return_url": text(params, "return_url"),
    }


def confirm(desk: Desk, params: Params, intent_id: str) -> Answer:
    """``POST /v1/payment_intents/{id}/confirm``: charge it, with another card if one is given."""
    refuse_unknown(params, "payment_method", "return_url", "receipt_email", "off_session")
    intent = get(desk.store, "payment_intent", intent_id)
    if method := text(params, "payment_method"):
        card(method)
        intent["payment_method"] = method
    intent["_return_url"] = text(params, "return_url") or intent["_return_url"]
    return _confirm(desk, intent, params)


def _confirm(desk: Desk, intent: Record, params: Params) -> Answer:
    if intent["status"] not in OPEN:
        raise unexpected(intent, "confirm")
    if not intent["payment_method"]:
        raise invalid("You cannot confirm this PaymentIntent because it's missing a payment method.", keep=True)
    used = card(intent["payment_method"])
    if used.asks:
        return _ask(desk, intent, params)
    if used.decline_code:
        return decline(desk, intent, used.error_code, used.decline_code, MESSAGES[used.decline_code])
    approve(desk, intent, used)
    return 200, expanded(desk.store, intent, params)


def _ask(desk: Desk, intent: Record, params: Params) -> Answer:
    """The bank wants to see the cardholder: a page of the sandbox stands in for the bank's."""
    url = f"{desk.public_url}/authenticate/{intent['id']}?secret={intent['client_secret']}"
    step = {"url": url, "return_url": intent["_return_url"]}
    intent |= {
        "status": "requires_action",
        "next_action": {"type": "redirect_to_url", "redirect_to_url": step},
    }
    desk.store.update(intent)
    desk.tell("payment_intent.requires_action", intent)
    return 200, expanded(desk.store, intent, params)


def approve(desk: Desk, intent: Record, used: Card) -> None:
    """The card pays: a charge, captured at once or authorised for later."""
    charge = _charge(desk, intent, used, "succeeded")
    manual = intent["capture_method"] == "manual"
    if not manual:
        charge["balance_transaction"] = _enter(desk, charge, intent["amount"])
    charge |= {"captured": not manual, "amount_captured": 0 if manual else intent["amount"], "paid": True}
    intent |= {
        "status": "requires_capture" if manual else "succeeded",
        "amount_capturable": intent["amount"] if manual else 0,
        "amount_received": 0 if manual else intent["amount"],
        "latest_charge": charge["id"],
        "last_payment_error": None,
        "next_action": None,
    }
    desk.store.insert(charge, parent=intent["id"])
    desk.store.update(intent)
    desk.tell("charge.succeeded", charge)
    desk.tell("payment_intent.amount_capturable_updated" if manual else "payment_intent.succeeded", intent)


def decline(desk: Desk, intent: Record, code: str, decline_code: str | None, message: str) -> Answer:
    """The card is refused: 402, and the intent waits for another payment method."""
    charge = _charge(desk, intent, card(intent["payment_method"]), "failed")
    charge |= {"failure_code": code, "failure_message": message}
    problem: dict[str, Any] = {"type": "card_error", "code": code, "message": message, "charge": charge["id"]}
    if decline_code:
        problem["decline_code"] = decline_code
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "latest_charge": charge["id"],
        "last_payment_error": problem,
        "next_action": None,
    }
    desk.store.insert(charge, parent=intent["id"])
    desk.store.update(intent)
    desk.tell("charge.failed", charge)
    desk.tell("payment_intent.payment_failed", intent)
    return 402, {"error": {**problem, "payment_intent": public(intent)}}


def _charge(desk: Desk, intent: Record, used: Card, status: str) -> Record:
    now = int(desk.store.now())
    details = {"brand": used.brand, "last4": used.last4, "capture_before": now + AUTHORISED_S}
    return {
        "id": desk.store.new_id("ch"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "balance_transaction": None,
        "captured": False,
        "created": now,
        "currency": intent["currency"],
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": intent["metadata"],
        "paid": False,
        "payment_intent": intent["id"],
        "payment_method": intent["payment_method"],
        "payment_method_details": {"type": "card", "card": details},
        "refunded": False,
        "status": status,
        "transfer_group": intent["transfer_group"],
        "_refund_fails": used.refund_fails,
        "_released": False,
    }


def _enter(desk: Desk, charge: Record, captured: int) -> str:
    """The money is in the balance, less the gateway's fee."""
    return balance.enter(desk, charge, "charge", captured, desk.fee(captured))


def capture(desk: Desk, params: Params, intent_id: str) -> Answer:
    """``POST /v1/payment_intents/{id}/capture``: all, or ``amount_to_capture``; the rest is released."""
    refuse_unknown(params, "amount_to_capture", "metadata", "statement_descriptor_suffix")
    intent = get(desk.store, "payment_intent", intent_id)
    if intent["status"] != "requires_capture":
        raise unexpected(intent, "capture")
    amount = integer(params, "amount_to_capture") or intent["amount_capturable"]
    if amount > intent["amount_capturable"]:
        raise invalid("You cannot capture more than was authorized.", code="amount_too_large", keep=True)
    charge = get(desk.store, "charge", intent["latest_charge"])
    if desk.store.now() >= charge["payment_method_details"]["card"]["capture_before"]:
        raise invalid("The authorization has expired.", code="charge_expired_for_capture", keep=True)
    charge |= {"captured": True, "amount_captured": amount, "balance_transaction": _enter(desk, charge, amount)}
    intent |= {"status": "succeeded", "amount_capturable": 0, "amount_received": amount}
    intent["metadata"] = metadata(params, intent["metadata"])
    desk.store.update(charge)
    desk.store.update(intent)
    desk.tell("charge.captured", charge)
    desk.tell("payment_intent.succeeded", intent)
    return 200, expanded(desk.store, intent, params)


def cancel(desk: Desk, params: Params, intent_id: str) -> Answer:
    """``POST /v1/payment_intents/{id}/cancel``: what was only authorised is given back untouched."""
    refuse_unknown(params, "cancellation_reason")
    intent = get(desk.store, "payment_intent", intent_id)
    if intent["status"] not in (*OPEN, "requires_capture"):
        raise unexpected(intent, "cancel")
    if intent["status"] == "requires_capture":
        charge = get(desk.store, "charge", intent["latest_charge"])
        desk.store.update(charge | {"_released": True, "refunded": True})
    intent |= {
        "status": "canceled",
        "amount_capturable": 0,
        "canceled_at": int(desk.store.now()),
        "cancellation_reason": text(params, "cancellation_reason", CANCELLATION_REASONS),
        "next_action": None,
    }
    desk.store.update(intent)
    desk.tell("payment_intent.canceled", intent)
    return 200, expanded(desk.store, intent, params)


def unexpected(intent: Record, verb: str) -> ApiError:
    """400 ``payment_intent_unexpected_state``, with the intent as it is."""
    message = f"You cannot {verb} this PaymentIntent because it has a status of {intent['status']}."
    code = "payment_intent_unexpected_state"
    return ApiError(400, "invalid_request_error", message, code=code, keep=True, payment_intent=public(intent))


def change(desk: Desk, params: Params, intent_id: str) -> Answer:
    """``POST /v1/payment_intents/{id}``: metadata and description."""
    refuse_unknown(params, "metadata", "description")
    intent = get(desk.store, "payment_intent", intent_id)
    intent["metadata"] = metadata(params, intent["metadata"])
    intent["description"] = text(params, "description") or intent["description"]
    desk.store.update(intent)
    return 200, expanded(desk.store, intent, params)


def show(desk: Desk, params: Params, intent_id: str) -> Answer:
    """``GET /v1/payment_intents/{id}``."""
    refuse_unknown(params, "client_secret")
    return 200, expanded(desk.store, get(desk.store, "payment_intent", intent_id), params)


def index(desk: Desk, params: Params) -> Answer:
    """``GET /v1/payment_intents``: newest first, within ``created``."""
    refuse_unknown(params, "limit", "starting_after", "created", "metadata")
    found = desk.store.created_between("payment_intent", *created_range(params))
    wanted = (each for each in found if matches(each, params, "metadata"))
    return 200, listing(desk.store, wanted, params, "/v1/payment_intents")


def search(desk: Desk, params: Params) -> Answer:
    """``GET /v1/payment_intents/search``: clauses on ``metadata['…']`` and ``status``, joined by AND."""
    refuse_unknown(params, "query", "limit", "page")
    clauses = list(_clauses(required_text(params, "query")))
    everything = desk.store.all("payment_intent", newest_first=True)
    found = (each for each in everything if all(_value(each, field) == value for field, value in clauses))
    page = listing(desk.store, found, params, "/v1/payment_intents/search")
    return 200, {**page, "object": "search_result", "next_page": None}


def _clauses(query: str) -> Iterator[tuple[str, str]]:
    for part in re.split(r"\s+AND\s+", query.strip()):
        found = re.fullmatch(r"""(status|metadata\[['"]([^'"]+)['"]\]):['"]([^'"]*)['"]""", part)
        if found is None:
            raise invalid(f"Invalid search query: {part}", param="query")
        yield found[2] or "", found[3]


def _value(intent: Record, field: str) -> str | None:
    return intent["metadata"].get(field) if field else intent["status"]

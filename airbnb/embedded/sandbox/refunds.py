"""Refunds: partial or whole, never more than was captured; one test card loses them afterwards."""

from __future__ import annotations

from . import balance
from .desk import Answer, Desk
from .errors import invalid
from .forms import Params, integer, metadata, refuse_unknown, text
from .objects import expanded, get, listing, matches
from .store import Record

REASONS = ("duplicate", "fraudulent", "requested_by_customer")
FAILS_AFTER_S = 0.5


def create(desk: Desk, params: Params) -> Answer:
    """``POST /v1/refunds`` of a ``payment_intent`` or ``charge``: ``amount``, or all that is left."""
    refuse_unknown(params, "payment_intent", "charge", "amount", "reason", "metadata", "reverse_transfer")
    charge = _charge(desk, params)
    reason = text(params, "reason", REASONS)
    left = charge["amount_captured"] - charge["amount_refunded"]
    amount = integer(params, "amount") or left
    if left <= 0:
        raise invalid(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded", keep=True)
    if amount > left:
        message = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
        raise invalid(message, param="amount", code="amount_too_large", keep=True)
    refund = _record(desk, charge, amount, reason, metadata(params))
    refund["balance_transaction"] = balance.enter(desk, refund, "refund", -amount)
    desk.store.insert(refund, parent=charge["id"])
    _move(desk, charge, amount)
    desk.tell("refund.created", refund)
    desk.tell("charge.refunded", charge)
    if charge["_refund_fails"]:
        desk.failing.append((desk.store.now() + FAILS_AFTER_S, refund["id"]))
    return 200, expanded(desk.store, refund, params)


def _charge(desk: Desk, params: Params) -> Record:
    intent_id, charge_id = text(params, "payment_intent"), text(params, "charge")
    if intent_id:
        charge_id = get(desk.store, "payment_intent", intent_id)["latest_charge"]
    if not charge_id:
        message = "This PaymentIntent does not have a successful charge to refund."
        raise invalid(message if intent_id else "One of charge or payment_intent is required.", keep=bool(intent_id))
    charge = get(desk.store, "charge", charge_id)
    if not charge["captured"]:
        raise invalid(f"Charge {charge_id} has not been captured.", code="charge_not_captured", keep=True)
    return charge


def _record(desk: Desk, charge: Record, amount: int, reason: str | None, own: dict[str, str]) -> Record:
    return {
        "id": desk.store.new_id("re"),
        "object": "refund",
        "amount": amount,
        "charge": charge["id"],
        "created": int(desk.store.now()),
        "currency": charge["currency"],
        "failure_reason": None,
        "metadata": own,
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "status": "succeeded",
    }


def _move(desk: Desk, charge: Record, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    desk.store.update(charge)


def fail_due(desk: Desk) -> None:
    """Let the refunds of the losing card fail when their time has come: the money returns to the charge."""
    now = desk.store.now()
    with desk.store.transaction():
        due = [each for each in desk.failing if each[0] <= now]
        desk.failing[:] = [each for each in desk.failing if each[0] > now]
        for _, refund_id in due:
            refund = desk.store.find("refund", refund_id)
            if refund is None:
                continue
            refund |= {"status": "failed", "failure_reason": "expired_or_canceled_card"}
            desk.store.update(refund)
            balance.enter(desk, refund, "refund_failure", refund["amount"])
            _move(desk, get(desk.store, "charge", refund["charge"]), -refund["amount"])
            desk.tell("refund.updated", refund)
            desk.tell("refund.failed", refund)


def show(desk: Desk, params: Params, refund_id: str) -> Answer:
    """``GET /v1/refunds/{id}``."""
    return 200, expanded(desk.store, get(desk.store, "refund", refund_id), params)


def index(desk: Desk, params: Params) -> Answer:
    """``GET /v1/refunds``, of one ``charge`` or ``payment_intent`` if asked."""
    refuse_unknown(params, "charge", "payment_intent", "limit", "starting_after", "created", "metadata")
    found = desk.store.all("refund", newest_first=True)
    wanted = (each for each in found if matches(each, params, "charge", "payment_intent", "metadata"))
    return 200, listing(desk.store, wanted, params, "/v1/refunds")

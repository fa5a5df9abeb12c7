"""Toss Payments' words and ours: requests into bodies, payments, cancels and messages into outcomes (pure).

Reference: https://docs.tosspayments.com/reference (Payment object, cancel, webhooks).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any

from airbnb.money import Money
from payments.gateways.port import (
    About,
    ChargeRequest,
    ConfirmRequest,
    Known,
    KnownRefund,
    Message,
    Outcome,
    RefundOutcome,
    RefundRequest,
)
from payments.gateways.toss_transport import BUSY, Reply

RETRY_AFTER_S = 30
# Our names of the ways to pay, and the gateway's.
METHODS = {"toss_card": "CARD", "toss_transfer": "TRANSFER"}
STATUSES = {
    "READY": Known.REQUIRES_ACTION,
    "IN_PROGRESS": Known.CONFIRMABLE,
    "WAITING_FOR_DEPOSIT": Known.PROCESSING,
    "DONE": Known.CAPTURED,
    # What went back later does not undo that it was taken.
    "PARTIAL_CANCELED": Known.CAPTURED,
    "ABORTED": Known.DECLINED,
    "EXPIRED": Known.VOIDED,
}
CANCEL_STATUSES = {"DONE": KnownRefund.SUCCEEDED, "IN_PROGRESS": KnownRefund.PENDING, "ABORTED": KnownRefund.FAILED}
# The companies whose cards are most used, by the gateway's codes.
ISSUERS = {
    "11": "KB",
    "15": "KakaoBank",
    "21": "Hana",
    "24": "TossBank",
    "31": "BC",
    "33": "Woori",
    "41": "Shinhan",
    "51": "Samsung",
    "61": "Hyundai",
    "71": "Lotte",
    "91": "NH",
    "3A": "K bank",
    "4V": "Visa",
    "4M": "Mastercard",
}
# A refund of ours is named in the reason of its cancel, the one field that the gateway keeps for the shop.
REFUND_NAME = re.compile(r"refund ([0-9a-f-]{36})(?:#(\d+))?")
PAYMENT_KINDS = ("PAYMENT_STATUS_CHANGED", "DEPOSIT_CALLBACK")
CANCEL_KINDS = ("CANCEL_STATUS_CHANGED",)


def payment_body(request: ChargeRequest) -> dict[str, Any]:
    """A payment for the window; both ways back lead to the same page, which believes neither."""
    return {
        "method": METHODS[request.method],
        "amount": request.amount.amount_minor,
        "currency": request.amount.currency,
        "orderId": request.payment_id,
        "orderName": f"Binbang {request.reservation}",
        "successUrl": request.return_url,
        "failUrl": request.return_url,
        "metadata": {
            "reservation": request.reservation,
            "payment": request.payment_id,
            "correlation_id": request.correlation_id,
        },
    }


def confirm_body(request: ConfirmRequest) -> dict[str, Any]:
    """The word that takes the money: the gateway compares number and sum with what the guest agreed to."""
    return {
        "paymentKey": request.gateway_ref,
        "orderId": request.payment_id,
        "amount": request.amount.amount_minor,
    }


def cancel_body(request: RefundRequest) -> dict[str, Any]:
    """A cancel of part of the payment."""
    return {
        "cancelReason": f"Binbang {request.reservation}: refund {request.refund_id}#{_sending(request)}",
        "cancelAmount": request.amount.amount_minor,
    }


def payment_outcome(payment: dict[str, Any], told: dict[str, Any]) -> Outcome:
    """What a Payment object says."""
    known = _known(payment)
    failure, card = payment.get("failure") or {}, payment.get("card") or {}
    easy, last4 = payment.get("easyPay") or {}, re.search(r"\d{4}$", str(card.get("number") or ""))
    return Outcome(
        known,
        gateway_ref=payment["paymentKey"],
        amount=Money(payment["totalAmount"], payment["currency"]) if known == Known.CAPTURED else None,
        decline_code=_why(known, failure),
        action_url=(payment.get("checkout") or {}).get("url") or "" if known == Known.REQUIRES_ACTION else "",
        card_brand=str(easy.get("provider") or ISSUERS.get(str(card.get("issuerCode")), ""))[:20],
        card_last4=last4[0] if last4 else "",
        answer=told,
    )


def _known(payment: dict[str, Any]) -> Known:
    if payment["status"] == "CANCELED":  # taken and gone back, or (a deposit that never came) never taken
        return Known.CAPTURED if payment.get("approvedAt") else Known.VOIDED
    return STATUSES.get(payment["status"], Known.UNKNOWN)


def _why(known: Known, failure: dict[str, Any]) -> str:
    if known == Known.DECLINED:
        return str(failure.get("code") or "declined").lower()
    return "expired" if known == Known.VOIDED else ""


def charge_problem(reply: Reply, *, again: bool) -> Outcome:
    """Why no payment was made for the window. Making one takes no money, whatever came of it.

    The gateway does not say whether an answer is one that it stored; a key that was sent ``again`` has one.
    """
    if reply.is_ours:
        return Outcome(Known.UNREACHABLE, retry_after_s=RETRY_AFTER_S, answer=reply.told)
    if reply.code == BUSY or not reply.code:
        return Outcome(Known.UNKNOWN, answer=reply.told)
    if reply.is_temporary:
        return Outcome(Known.SPENT, answer=reply.told | {"replayed": True} if again else reply.told)
    return Outcome(Known.DECLINED, decline_code=reply.code.lower(), answer=reply.told)


def refund_outcome(payment: dict[str, Any], request: RefundRequest) -> RefundOutcome:
    """What a payment's cancels say of our refund.

    One that came to nothing counts only for the sending that it was: an operator sends a failed refund again, and the
    cancel that failed stays on the list. Any other cancel that names the refund is it.
    """
    for cancel in payment.get("cancels") or []:
        named = REFUND_NAME.search(str(cancel.get("cancelReason") or ""))
        if named is None or named[1] != request.refund_id:
            continue
        known = CANCEL_STATUSES.get(cancel.get("cancelStatus", "DONE"), KnownRefund.UNKNOWN)
        if known == KnownRefund.FAILED and (named[2] or "1") != _sending(request):
            continue
        return RefundOutcome(
            known,
            gateway_ref=cancel["transactionKey"],
            failure_code="cancel_aborted" if known == KnownRefund.FAILED else "",
            answer={"id": cancel["transactionKey"], "status": cancel.get("cancelStatus")},
        )
    return RefundOutcome(KnownRefund.ABSENT)


def _sending(request: RefundRequest) -> str:
    """Which sending of a refund this is; its key ends with the number."""
    return request.key.rpartition(":")[2]


def refund_named(cancel: dict[str, Any]) -> str:
    """Our refund that a cancel carries out; empty when somebody cancelled at the gateway itself."""
    named = REFUND_NAME.search(str(cancel.get("cancelReason") or ""))
    return named[1] if named else ""


def message(payload: dict[str, Any]) -> Message:
    """What an event is about. KeyError or TypeError when it is no event.

    The gateway gives its events no id; the same content is the same event.
    """
    kind = str(payload.get("eventType", "DEPOSIT_CALLBACK"))  # the one event that does not say its name
    data: dict[str, Any] = payload["data"] if "eventType" in payload else payload
    if kind in PAYMENT_KINDS:
        data["orderId"], data["status"]  # without them it is no event of a payment
    refund = _refund_of(kind, data)
    about = About.REFUND if refund else About.PAYMENT if kind in PAYMENT_KINDS else About.NOTHING
    return Message(
        event_id=hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest(),
        kind=kind,
        payment_id=str(data.get("orderId") or ""),
        gateway_ref=str(data.get("paymentKey") or ""),
        refund_id=refund,
        payload=payload,
        about=about,
    )


def _refund_of(kind: str, data: dict[str, Any]) -> str:
    """The refund that an event tells of: the newest cancel of a payment, or the cancel itself."""
    if kind in CANCEL_KINDS:
        return refund_named(data)
    if data.get("status") not in ("CANCELED", "PARTIAL_CANCELED"):
        return ""
    cancels: Iterable[dict[str, Any]] = data.get("cancels") or []
    newest = [each for each in cancels if each.get("transactionKey") == data.get("lastTransactionKey")]
    return refund_named(newest[0]) if newest else ""

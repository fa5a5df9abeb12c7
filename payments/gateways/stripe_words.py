"""Stripe's words and ours: requests into parameters, objects and errors into outcomes (pure)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import stripe

from airbnb.money import Money
from payments.gateways.port import (
    About,
    Booked,
    ChargeRequest,
    Known,
    KnownRefund,
    Message,
    Outcome,
    RefundOutcome,
    RefundRequest,
)
from payments.gateways.stripe_transport import NotSent

RETRY_AFTER_S = 30
STATUSES = {
    "succeeded": Known.CAPTURED,
    "requires_capture": Known.AUTHORIZED,
    "requires_action": Known.REQUIRES_ACTION,
    "requires_payment_method": Known.DECLINED,
    # Not confirmed is not charged; it is asked about again until it is confirmed or cancelled.
    "requires_confirmation": Known.PROCESSING,
    "processing": Known.PROCESSING,
    "canceled": Known.VOIDED,
}
REFUND_STATUSES = {
    "succeeded": KnownRefund.SUCCEEDED,
    "pending": KnownRefund.PENDING,
    "requires_action": KnownRefund.PENDING,
    "failed": KnownRefund.FAILED,
    "canceled": KnownRefund.FAILED,
}
# Statuses of a refund that brought nothing.
LOST_REFUND = tuple(status for status, known in REFUND_STATUSES.items() if known == KnownRefund.FAILED)

PAYMENT_KINDS = (
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
    "payment_intent.amount_capturable_updated",
    "payment_intent.requires_action",
    "payment_intent.processing",
)
TRANSFER_KINDS = ("transfer.failed", "transfer.reversed")
REFUND_KINDS = ("refund.created", "refund.updated", "refund.failed")


def intent_params(request: ChargeRequest) -> Any:
    """A PaymentIntent that is confirmed at once; always in the same order, as one key must mean one request."""
    return {
        "amount": request.amount.amount_minor,
        "currency": request.amount.currency.lower(),
        "capture_method": "automatic" if request.capture_now else "manual",
        "confirm": True,
        "payment_method": request.method,
        "payment_method_types": ["card"],
        "return_url": request.return_url,
        "description": f"Binbang {request.reservation}",
        "metadata": {
            "reservation": request.reservation,
            "payment": request.payment_id,
            "correlation_id": request.correlation_id,
        },
        "expand": ["latest_charge"],
    }


def refund_params(request: RefundRequest) -> Any:
    """A refund of part of a PaymentIntent."""
    return {
        "payment_intent": request.gateway_ref,
        "amount": request.amount.amount_minor,
        "reason": "requested_by_customer",
        "metadata": {
            "reservation": request.reservation,
            "refund": request.refund_id,
            "key": request.key,
            "correlation_id": request.correlation_id,
        },
    }


def is_refund(told: dict[str, Any], request: RefundRequest) -> bool:
    """Whether a refund is the one that this request is about: our reference, and, of one that failed, its key.

    An operator sends a failed refund again under a new key; the one that failed must not be taken for it. One that
    did not fail is it whatever its key: it went out under an earlier one and was thought lost.
    """
    metadata = told.get("metadata") or {}
    if metadata.get("refund") != request.refund_id:
        return False
    return told.get("status") not in LOST_REFUND or metadata.get("key", request.key) == request.key


def booked(intent: dict[str, Any]) -> Booked:
    """One line of the gateway's books."""
    charge = intent.get("latest_charge")
    return Booked(
        payment_id=intent["metadata"]["payment"],
        gateway_ref=intent["id"],
        currency=intent["currency"].upper(),
        captured_minor=intent.get("amount_received") or 0,
        refunded_minor=(charge.get("amount_refunded") or 0) if isinstance(charge, dict) else 0,
    )


def intent_outcome(intent: Any) -> Outcome:
    """What a PaymentIntent says; None means that there is none."""
    if intent is None:
        return Outcome(Known.ABSENT)
    return _told(intent if isinstance(intent, dict) else intent.to_dict())


def _told(intent: dict[str, Any]) -> Outcome:
    known = STATUSES.get(intent["status"], Known.UNKNOWN)
    charge = intent.get("latest_charge")
    card = (charge.get("payment_method_details") or {}).get("card") or {} if isinstance(charge, dict) else {}
    error = intent.get("last_payment_error") or {}
    step = (intent.get("next_action") or {}).get("redirect_to_url") or {}
    return Outcome(
        known,
        gateway_ref=intent["id"],
        amount=_amount(intent, known),
        decline_code=(error.get("decline_code") or error.get("code") or "declined")
        if known == Known.DECLINED
        else (intent.get("cancellation_reason") or ""),
        action_url=step.get("url") or "",
        card_brand=card.get("brand") or "",
        card_last4=card.get("last4") or "",
        capture_before=_instant(card.get("capture_before")) if known == Known.AUTHORIZED else None,
        answer={"id": intent["id"], "status": intent["status"], "code": error.get("code") or ""},
    )


def _amount(intent: dict[str, Any], known: Known) -> Money | None:
    if known not in (Known.CAPTURED, Known.AUTHORIZED):
        return None
    minor = intent["amount_received"] if known == Known.CAPTURED else intent["amount_capturable"]
    return Money(minor, intent["currency"].upper())


def _instant(seconds: Any) -> datetime | None:
    return datetime.fromtimestamp(seconds, tz=UTC) if isinstance(seconds, int) else None


def intent_problem(problem: stripe.StripeError) -> Outcome:
    """What an error means for the payment. Whatever is not certain is unknown."""
    told = told_of(problem)
    error = problem.error
    intent = getattr(error, "payment_intent", None) if error is not None else None
    if intent is not None:
        return _told(intent if isinstance(intent, dict) else intent.to_dict())
    if isinstance(problem, NotSent | stripe.AuthenticationError | stripe.PermissionError | stripe.RateLimitError):
        return Outcome(Known.UNREACHABLE, retry_after_s=RETRY_AFTER_S, answer=told)
    if isinstance(problem, stripe.IdempotencyError):
        return Outcome(Known.UNKNOWN, answer=told)
    if isinstance(problem, stripe.CardError | stripe.InvalidRequestError):
        return Outcome(Known.DECLINED, decline_code=str(problem.code or "invalid_request"), answer=told)
    return Outcome(Known.SPENT if replayed(problem) else Known.UNKNOWN, answer=told)


def refund_outcome(refund: Any) -> RefundOutcome:
    """What a Refund says; None means that there is none."""
    if refund is None:
        return RefundOutcome(KnownRefund.ABSENT)
    told = refund.to_dict()
    return RefundOutcome(
        REFUND_STATUSES.get(told["status"], KnownRefund.UNKNOWN),
        gateway_ref=told["id"],
        failure_code=told.get("failure_reason") or "",
        answer={"id": told["id"], "status": told["status"]},
    )


def refund_problem(problem: stripe.StripeError) -> RefundOutcome:
    """What an error means for the refund."""
    told = told_of(problem)
    if isinstance(problem, NotSent | stripe.AuthenticationError | stripe.PermissionError | stripe.RateLimitError):
        return RefundOutcome(KnownRefund.UNREACHABLE, answer=told)
    if isinstance(problem, stripe.InvalidRequestError) and not isinstance(problem, stripe.IdempotencyError):
        return RefundOutcome(KnownRefund.FAILED, failure_code=str(problem.code or "invalid_request"), answer=told)
    return RefundOutcome(KnownRefund.SPENT if replayed(problem) else KnownRefund.UNKNOWN, answer=told)


def replayed(problem: stripe.StripeError) -> bool:
    """Whether this 5xx was stored under the key earlier: repeating the key will only ever repeat the answer."""
    headers = problem.headers or {}
    return (problem.http_status or 0) >= 500 and str(headers.get("Idempotent-Replayed", "")).lower() == "true"


def told_of(problem: stripe.StripeError) -> dict[str, Any]:
    """What is kept of an error."""
    told = {"status": problem.http_status, "code": problem.code or "", "error": type(problem).__name__}
    return told | {"replayed": True} if replayed(problem) else told


def message(payload: dict[str, Any]) -> Message:
    """Which payment, refund or payout an event is about. KeyError or TypeError when it is no event."""
    about: dict[str, Any] = payload["data"]["object"]
    kind, metadata = payload["type"], about.get("metadata") or {}
    intent = about["id"] if about.get("object") == "payment_intent" else about.get("payment_intent")
    return Message(
        event_id=payload["id"],
        kind=kind,
        payment_id=str(metadata.get("payment") or ""),
        gateway_ref=intent if isinstance(intent, str) else "",
        refund_id=str(metadata.get("refund") or "") if about.get("object") == "refund" else "",
        payload=payload,
        about=_about(kind),
        payout_id=str(metadata.get("payout") or "") if about.get("object") == "transfer" else "",
    )


def _about(kind: str) -> About:
    if kind in PAYMENT_KINDS:
        return About.PAYMENT
    if kind in TRANSFER_KINDS:
        return About.PAYOUT
    if kind.startswith("charge.dispute."):
        return About.DISPUTE
    return About.REFUND if kind in REFUND_KINDS else About.NOTHING

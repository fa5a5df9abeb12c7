"""What the gateway in memory keeps: payments, refunds, transfers, keys, and messages that are still to be sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from airbnb.money import Money
from payments.gateways.port import Known, KnownRefund, Outcome, RefundOutcome


@dataclass
class Intent:
    """One payment in the gateway's books."""

    id: str
    payment_id: str
    reservation: str
    amount: int
    currency: str
    method: str
    manual: bool
    made_at: datetime
    status: str = "requires_confirmation"
    captured: int = 0
    refunded: int = 0
    decline_code: str = ""
    cancelled: str = ""
    capture_before: datetime | None = None
    # Until when the gateway waits for the guest, or for our word.
    waits_until: datetime | None = None


@dataclass
class RefundRecord:
    """One refund in the gateway's books."""

    id: str
    refund_id: str
    key: str
    intent: str
    amount: int
    status: str = "succeeded"
    made_at: datetime | None = None


@dataclass
class Transfer:
    """Money sent to a host."""

    id: str
    payout_id: str
    destination: str
    amount: int
    currency: str
    reservation: str
    status: str = "sent"


@dataclass
class Books:
    """Everything that the gateway knows; it outlives the application's processes."""

    intents: dict[str, Intent] = field(default_factory=dict)
    refunds: dict[str, RefundRecord] = field(default_factory=dict)
    transfers: dict[str, Transfer] = field(default_factory=dict)
    payees: dict[str, str] = field(default_factory=dict)
    keys: dict[str, tuple[str, datetime, Any]] = field(default_factory=dict)
    messages: list[dict[str, Any]] = field(default_factory=list)
    late: list[tuple[datetime, str, str, Any]] = field(default_factory=list)
    numbers: int = 0


def told(intent: Intent) -> Outcome:
    """How a payment stands, in the words of the port."""
    known = {
        "succeeded": Known.CAPTURED,
        "requires_capture": Known.AUTHORIZED,
        "requires_action": Known.REQUIRES_ACTION,
        "confirmable": Known.CONFIRMABLE,
        "requires_payment_method": Known.DECLINED,
        "canceled": Known.VOIDED,
    }[intent.status]
    sums = {Known.CAPTURED: intent.captured, Known.AUTHORIZED: intent.amount}
    asks = known == Known.REQUIRES_ACTION
    return Outcome(
        known,
        gateway_ref=intent.id,
        amount=Money(sums[known], intent.currency) if known in sums else None,
        decline_code=intent.decline_code if known == Known.DECLINED else intent.cancelled,
        action_url=f"https://bank.example/{intent.id}" if asks else "",
        card_brand="visa",
        card_last4="4242",
        capture_before=intent.capture_before if known == Known.AUTHORIZED else None,
        answer={"id": intent.id, "status": intent.status},
    )


def told_refund(record: RefundRecord) -> RefundOutcome:
    """How a refund stands, in the words of the port."""
    known = KnownRefund.SUCCEEDED if record.status == "succeeded" else KnownRefund.FAILED
    code = "" if record.status == "succeeded" else "expired_or_canceled_card"
    return RefundOutcome(known, gateway_ref=record.id, failure_code=code, answer={"id": record.id})

"""The test cards: what happens when a payment method of this name is charged (Stripe's own names)."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import missing


@dataclass(frozen=True)
class Card:
    """How a card behaves: declined with a code, asking for a further step, or losing its refunds."""

    brand: str = "visa"
    last4: str = "4242"
    decline_code: str | None = None
    error_code: str = "card_declined"
    asks: bool = False
    refund_fails: bool = False


CARDS = {
    "pm_card_visa": Card(),
    "pm_card_mastercard": Card("mastercard", "4444"),
    "pm_card_amex": Card("amex", "8431"),
    "pm_card_kr": Card("visa", "0007"),
    "pm_card_visa_chargeDeclined": Card(last4="0002", decline_code="generic_decline"),
    "pm_card_chargeDeclined": Card(last4="0002", decline_code="generic_decline"),
    "pm_card_chargeDeclinedInsufficientFunds": Card(last4="9995", decline_code="insufficient_funds"),
    "pm_card_chargeDeclinedLostCard": Card(last4="9987", decline_code="lost_card"),
    "pm_card_chargeDeclinedExpiredCard": Card(last4="0069", decline_code="expired_card", error_code="expired_card"),
    "pm_card_authenticationRequired": Card(last4="3184", asks=True),
    "pm_card_threeDSecure2Required": Card(last4="3220", asks=True),
    "pm_card_refundFail": Card(last4="5126", refund_fails=True),
}

MESSAGES = {
    "generic_decline": "Your card was declined.",
    "insufficient_funds": "Your card has insufficient funds.",
    "lost_card": "Your card was declined.",
    "expired_card": "Your card has expired.",
}


def card(payment_method: str) -> Card:
    """The card of that name; 400 ``resource_missing`` when the gateway knows none."""
    try:
        return CARDS[payment_method]
    except KeyError:
        raise missing("PaymentMethod", payment_method, param="payment_method", status=400) from None

"""Tables of the payments context."""

from __future__ import annotations

from payments.models.books import LedgerAccount, LedgerEntry, LedgerTransaction
from payments.models.choice import GatewayChoice
from payments.models.comparison import BooksComparison
from payments.models.gateway import GatewayChange, GatewayState
from payments.models.inbox import WebhookMessage
from payments.models.party import PaymentParty
from payments.models.payment import GatewayCall, Payment
from payments.models.refund import Refund

__all__ = [
    "BooksComparison",
    "GatewayCall",
    "GatewayChange",
    "GatewayChoice",
    "GatewayState",
    "LedgerAccount",
    "LedgerEntry",
    "LedgerTransaction",
    "Payment",
    "PaymentParty",
    "Refund",
    "WebhookMessage",
]

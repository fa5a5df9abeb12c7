"""Tables of the payments context."""

from __future__ import annotations

from payments.models.books import LedgerAccount, LedgerEntry, LedgerTransaction
from payments.models.choice import GatewayChoice
from payments.models.clawback import Clawback, Recovery
from payments.models.comparison import BooksComparison
from payments.models.gateway import GatewayChange, GatewayState
from payments.models.inbox import WebhookMessage
from payments.models.movement import BankMovement, GatewayFee
from payments.models.party import PaymentParty
from payments.models.payee import Payee
from payments.models.payment import GatewayCall, Payment
from payments.models.payout import Earning, Payout
from payments.models.refund import Refund

__all__ = [
    "BankMovement",
    "BooksComparison",
    "Clawback",
    "Earning",
    "GatewayCall",
    "GatewayChange",
    "GatewayChoice",
    "GatewayFee",
    "GatewayState",
    "LedgerAccount",
    "LedgerEntry",
    "LedgerTransaction",
    "Payee",
    "Payment",
    "PaymentParty",
    "Payout",
    "Recovery",
    "Refund",
    "WebhookMessage",
]

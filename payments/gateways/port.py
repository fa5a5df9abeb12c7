"""The gateway port: what the payments context asks of any payment gateway, in its own words.

An adapter never raises for what a gateway may do; every answer, and the lack of one, is an :class:`Outcome`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from airbnb.errors import DomainError
from airbnb.money import Money
from payments.gateways.ways import Way


class Known(StrEnum):
    """What is known of a charge.

    ``confirmable``: the guest has agreed at the gateway, which takes the money at our word (:meth:`Gateway.confirm`).
    ``unreachable``: nothing left this machine. ``absent``: the gateway says it has no such payment.
    ``spent``: the key has a stored failure and will never do anything. ``unknown``: it may have acted.
    """

    CAPTURED = "captured"
    AUTHORIZED = "authorized"
    DECLINED = "declined"
    REQUIRES_ACTION = "requires_action"
    CONFIRMABLE = "confirmable"
    PROCESSING = "processing"
    VOIDED = "voided"
    ABSENT = "absent"
    SPENT = "spent"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"


class KnownRefund(StrEnum):
    """What is known of a refund; words as in :class:`Known`."""

    SUCCEEDED = "succeeded"
    PENDING = "pending"
    FAILED = "failed"
    ABSENT = "absent"
    SPENT = "spent"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"


class Unanswered(Exception):
    """A question to the gateway was not answered."""


class KnownTransfer(StrEnum):
    """What is known of money sent to a host; words as in :class:`Known`.

    ``returned``: it was sent, and all of it came back.
    """

    SENT = "sent"
    RETURNED = "returned"
    FAILED = "failed"
    ABSENT = "absent"
    SPENT = "spent"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"


class Capability(StrEnum):
    """What a gateway can do beyond taking money at once and giving it back."""

    AUTHORIZE = "authorize"
    TRANSFER = "transfer"
    MOVEMENTS = "movements"


class Moved(StrEnum):
    """What a movement at the gateway was, beside payments, refunds and transfers, which are asked about one by one.

    ``fee``: it kept its fee. ``settled``: it paid out to the house's own bank account. ``topped_up``: it got money from
    there.
    """

    FEE = "fee"
    SETTLED = "settled"
    TOPPED_UP = "topped_up"


class FeeFor(StrEnum):
    """What a fee is for."""

    PAYMENT = "payment"
    REFUND = "refund"
    OTHER = "other"


class About(StrEnum):
    """What a gateway's message is about, in our words: the kinds themselves are the adapters' own."""

    PAYMENT = "payment"
    REFUND = "refund"
    PAYOUT = "payout"
    DISPUTE = "dispute"
    NOTHING = "nothing"


class Forged(DomainError):
    """A message that carries no proof of where it is from, or cannot be read."""

    code = "webhook_not_signed"
    status = 400


@dataclass(frozen=True, slots=True)
class ChargeRequest:
    """Take ``amount``. ``payment_id`` is our own reference, kept by the gateway and findable there.

    ``again``: the key was sent before, so a failure may be one that the gateway stored then.
    """

    key: str
    payment_id: str
    reservation: str
    amount: Money
    method: str
    return_url: str
    capture_now: bool
    correlation_id: str
    again: bool = False


@dataclass(frozen=True, slots=True)
class Reference:
    """Which payment is meant: the gateway's id when we know it, else our own with the instant it was sent."""

    payment_id: str
    gateway_ref: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a gateway said of a payment. ``amount`` is what was captured or authorised, None where nothing was."""

    known: Known
    gateway_ref: str = ""
    amount: Money | None = None
    decline_code: str = ""
    action_url: str = ""
    card_brand: str = ""
    card_last4: str = ""
    capture_before: datetime | None = None
    retry_after_s: int | None = None
    answer: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """Give ``amount`` of the payment ``gateway_ref`` back; ``refund_id`` is our own reference."""

    key: str
    refund_id: str
    gateway_ref: str
    amount: Money
    reservation: str
    correlation_id: str


@dataclass(frozen=True, slots=True)
class RefundOutcome:
    """What a gateway said of a refund."""

    known: KnownRefund
    gateway_ref: str = ""
    failure_code: str = ""
    answer: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ConfirmRequest:
    """Take ``amount`` of a payment whose guest has agreed at the gateway, or of one that was authorised."""

    key: str
    payment_id: str
    gateway_ref: str
    amount: Money
    reservation: str
    correlation_id: str


@dataclass(frozen=True, slots=True)
class PayeeRequest:
    """A host's bank account that money is to be sent to; ``payee_id`` is our own reference."""

    key: str
    payee_id: str
    country: str
    currency: str
    bank_code: str
    account_number: str
    holder: str


@dataclass(frozen=True, slots=True)
class PayeeOutcome:
    """``destination`` is the gateway's name for the account; empty with ``failure_code`` when it was refused.

    Both empty: not known, or not reached; the same request may be sent again.
    """

    destination: str = ""
    failure_code: str = ""


@dataclass(frozen=True, slots=True)
class TransferRequest:
    """Send ``amount`` to ``destination``; ``payout_id`` is our own reference, kept by the gateway.

    ``gateway_ref`` is the gateway's own name of what was sent, where we know it.
    """

    key: str
    payout_id: str
    destination: str
    amount: Money
    reservation: str
    sent_at: datetime
    correlation_id: str
    gateway_ref: str = ""


@dataclass(frozen=True, slots=True)
class TransferOutcome:
    """What a gateway said of a transfer; ``returned_minor`` is what came back of one that was sent."""

    known: KnownTransfer
    gateway_ref: str = ""
    failure_code: str = ""
    returned_minor: int = 0
    answer: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Booked:
    """One charge in the gateway's own books, for the daily comparison; sums in minor units of ``currency``."""

    payment_id: str
    gateway_ref: str
    currency: str
    captured_minor: int
    refunded_minor: int


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement in the gateway's books. ``gateway_id`` is its own name for it, the same whenever it is asked.

    ``amount`` is above zero, except of a fee that was given back. For a fee on a payment or its refund, ``payment_id``
    and ``gateway_ref`` say which payment, as far as the gateway told.
    """

    kind: Moved
    gateway_id: str
    amount: Money
    at: datetime
    fee_for: FeeFor = FeeFor.OTHER
    payment_id: str = ""
    gateway_ref: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """A genuine message. ``about`` and the references (ours, and the gateway's of a payment) say what to ask about."""

    event_id: str
    kind: str
    payment_id: str
    gateway_ref: str
    refund_id: str
    payload: dict[str, Any]
    about: About
    payout_id: str = ""


class Gateway(Protocol):
    """What every adapter offers. No method may be called inside a database transaction, except ``read_*``.

    ``currencies`` are those it takes (None: all of ours).
    """

    name: str
    capabilities: frozenset[Capability]
    currencies: frozenset[str] | None

    @property
    def is_configured(self) -> bool:
        """Whether we have a key for it."""
        ...

    @property
    def is_practice(self) -> bool:
        """Whether it is a sandbox: no real money moves."""
        ...

    @property
    def ways(self) -> tuple[Way, ...]:
        """The ways to pay that a page can offer to choose from; none where a name must come from elsewhere."""
        ...

    def offers(self, method: str) -> bool:
        """Whether it could take a payment by this method; never asks the gateway."""
        ...

    def charge(self, request: ChargeRequest) -> Outcome:
        """Take the money, or set it aside when ``capture_now`` is false."""
        ...

    def look_up(self, reference: Reference) -> Outcome:
        """What became of a payment, asked by reference; never causes a charge."""
        ...

    def confirm(self, request: ConfirmRequest) -> Outcome:
        """Take the money of a confirmable payment."""
        ...

    def capture(self, request: ConfirmRequest) -> Outcome:
        """Take the money of an authorised payment (:attr:`Capability.AUTHORIZE`)."""
        ...

    def gave_up(self, told: Mapping[str, str]) -> bool:
        """Whether the parameters of the return address say that the guest left the gateway's page unfinished."""
        ...

    def void(self, gateway_ref: str, key: str) -> Outcome:
        """Give up a payment that was not captured; a captured one is told as such."""
        ...

    def refund(self, request: RefundRequest) -> RefundOutcome:
        """Send money back."""
        ...

    def look_up_refund(self, request: RefundRequest) -> RefundOutcome:
        """What became of a refund, asked by our reference; never causes one."""
        ...

    def register_payee(self, request: PayeeRequest) -> PayeeOutcome:
        """Make a bank account known (:attr:`Capability.TRANSFER`)."""
        ...

    def transfer(self, request: TransferRequest) -> TransferOutcome:
        """Send money to a host (:attr:`Capability.TRANSFER`)."""
        ...

    def look_up_transfer(self, request: TransferRequest) -> TransferOutcome:
        """What became of a transfer, asked by our reference; never causes one."""
        ...

    def books(self, since: datetime, until: datetime) -> Iterator[Booked]:
        """The charges that carry our reference and were made in this time. Raises Unanswered when it cannot tell."""
        ...

    def movements(self, since: datetime, until: datetime) -> Iterator[Movement]:
        """Fees, settlements and top-ups of this time, each once (:attr:`Capability.MOVEMENTS`).

        Raises Unanswered when it cannot tell.
        """
        ...

    def ping(self) -> bool:
        """Whether the gateway answers a cheap question now, within a second; never causes anything."""
        ...

    def read_message(self, body: bytes, headers: Mapping[str, str], address_secret: str = "") -> Message:
        """The message in a webhook; raises :class:`Forged` unless one of our secrets proves it.

        ``address_secret`` is what the address carried that it came to (``?secret=…``).
        """
        ...

    def read_stored(self, payload: dict[str, Any]) -> Message:
        """The message that was stored before."""
        ...

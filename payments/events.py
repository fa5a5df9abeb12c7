"""What happens to money, for everyone who must know. Sums are minor units of ``currency``."""

from __future__ import annotations

from dataclasses import dataclass

from airbnb.events.bus import Event

# ``purpose`` of a payment that makes its reservation stand; others are "alteration:<code>".
BOOKING = "booking"


@dataclass(frozen=True, kw_only=True)
class PaymentApproved(Event):
    """All that was to be paid was captured. ``beside``: while another payment for the same purpose counts."""

    payment_id: str
    reservation: str
    guest_id: int
    amount_minor: int
    currency: str
    gateway: str
    purpose: str = BOOKING
    beside: bool = False


@dataclass(frozen=True, kw_only=True)
class PaymentAuthorized(Event):
    """The sum is set aside on the guest's card until ``capture_before`` (ISO 8601, null if the gateway did not say)."""

    payment_id: str
    reservation: str
    guest_id: int
    amount_minor: int
    currency: str
    capture_before: str | None
    purpose: str = BOOKING


@dataclass(frozen=True, kw_only=True)
class AuthorizationEnding(Event):
    """What was set aside is lost at ``capture_before``, half a day from now: it must be taken or let go."""

    payment_id: str
    reservation: str
    guest_id: int
    capture_before: str
    purpose: str = BOOKING


@dataclass(frozen=True, kw_only=True)
class PaymentFailed(Event):
    """No money came of this payment, or it was of no use and goes back.

    ``code`` says why; ``retryable``: it was the gateway, not the card, and later may work.
    """

    payment_id: str
    reservation: str
    guest_id: int
    code: str
    amount_minor: int
    currency: str
    retryable: bool
    purpose: str = BOOKING


@dataclass(frozen=True, kw_only=True)
class PaymentActionRequired(Event):
    """The guest's bank wants to be asked at ``action_url``."""

    payment_id: str
    reservation: str
    guest_id: int
    action_url: str
    purpose: str = BOOKING


@dataclass(frozen=True, kw_only=True)
class PaymentCancelled(Event):
    """Money went back (``kind`` refund) or what was set aside was let go (void).

    ``amount_minor`` is this movement, ``refunded_total_minor`` all that has gone back of ``captured_minor``.
    """

    payment_id: str
    refund_id: str | None
    reservation: str
    guest_id: int
    amount_minor: int
    refunded_total_minor: int
    captured_minor: int
    currency: str
    kind: str
    purpose: str = BOOKING


@dataclass(frozen=True, kw_only=True)
class RefundFailed(Event):
    """A refund was refused or came back: the money is still owed and an operator must act."""

    payment_id: str
    refund_id: str
    reservation: str
    guest_id: int
    amount_minor: int
    refunded_total_minor: int
    captured_minor: int
    currency: str
    code: str


@dataclass(frozen=True, kw_only=True)
class PayoutEvent(Event):
    """What every event of a payout tells; ``amount_minor`` is what goes to the host's bank account."""

    payout_id: str
    reservation: str
    host_id: int
    amount_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class PayoutSent(PayoutEvent):
    """Sent to the bank account that ends in ``last4``; ``recovered_minor`` was kept back for earlier refunds."""

    recovered_minor: int
    bank: str
    last4: str


@dataclass(frozen=True, kw_only=True)
class PayoutFailed(PayoutEvent):
    """It was refused for good, tried too often, or came back: the money is still owed.

    ``cause``: account (only its host can mend it), returned (it had arrived), else ours to look into; empty when it was
    told before causes were.
    """

    code: str
    cause: str = ""


@dataclass(frozen=True, kw_only=True)
class PayoutHeld(PayoutEvent):
    """It is owed and cannot be sent.

    ``reason``: no_payee, balance (the books owe its host less), gateway_balance (we have too little at the gateway; it
    is tried every hour), partly_returned (so much of what was sent came back, and a person must say what follows).
    """

    reason: str


@dataclass(frozen=True, kw_only=True)
class PayeeChanged(Event):
    """A host gave a bank account, used from ``in_force_from`` on. ``first``: they had none before."""

    payee_id: str
    host_id: int
    bank: str
    last4: str
    in_force_from: str
    first: bool


@dataclass(frozen=True, kw_only=True)
class PaymentsUnavailable(Event):
    """A gateway takes no payments now; ask again after ``retry_after_s`` seconds."""

    gateway: str
    retry_after_s: int


@dataclass(frozen=True, kw_only=True)
class PaymentsAvailable(Event):
    """A gateway takes payments again."""

    gateway: str

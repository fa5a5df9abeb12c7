"""What others may ask about payments; answers are frozen facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.functional import Promise

from airbnb.money import Money
from payments import gateways
from payments.banks import bank_name
from payments.models import Payment, PaymentParty, Refund
from payments.states import DEAD

__all__ = [
    "PaymentFacts",
    "RefundFacts",
    "bank_name",
    "facts_of",
    "payment_of",
    "payment_seen_by",
    "payments_of",
    "payments_seen_by",
]


@dataclass(frozen=True, slots=True)
class RefundFacts:
    """One refund: ``status`` is pending, succeeded or failed."""

    id: str
    amount: Money
    status: str
    reason: str
    created_at: datetime
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class PaymentFacts:
    """One payment: ``captured`` was taken, ``refunded`` of it has gone back, ``promised`` is owed or gone back."""

    id: str
    reservation: str
    guest_id: int
    status: str
    amount: Money
    captured: Money
    promised: Money
    refunded: Money
    refunds: tuple[RefundFacts, ...]
    gateway: str
    card: str
    action_url: str
    failure_code: str
    created_at: datetime
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class WaysToPay:
    """What a page offers: ``choices`` of (name, words), empty where a name is typed; ``practice`` moves no money."""

    gateway: str
    choices: tuple[tuple[str, Promise], ...]
    practice: bool


def ways_to_pay(currency: str, *, authorize: bool = False) -> WaysToPay:
    """How the gateway of this currency can be paid now; with ``authorize``, one that sets money aside first."""
    gateway = gateways.for_currency(currency, authorize=authorize)
    return WaysToPay(gateway.name, gateway.ways, gateway.is_practice)


def payment_of(reservation: str) -> PaymentFacts | None:
    """The payment of a reservation that counts: the newest that was not given up, else the newest of all."""
    found = payments_of(reservation)
    alive = [each for each in found if each.status not in DEAD]
    return next(iter(alive or found), None)


def payments_of(reservation: str) -> list[PaymentFacts]:
    """All payments of a reservation, newest first."""
    return [facts_of(each) for each in Payment.objects.of(reservation).prefetch_related("refunds")]


def payment_seen_by(payment_id: str, user_id: int) -> PaymentFacts | None:
    """The payment, if this person is its reservation's guest or host."""
    try:
        wanted = UUID(payment_id)
    except ValueError:
        return None
    payment = payments_seen_by(user_id).filter(pk=wanted).first()
    return None if payment is None else facts_of(payment)


def payments_seen_by(user_id: int) -> QuerySet[Payment]:
    """Within this context: the payments of reservations where this person is guest or host."""
    hosted = PaymentParty.objects.filter(host_id=user_id).values("reservation")
    return Payment.objects.filter(Q(guest_id=user_id) | Q(reservation__in=hosted)).prefetch_related("refunds")


def facts_of(payment: Payment) -> PaymentFacts:
    """Within this context: the facts of a payment, with its refunds in order."""
    card = f"{payment.card_brand} •••• {payment.card_last4}" if payment.card_last4 else ""
    refunds = sorted(payment.refunds.all(), key=lambda each: (each.created_at, each.pk))
    return PaymentFacts(
        id=str(payment.pk),
        reservation=payment.reservation,
        guest_id=payment.guest_id,
        status=payment.status,
        amount=payment.amount,
        captured=payment.captured,
        promised=Money(payment.promised_minor, payment.currency),
        refunded=Money(payment.refunded_minor, payment.currency),
        refunds=tuple(_refund_facts(each) for each in refunds),
        gateway=payment.gateway,
        card=card,
        action_url=payment.action_url,
        failure_code=payment.failure_code,
        created_at=payment.created_at,
        decided_at=payment.decided_at,
    )


def _refund_facts(refund: Refund) -> RefundFacts:
    return RefundFacts(
        id=str(refund.pk),
        amount=refund.amount,
        status=refund.status,
        reason=refund.reason,
        created_at=refund.created_at,
        done_at=refund.done_at,
    )

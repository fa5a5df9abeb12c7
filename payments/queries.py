"""What others may ask about payments; answers are frozen facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Min, Q, QuerySet
from django.utils.functional import Promise

from airbnb import clock
from airbnb.errors import NotFound
from airbnb.money import Money, total
from payments import gateways, watching
from payments.banks import bank_name
from payments.events import BOOKING
from payments.models import GatewayState, Payment, PaymentParty, Payout, Refund
from payments.services.standing import RETRY_AFTER_S
from payments.states import DEAD, RefundStatus

__all__ = [
    "BOOKING",
    "Movement",
    "PaymentFacts",
    "RefundFacts",
    "Resting",
    "Statement",
    "WayBack",
    "bank_name",
    "facts_of",
    "gateway_of",
    "guests_per_minute",
    "own_share_per_minute",
    "payment_of",
    "payment_seen_by",
    "payments_of",
    "payments_seen_by",
    "rest_now",
    "resting_gateways",
    "statement_of",
    "usual_per_minute",
    "ways_back",
    "ways_to_pay",
]

USUAL_WITHIN = timedelta(hours=1)
# Where next to nobody pays usually, so many a minute may nevertheless be had done: no gateway is too weak for one every
# five seconds.
LEAST_PER_MINUTE = 12
# Of what a gateway that is back is given beyond the usual: our questions, refunds and payouts; the rest is for guests.
OWN_SHARE = 0.5
MINUTE = timedelta(minutes=1)
# How brands write themselves that a gateway writes small; others (issuers' names) are shown as they come.
BRANDS = {
    "amex": "American Express",
    "diners": "Diners Club",
    "discover": "Discover",
    "jcb": "JCB",
    "mastercard": "Mastercard",
    "unionpay": "UnionPay",
    "visa": "Visa",
}
LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class RefundFacts:
    """One refund: ``status`` is pending, succeeded or failed; ``lines`` of a bill, where known, say what it is for.

    ``cause`` is what it came of: cancelled, altered, grace (a courtesy of the house), or refused (money that the
    reservation could not take).
    """

    id: str
    amount: Money
    status: str
    cause: str
    reason: str
    created_at: datetime
    done_at: datetime | None
    lines: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class PaymentFacts:
    """One payment: ``captured`` was taken, ``refunded`` of it has gone back, ``promised`` is owed or gone back.

    ``purpose`` is booking, or "alteration:<code>" for the difference of a change; ``surplus`` is nobody's price.
    """

    id: str
    reservation: str
    purpose: str
    surplus: bool
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
class Movement:
    """Money that was taken (``amount`` above zero) or goes back (below zero).

    ``kind``: booking or alteration for what was paid, the cause of a refund for what goes back. ``status``: succeeded,
    and of what goes back also pending or failed. ``card`` is empty for other ways to pay. ``lines`` of a bill, where
    known, say what goes back.
    """

    id: str
    kind: str
    amount: Money
    at: datetime | None
    card: str
    status: str
    lines: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """All that was paid for a reservation and goes back, in order; ``kept`` is what remains of it, the sum of all."""

    movements: tuple[Movement, ...]
    kept: Money

    @property
    def gives_back(self) -> bool:
        """Whether any of it went or goes back."""
        return any(move.amount.amount_minor < 0 for move in self.movements)


@dataclass(frozen=True, slots=True)
class WayBack:
    """A part of a refund, and the card it goes to; empty for other ways to pay."""

    card: str
    amount: Money


@dataclass(frozen=True, slots=True)
class WaysToPay:
    """What a page offers: ``choices`` of (name, words), empty where a name is typed; ``practice`` moves no money."""

    gateway: str
    choices: tuple[tuple[str, Promise], ...]
    practice: bool


@dataclass(frozen=True, slots=True)
class Resting:
    """A gateway that takes no payments now; asking again before ``retry_after_s`` is of no use."""

    gateway: str
    retry_after_s: int


def gateway_of(currency: str, *, authorize: bool = False) -> str:
    """The name of the gateway that takes this currency (with ``authorize``: sets it aside); empty without one."""
    try:
        return gateways.for_currency(currency, authorize=authorize).name
    except NotFound:
        return ""


def resting_gateways() -> frozenset[str]:
    """The names of the gateways that rest now, as far as was told."""
    return frozenset(each.gateway for each in GatewayState.objects.all() if each.rests)


def rest_now(currency: str, *, authorize: bool = False) -> Resting | None:
    """Whether the gateway that such a payment goes to rests, asked of the breaker itself; None when it takes payments.

    For callers with a guest before them, outside any transaction. Whoever asks when it is time to probe has it probed
    beside them, so a gateway is found to be back by its guests even when no worker runs.
    """
    if settings.GATEWAY_GUARDED:
        resting = frozenset(each for each in gateways.in_use() if watching.look(each).is_open)
    else:
        resting = resting_gateways()
    if not resting:
        return None
    name = gateway_of(currency, authorize=authorize)
    return Resting(name, RETRY_AFTER_S) if name in resting else None


def guests_per_minute(gateway: str) -> float:
    """How many waiting guests a minute may be asked to pay: with those who pay anyway twice the usual number.

    While we ourselves ask about undecided payments, or send refunds or payouts, they have their share of it.
    """
    soon = clock.now() + MINUTE
    asking = Payment.objects.to_look_at(soon).filter(gateway=gateway)
    refunds = Refund.objects.filter(payment__gateway=gateway, status=RefundStatus.PENDING, next_attempt_at__lte=soon)
    payouts = Payout.objects.to_send(soon).filter(payee__gateway=gateway)
    busy = any(each.exists() for each in (asking, refunds, payouts))
    return _extra_per_minute(gateway) - (own_share_per_minute(gateway) if busy else 0.0)


def own_share_per_minute(gateway: str) -> float:
    """How many calls a minute we make by ourselves for what waited while this gateway rested."""
    return _extra_per_minute(gateway) * OWN_SHARE


def _extra_per_minute(gateway: str) -> float:
    return max(LEAST_PER_MINUTE, usual_per_minute(gateway))


def usual_per_minute(gateway: str) -> float:
    """How many payments a minute there were, in all currencies, in the hour before this gateway rested last."""
    row = GatewayState.objects.filter(pk=gateway).first()
    if row is None or row.rested_at is None:
        return 0.0
    hour = Payment.objects.filter(created_at__gt=row.rested_at - USUAL_WITHIN, created_at__lte=row.rested_at)
    times = hour.filter(gateway=row.gateway).aggregate(first=Min("created_at"), count=Count("pk"))
    if not times["count"]:
        return 0.0
    return times["count"] / max(1.0, (row.rested_at - times["first"]).total_seconds() / 60)


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


def statement_of(reservation: str) -> Statement | None:
    """Every payment of a reservation and every refund, by time; None before anything was taken."""
    taken = [each for each in payments_of(reservation) if each.captured]
    if not taken:
        return None
    moves = [move for each in taken for move in _movements(each)]
    moves.sort(key=lambda move: (move.at or LAST, move.amount.amount_minor < 0, move.id))
    return Statement(tuple(moves), total([move.amount for move in moves], taken[0].captured.currency))


def _movements(payment: PaymentFacts) -> list[Movement]:
    kind = BOOKING if payment.purpose == BOOKING else "alteration"
    paid = Movement(payment.id, kind, payment.captured, payment.decided_at, payment.card, "succeeded")
    back = [
        Movement(
            each.id, each.cause, -each.amount, each.done_at or each.created_at, payment.card, each.status, each.lines
        )
        for each in payment.refunds
    ]
    return [paid, *back]


def ways_back(reservation: str, amount: Money) -> list[WayBack]:
    """Which cards a refund of ``amount`` goes to now: from the newest payment back to the first."""
    parts: dict[str, Money] = {}
    left = amount
    for each in payments_of(reservation):
        part = min(left, each.captured - each.promised)
        if each.surplus or part.amount_minor <= 0:
            continue
        parts[each.card] = parts.get(each.card, Money.zero(amount.currency)) + part
        left -= part
    return [WayBack(card, part) for card, part in parts.items()]


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
    brand = BRANDS.get(payment.card_brand, payment.card_brand)
    card = f"{brand} •••• {payment.card_last4}" if payment.card_last4 else ""
    refunds = sorted(payment.refunds.all(), key=lambda each: (each.created_at, each.pk))
    return PaymentFacts(
        id=str(payment.pk),
        reservation=payment.reservation,
        purpose=payment.purpose,
        surplus=payment.surplus,
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
        cause=refund.source.partition(":")[0],
        reason=refund.reason,
        created_at=refund.created_at,
        done_at=refund.done_at,
        lines=tuple(refund.lines),
    )

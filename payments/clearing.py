"""What each gateway holds for the house by our books, and whether it covers what is to leave it soon. Reads only."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F, Q, Sum

from airbnb import clock
from airbnb.errors import NotFound
from airbnb.money import Money
from payments import gateways, ledger
from payments.models import LedgerEntry, Payment, Payout
from payments.models.payout import TO_PAY, UNDER_WAY
from payments.states import PayoutStatus

# How far ahead money is looked after: a transfer from a bank takes some days to be there.
AHEAD = timedelta(days=7)

Sums = dict[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Clearing:
    """One gateway's account in one currency: ``leaving`` within a week are payouts to hosts and refunds."""

    gateway: str
    balance: Money
    leaving: Money

    @property
    def short(self) -> Money:
        """What is missing for it: the gateway must be topped up with as much, at least."""
        return Money(max(0, self.leaving.amount_minor - self.balance.amount_minor), self.balance.currency)


def clearings() -> list[Clearing]:
    """Every gateway and currency in which money is or is to leave, by name."""
    held, leaving = _held(), _leaving()
    return [
        Clearing(gateway, Money(held.get((gateway, currency), 0), currency), Money(minor, currency))
        for gateway, currency in sorted(held.keys() | leaving.keys())
        for minor in [leaving.get((gateway, currency), 0)]
    ]


def _held() -> Sums:
    entries = LedgerEntry.objects.filter(account__kind=ledger.GATEWAY_CLEARING)
    rows = entries.values_list("account__owner", "account__currency").annotate(sum=Sum("amount_minor"))
    return {(gateway, currency): minor for gateway, currency, minor in rows}


def _leaving() -> Sums:
    """Payouts that are owed or will be within a week, and refunds that are owed, each by the gateway it leaves.

    At most: what will be kept back of a payout for an earlier refund is counted as well.
    """
    sums: Sums = defaultdict(int)
    soon = Q(status=PayoutStatus.SCHEDULED, due_at__lte=clock.now() + AHEAD)
    payouts = Payout.objects.filter(soon | Q(status__in=[*TO_PAY, *UNDER_WAY]))
    for currency, minor in payouts.values_list("currency").annotate(sum=Sum("amount_minor")):
        try:
            sums[gateways.for_payouts(currency).name, currency] += minor
        except NotFound:  # no gateway sends this currency to hosts: nothing leaves any of them
            continue
    owed = Payment.objects.filter(promised_minor__gt=F("refunded_minor")).values_list("gateway", "currency")
    for gateway, currency, minor in owed.annotate(sum=Sum(F("promised_minor") - F("refunded_minor"))):
        sums[gateway, currency] += minor
    return sums

"""What hosts see of their money: each line with how it stands, sums by month, what comes next. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F, Min, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from airbnb import clock
from airbnb.money import Money
from payments.models import Clawback, Payee, Payout
from payments.refusals import Cause
from payments.states import HeldFor, PayoutStatus

# What has a part in a host's statement; a cancelled line has none.
SHOWN = Q(status=PayoutStatus.CANCELLED)
OWED = (PayoutStatus.READY, PayoutStatus.HELD, PayoutStatus.SENDING, PayoutStatus.UNKNOWN, PayoutStatus.FAILED)
STATES: dict[str, tuple[str, Promise]] = {
    PayoutStatus.SCHEDULED: ("held", _("Scheduled")),
    PayoutStatus.READY: ("awaiting", _("On its way")),
    PayoutStatus.SENDING: ("awaiting", _("On its way")),
    PayoutStatus.UNKNOWN: ("awaiting", _("On its way")),
    PayoutStatus.SENT: ("completed", _("Paid out")),
    PayoutStatus.NETTED: ("refunded", _("Set off")),
    PayoutStatus.FAILED: ("cancelled", _("Not accepted by the bank")),
}
WAITS: dict[str, Promise] = {
    HeldFor.NO_PAYEE: _("Waits: add your bank details"),
    HeldFor.OPERATOR: _("Held by us"),
    HeldFor.BALANCE: _("Late: we are on it"),
}
LATE: tuple[str, Promise] = ("awaiting", _("Late: we are on it"))


@dataclass(frozen=True, slots=True)
class Recovered:
    """A line of the statement: kept back for the refund of this reservation."""

    reservation: str
    amount: Money


@dataclass(frozen=True, slots=True)
class EarningLine:
    """One payout of one stay. ``gross`` = ``fees`` + ``tax`` + ``payout``; ``sent`` is payout less what is kept back.

    ``state`` is a badge's, ``label`` its words, ``on`` when it goes or went out.
    """

    id: str
    reservation: str
    number: int
    room_title_i18n: dict[str, str]
    check_in: date
    check_out: date
    gross: Money
    fees: Money
    tax: Money
    payout: Money
    sent: Money
    recovered: tuple[Recovered, ...]
    status: str
    state: str
    label: Promise
    note: str
    due_at: datetime
    sent_at: datetime | None
    time_zone: str
    bank: str
    last4: str

    @property
    def on(self) -> datetime:
        """When it went out, or will."""
        return self.sent_at or self.due_at


@dataclass(frozen=True, slots=True)
class Month:
    """What went out in a month of the product's own time zone."""

    month: date
    sent: Money


@dataclass(frozen=True, slots=True)
class Overview:
    """By currency: ``due`` is released and not sent, ``coming`` planned, ``debt`` kept back from the next payouts."""

    due: Money
    coming: Money
    debt: Money
    next_at: datetime | None


def payouts_of(host_id: int) -> QuerySet[Payout]:
    """Within this context: a host's payouts, the latest due first."""
    found = Payout.objects.filter(host_id=host_id).exclude(SHOWN).order_by("-due_at", "-id")
    return found.select_related("earning", "payee").prefetch_related("recoveries__clawback__earning")


def line_of(payout: Payout) -> EarningLine:
    """A payout as its host sees it."""
    state, label = _standing(payout)
    split, currency = payout.split, payout.currency
    under_way = payout.status in (PayoutStatus.SENDING, PayoutStatus.UNKNOWN, PayoutStatus.SENT, PayoutStatus.NETTED)
    return EarningLine(
        id=str(payout.pk),
        reservation=payout.reservation,
        number=payout.number,
        room_title_i18n=payout.earning.room_title_i18n,
        check_in=payout.earning.check_in,
        check_out=payout.earning.check_out,
        gross=Money(split.gross, currency),
        fees=Money(-split.fees, currency),
        tax=Money(-split.tax, currency),
        payout=payout.amount,
        sent=payout.sending if under_way else payout.amount,
        recovered=tuple(
            Recovered(each.clawback.earning.reservation, Money(-each.amount_minor, currency))
            for each in payout.recoveries.all()
        ),
        status=payout.status,
        state=state,
        label=label,
        note=payout.hold_note if payout.held_for == HeldFor.OPERATOR else "",
        due_at=payout.due_at,
        sent_at=payout.sent_at,
        time_zone=payout.earning.time_zone,
        bank=payout.payee.bank if payout.payee else "",
        last4=payout.payee.last4 if payout.payee else "",
    )


def _standing(payout: Payout) -> tuple[str, Promise]:
    """A badge and its words; the bank is named only where it is the bank that does not take the money."""
    not_the_bank = payout.status == PayoutStatus.FAILED and payout.cause != Cause.ACCOUNT
    if payout.is_short or not_the_bank:
        return LATE
    return STATES.get(payout.status, ("held", WAITS.get(payout.held_for, _("Waiting"))))


def overview_of(host_id: int) -> list[Overview]:
    """One entry for each currency in which something is owed, planned or kept back."""
    mine = Payout.objects.filter(host_id=host_id)
    planned = Q(status=PayoutStatus.SCHEDULED)
    sums = mine.values("currency").annotate(
        due=Sum("amount_minor", filter=Q(status__in=OWED), default=0),
        coming=Sum("amount_minor", filter=planned, default=0),
        next_at=Min("due_at", filter=planned),
    )
    debts = dict(
        Clawback.objects.filter(host_id=host_id)
        .values_list("currency")
        .annotate(open=Sum(F("amount_minor") - F("recovered_minor")))
    )
    return [_overview(each, debts) for each in sums.order_by("currency")]


def _overview(sums: Mapping[str, Any], debts: dict[str, int]) -> Overview:
    currency = sums["currency"]
    return Overview(
        due=Money(int(sums["due"]), currency),
        coming=Money(int(sums["coming"]), currency),
        debt=Money(int(debts.get(currency) or 0), currency),
        next_at=sums["next_at"],
    )


def months_of(host_id: int, *, last: int = 12) -> list[Month]:
    """What went out by month, the latest first."""
    month = TruncMonth("sent_at", tzinfo=ZoneInfo(settings.TIME_ZONE))
    sent = Payout.objects.filter(host_id=host_id, status=PayoutStatus.SENT).annotate(month=month)
    sums = sent.values("month", "currency").annotate(sum=Sum("send_minor")).order_by("-month", "currency")
    return [Month(each["month"].date(), Money(int(each["sum"]), each["currency"])) for each in sums[:last]]


def payees_of(host_id: int) -> tuple[Payee | None, Payee | None]:
    """The account in force, and the one that still waits for its day."""
    at = clock.now()
    return Payee.objects.in_force(host_id, at), Payee.objects.coming(host_id, at)

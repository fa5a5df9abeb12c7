"""Through which gateway a hold is to be paid, and which waiting guests are asked next when it is back.

All who are to pay through one gateway share its pace, whatever their currencies and whether for a stay or a change.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from math import ceil

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from airbnb import clock, db
from airbnb.events.bus import publish
from payments import queries as payments
from reservations.events import AlterationWaitEnded, PaymentWaitEnded
from reservations.models import AlterationWait, PaymentWait, Reservation
from reservations.models.asking import ASKS_FIRST
from reservations.states import Status

# Guests are asked in small groups, so that with them at most twice the usual number pays through a gateway.
GROUP_EVERY = timedelta(seconds=5)
MINUTE = timedelta(minutes=1)


def holds_through(gateways: Collection[str]) -> QuerySet[Reservation]:
    """The holds that are to be paid through one of these: by currency, and by whether the host is asked first.

    A total that is only set aside may need another gateway than one that is taken at once.
    """
    wanted = Q(pk__in=[])
    for currency, authorize in _ways() if gateways else ():
        if payments.gateway_of(currency, authorize=authorize) in gateways:
            wanted |= Q(currency=currency) & (ASKS_FIRST if authorize else ~ASKS_FIRST)
    return Reservation.objects.filter(wanted, status=Status.HELD)


def ask_to_pay() -> int:
    """Ask the next group of waiting guests whose gateway works: who holds longest first, a few at a time; how many.

    One lock for everybody who asks, so that two runs at once do not ask twice as many.
    """
    with db.write():
        db.lock("payment waits")
        at = clock.now()
        changed = set(AlterationWait.objects.to_ask(at).order_by().values_list("alteration__currency", flat=True))
        by_currency = {currency: payments.gateway_of(currency) for currency in changed}
        gateways = {payments.gateway_of(currency, authorize=authorize) for currency, authorize in _ways()}
        able = gateways.union(by_currency.values()) - payments.resting_gateways() - {""}
        return sum(_ask_group(each, [c for c in changed if by_currency[c] == each], at) for each in sorted(able))


def _ask_group(gateway: str, changes_in: Collection[str], at: datetime) -> int:
    """Holds come first, for their time is short; then changes that are to be paid in these currencies."""
    holds = PaymentWait.objects.to_ask(at).filter(reservation__in=holds_through([gateway]))
    changes = AlterationWait.objects.to_ask(at).filter(alteration__currency__in=changes_in)
    if not (holds.exists() or changes.exists()):  # what may be had is counted only where somebody waits
        return 0
    room = _room(gateway, at)
    stays = list(holds.select_related("reservation")[:room])
    changed = list(changes.select_related("alteration__reservation")[: room - len(stays)])
    for each in (*stays, *changed):
        each.ask(gateway, at)
    for each in stays:
        publish(PaymentWaitEnded(reservation=each.reservation.code))
    for each in changed:
        change = each.alteration
        publish(AlterationWaitEnded(reservation=change.reservation.code, alteration=change.code))
    return len(stays) + len(changed)


def _room(gateway: str, at: datetime) -> int:
    """How many more may be asked now, after those of the last seconds and of the last minute."""
    per_minute = ceil(payments.guests_per_minute(gateway))
    soon = ceil(per_minute * (GROUP_EVERY / MINUTE)) - _asked(gateway, at - GROUP_EVERY)
    return max(0, min(soon, per_minute - _asked(gateway, at - MINUTE)))


def _asked(gateway: str, since: datetime) -> int:
    return sum(each.objects.asked_since(since, gateway).count() for each in (PaymentWait, AlterationWait))


def _ways() -> list[tuple[str, bool]]:
    """How holds are to be paid: every currency among them, and whether it is only set aside."""
    asks = ExpressionWrapper(ASKS_FIRST, output_field=BooleanField())
    held = Reservation.objects.filter(status=Status.HELD).annotate(asks_first=asks)
    return list(held.order_by("currency", "asks_first").values_list("currency", "asks_first").distinct())

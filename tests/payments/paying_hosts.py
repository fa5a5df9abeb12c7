"""Hosts with bank accounts and stays whose money is due, reached through services and the timers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airbnb import clock
from airbnb.accounts.models import User
from airbnb.stays import Stay
from payments import tasks
from payments.models import Clawback, Earning, Payee, Payout
from payments.services import register_payee
from reservations import services
from reservations.models import Reservation
from tests import support
from tests.factories.reservations import next_stay

ACCOUNT = "110123456789"
CLOSED = "000111111113"


def payee_of(host: User, number: str = ACCOUNT) -> Payee:
    """The host gives a bank account."""
    return register_payee(host_id=host.pk, bank="088", account_number=number, holder="하준")


def stay_of(nights: int) -> Stay:
    """Dates of so many nights that no other test stay has."""
    first = next_stay()
    return Stay(first.check_in, first.check_in + timedelta(days=nights))


def due_stay(guest: User, host: User, *, nights: int = 2, days: int = 1, **fields: Any) -> Reservation:
    """Confirmed, and moved into the past: ``days`` and some minutes after the check-in time."""
    reservation = support.confirmed_reservation(guest, support.room_of(host, **fields), stay=stay_of(nights))
    return after_check_in(reservation, days=days)


def after_check_in(reservation: Reservation, *, days: int) -> Reservation:
    """Move it so that its check-in was ``days`` days and less than one more ago."""
    away = reservation.check_in_at - clock.now()
    services.backdate(code=reservation.code, days=away.days + 1 + days, seconds=0)
    services.move_stays()
    return support.fresh(reservation)


def run_timers() -> None:
    """What the beat would do."""
    tasks.release_payouts()
    tasks.send_payouts()


def lines_of(reservation: Reservation | str) -> list[Payout]:
    """The payouts of a reservation in order."""
    code = reservation if isinstance(reservation, str) else reservation.code
    return list(Payout.objects.filter(reservation=code).order_by("number"))


def line_of(reservation: Reservation | str) -> Payout:
    """Its only payout."""
    (line,) = lines_of(reservation)
    return line


def earning_of(reservation: Reservation) -> Earning:
    """What it brings its host."""
    return Earning.objects.get(reservation=reservation.code)


def debts_of(host: User) -> list[Clawback]:
    """What the host owes or owed."""
    return list(Clawback.objects.filter(host=host).order_by("id"))


def transfers(sandbox: Any) -> list[dict[str, Any]]:
    """What the gateway has sent to hosts."""
    found: list[dict[str, Any]] = sandbox.ledger()["transfers"]
    return found

"""Alterations in every state, reached through services."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from reservations import services
from reservations.models import Alteration, Reservation
from rooms.models import Night
from tests.support import RETURN_URL, VISA, confirmed_reservation, fresh, room_of


def booked(guest: Any, host: Any, nights: int = 3, **fields: Any) -> Reservation:
    """A confirmed stay of some nights in a room of this host, with quiet days around it."""
    from tests.factories.reservations import some_stay

    room = room_of(host, **fields)
    return confirmed_reservation(guest, room, stay=some_stay(nights, ahead=40))


def propose(reservation: Reservation, by: Any, *, start: int = 0, end: int = 0, **changes: Any) -> Alteration:
    """Propose a check-in ``start`` days and a check-out ``end`` days later than now (negative: earlier)."""
    dates = {
        "check_in": reservation.check_in + timedelta(days=start),
        "check_out": reservation.check_out + timedelta(days=end),
    }
    return services.propose_alteration(code=reservation.code, actor=by, **dates, **changes)


def accept(alteration: Alteration, by: Any, method: str = "") -> services.AlterOutcome:
    """The other side's yes."""
    return services.accept_alteration(
        code=alteration.reservation.code,
        alteration=alteration.code,
        actor=by,
        payment_method=method,
        return_url=RETURN_URL if method else "",
    )


def pay(alteration: Alteration, method: str = VISA) -> services.AlterOutcome:
    """The guest pays the difference."""
    return services.pay_alteration(
        code=alteration.reservation.code,
        alteration=alteration.code,
        guest=alteration.reservation.guest,
        payment_method=method,
        return_url=RETURN_URL,
    )


def seen(alteration: Alteration) -> Alteration:
    """Read again."""
    return Alteration.objects.select_related("reservation", "reservation__guest").get(pk=alteration.pk)


def terms(reservation: Reservation) -> tuple[Any, ...]:
    """All that an alteration may change, and all that must stay while it is not applied."""
    now = fresh(reservation)
    return (
        now.stay, now.guests, now.lines, now.total_minor, now.host_payout_minor, now.captured_minor,
        now.returned_minor, now.check_in_at, now.check_out_at, now.version,
    )  # fmt: skip


def nights_of(code: str) -> list[Any]:
    """The nights that stand under a code, in order."""
    return list(Night.objects.filter(reservation=code).order_by("night").values_list("night", flat=True))

"""Reservations in every state, reached as people reach them: through services, the sandbox and the clock."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

from django.db import connection

from airbnb import clock
from airbnb.accounts.models import User
from airbnb.stays import Stay
from reservations import services
from reservations.models import Reservation
from rooms import queries as rooms
from tests.factories.reservations import next_stay
from tests.factories.rooms import listed_room

VISA = "pm_card_visa"
DECLINED = "pm_card_visa_chargeDeclined"
ASKS = "pm_card_authenticationRequired"
RETURN_URL = "https://binbang.example/return/"


def room_of(host: User | None = None, **fields: Any) -> Any:
    """A listed room, of a new host unless one is given."""
    return listed_room(host or _a_host(), **fields)


def held_reservation(
    guest: User, room: Any = None, *, stay: Stay | None = None, guests: int = 2, with_quote: bool = True, **fields: Any
) -> Reservation:
    """A hold at the price of a quote."""
    room = room or room_of()
    stay = stay or next_stay()
    token = rooms.quote(room.pk, stay, guests).token if with_quote else None
    return services.hold(guest=guest, room_id=room.pk, stay=stay, guests=guests, quote_token=token, **fields)


def pay_for(reservation: Reservation, method: str = VISA) -> services.PayOutcome:
    """The guest pays; needs the ``sandbox`` fixture."""
    return services.pay(code=reservation.code, guest=reservation.guest, payment_method=method, return_url=RETURN_URL)


def paying_reservation(guest: User, room: Any = None, **fields: Any) -> Reservation:
    """PAYING, and the bank asks the guest for a further step."""
    return pay_for(held_reservation(guest, room, **fields), ASKS).reservation


def confirmed_reservation(guest: User, room: Any = None, **fields: Any) -> Reservation:
    """Held and paid."""
    outcome = pay_for(held_reservation(guest, room, **fields))
    assert outcome.status == "confirmed", outcome
    return outcome.reservation


def requested_reservation(guest: User, room: Any = None, *, host: User | None = None, **fields: Any) -> Reservation:
    """In a room on request, with the total set aside: the host is asked."""
    room = room or room_of(host, instant_book=False)
    outcome = pay_for(held_reservation(guest, room, **fields))
    assert outcome.status == "requested", outcome
    return outcome.reservation


def declined_reservation(guest: User, room: Any = None, **fields: Any) -> Reservation:
    """Asked for, and the host said no."""
    reservation = requested_reservation(guest, room, **fields)
    return services.refuse_request(reservation.code, reservation.host, "We repaint these days")


def cancelled_reservation(guest: User, room: Any = None, *, by: User | None = None, **fields: Any) -> Reservation:
    """Confirmed, then cancelled by its guest (or by the host or an operator)."""
    reservation = confirmed_reservation(guest, room, **fields)
    return cancel(reservation, by or guest)


def cancel(reservation: Reservation, by: User, reason: str = "Plans have changed") -> Reservation:
    """Look at the refund, then cancel."""
    token = services.preview_cancellation(reservation.code, by).token
    return services.cancel(reservation.code, by, token, reason)


def in_stay_reservation(guest: User, room: Any = None, **fields: Any) -> Reservation:
    """The check-in time has come: the reservation was moved into the past and the timer noticed."""
    reservation = confirmed_reservation(guest, room, **fields)
    _move_until(reservation, reservation.check_in_at)
    return _timed(reservation)


def completed_reservation(guest: User, room: Any = None, **fields: Any) -> Reservation:
    """The stay is over; moved into the past as on the local stack, so that real time goes on from there."""
    reservation = confirmed_reservation(guest, room, **fields)
    _move_until(reservation, reservation.check_out_at)
    return _timed(reservation)


def expired_reservation(guest: User, room: Any = None, **fields: Any) -> Reservation:
    """A hold that nobody paid in time, swept."""
    reservation = held_reservation(guest, room, **fields)
    services.backdate(code=reservation.code, days=0, seconds=3600)
    services.expire_holds()
    return fresh(reservation)


def fresh(reservation: Reservation) -> Reservation:
    """Read again from the database."""
    return Reservation.objects.select_related("guest", "host").get(pk=reservation.pk)


def _move_until(reservation: Reservation, moment: Any) -> None:
    away = moment - clock.now()
    days = away.days + 1
    if days > 0:
        services.backdate(code=reservation.code, days=days, seconds=0)


def _timed(reservation: Reservation) -> Reservation:
    services.move_stays()
    return fresh(reservation)


def _a_host() -> User:
    from airbnb.accounts.services import create_user

    return create_user(f"host-{User.objects.count()}@example.com", "pass-word-1", name="지우", host=True)


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    """Run the jobs in threads that start together; what each returned, or the exception it raised, in order."""
    barrier = Barrier(len(jobs))
    results: list[Any] = [None] * len(jobs)

    def run(number: int, job: Callable[[], Any]) -> None:
        try:
            barrier.wait(timeout=20)
            results[number] = job()
        except Exception as error:
            results[number] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads), "a job never came back"
    return results


__all__ = [
    "ASKS",
    "DECLINED",
    "VISA",
    "at_once",
    "cancel",
    "cancelled_reservation",
    "completed_reservation",
    "confirmed_reservation",
    "declined_reservation",
    "expired_reservation",
    "fresh",
    "held_reservation",
    "in_stay_reservation",
    "pay_for",
    "paying_reservation",
    "requested_reservation",
    "room_of",
]

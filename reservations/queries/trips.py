"""The guest's trips and one trip for a party to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from airbnb import clock
from airbnb.errors import NotFound
from airbnb.money import Money
from reservations.cancellation import Agreement, Step, steps_of
from reservations.models import Reservation, Trip
from reservations.queries import reading
from reservations.queries.rows import TripRow, row_of, trip_behind
from reservations.states import LIVE, Status


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. ``at`` is ISO 8601 in UTC; ``actor`` guest, host, operator, gateway or system.

    ``amount`` is the sum of money that it was about, where it was about one.
    """

    at: str
    event: str
    actor: str
    detail: str
    correlation_id: str
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class TripView:
    """A whole trip: its row, what was agreed (frozen at booking), and its timeline."""

    row: TripRow
    by: str
    lines: list[dict[str, Any]]
    cancellation_policy: str
    house_rules_i18n: dict[str, str]
    message: str
    contact_name: str
    contact_phone: str
    can_extend: bool
    pay_later: bool
    was_requested: bool
    decline_reason: str
    confirmed_at: datetime | None
    completed_at: datetime | None
    cancelled_at: datetime | None
    cancelled_by: str
    cancel_reason: str
    refund_lines: list[dict[str, Any]]
    action_url: str
    timeline: list[Entry]
    agreement: Agreement
    lags: bool
    stamp: str

    @property
    def steps(self) -> list[Step]:
        """How the refund falls until check-in."""
        return steps_of(self.agreement)


@dataclass(frozen=True, slots=True)
class TripPage:
    """Some trips, and whether there are more."""

    rows: list[TripRow]
    has_more: bool


# Holds that ended unpaid are nothing to look back on; requests that ended are.
_NEVER_ASKED = Q(status=Status.EXPIRED, answer_by__isnull=True)


def trips_of_guest(user_id: int, *, past: bool = False, offset: int = 0, limit: int = 20) -> TripPage:
    """Upcoming trips soonest first, or past ones latest first. Holds that ended unpaid are left out."""
    at = clock.now()
    if past:
        over = [Status.COMPLETED, Status.CANCELLED, Status.DECLINED, Status.EXPIRED]
        return trips_in(user_id, over, offset=offset, limit=limit)
    ahead = Trip.objects.filter(_standing(at), guest_id=user_id).order_by("check_in", "pk")
    found = reading.trips(ahead, user_id, first=offset, limit=limit + 1)
    return TripPage([row_of(each, at=at) for each in found[:limit]], len(found) > limit)


def trips_in(user_id: int, states: Sequence[Status], *, offset: int = 0, limit: int = 20) -> TripPage:
    """A guest's trips in these states, latest stay first."""
    mine = Trip.objects.filter(guest_id=user_id, status__in=states).exclude(_NEVER_ASKED)
    wanted = mine.order_by("-check_in", "-pk")
    found = reading.trips(wanted, user_id, first=offset, limit=limit + 1)
    return TripPage([row_of(each) for each in found[:limit]], len(found) > limit)


def trips_by_state(user_id: int) -> dict[str, int]:
    """How many trips of a guest are in each state."""
    mine = Trip.objects.filter(guest_id=user_id).exclude(_NEVER_ASKED)
    counted = mine.values_list("status").annotate(n=Count("pk"))
    return dict(counted.order_by())


def has_upcoming(user_id: int) -> bool:
    """Whether this person is guest or host of something that still stands."""
    return Reservation.objects.filter(Q(guest_id=user_id) | Q(host_id=user_id), status__in=LIVE).exists()


def trip_of(code: str, user_id: int, *, operator: bool = False) -> TripView:
    """A trip for its guest, its host, or an operator. Anybody else, and an unknown code: NotFound."""
    reservation = reading.trip(code)
    if reservation is None:
        raise NotFound()
    by = _role(reservation, user_id, operator)
    at = clock.now() if reservation.status in (Status.HELD, Status.REQUESTED) else None
    return TripView(
        row=row_of(reservation, at=at),
        by=by,
        lines=reservation.lines,
        cancellation_policy=reservation.cancellation_policy,
        house_rules_i18n=reservation.house_rules_i18n,
        message=reservation.message,
        contact_name=reservation.contact_name,
        contact_phone=reservation.contact_phone,
        can_extend=_can_extend(reservation, at),
        pay_later=reservation.pay_later,
        was_requested=reservation.answer_by is not None,
        decline_reason=reservation.changed_why if reservation.status == Status.DECLINED else "",
        confirmed_at=reservation.confirmed_at,
        completed_at=reservation.completed_at,
        cancelled_at=reservation.cancelled_at,
        cancelled_by=reservation.cancelled_by,
        cancel_reason=reservation.cancel_reason,
        refund_lines=reservation.refund_lines,
        action_url=_action_url(reservation),
        timeline=_timeline(reservation),
        agreement=reservation.agreement(),
        lags=reading.lags(reservation),
        stamp=reading.stamp_of(reservation),
    )


def _standing(at: datetime) -> Q:
    held = Q(status=Status.HELD, hold_expires_at__gt=at)
    asked = Q(status=Status.REQUESTED) & (Q(answer_by__gt=at) | Q(accepted_at__isnull=False))
    return Q(status__in=LIVE - {Status.HELD, Status.REQUESTED}) | held | asked


def _role(reservation: Reservation, user_id: int, operator: bool) -> str:
    if user_id == reservation.guest_id:
        return "guest"
    if user_id == reservation.host_id:
        return "host"
    if operator:
        return "operator"
    raise NotFound()


def _can_extend(reservation: Reservation, at: datetime | None) -> bool:
    held = reservation.status == Status.HELD and at is not None and not reservation.hold_is_over(at)
    kept_already = reservation.hold_extended_at or reservation.pay_later
    return held and not kept_already and reservation.accepted_at is None


def _action_url(reservation: Reservation) -> str:
    trip = trip_behind(reservation)
    return trip.action_url if trip is not None and reservation.status == Status.PAYING else ""


def _timeline(reservation: Reservation) -> list[Entry]:
    trip = trip_behind(reservation)
    return [
        Entry(each["at"], each["event"], each["actor"], each["detail"], each["correlation_id"], _sum(each, reservation))
        for each in (trip.timeline if trip is not None else ())
    ]


def _sum(noted: dict[str, Any], reservation: Reservation) -> Money | None:
    return Money(noted["minor"], reservation.currency) if "minor" in noted else None

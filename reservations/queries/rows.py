"""One reservation as lists show it, from the trip view alone (:mod:`reservations.queries.reading`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from airbnb.money import Money
from reservations.models import Reservation, Trip
from reservations.states import LABELS, PAID, Status


@dataclass(frozen=True, slots=True)
class RefundShown:
    """``status``: pending, succeeded or failed."""

    amount: Money
    status: str
    rule: str


@dataclass(frozen=True, slots=True)
class TripRow:
    """A trip in a list; texts in both languages, ``cover`` by width."""

    code: str
    status: str
    payment_status: str
    guest_id: int
    host_id: int
    room_id: int
    room_code: str
    room_slug: str
    room_title_i18n: dict[str, str]
    room_cover: dict[str, str]
    check_in: date
    check_out: date
    check_in_at: datetime
    check_out_at: datetime
    time_zone: str
    guests: int
    total: Money
    host_payout: Money
    refund: RefundShown | None
    hold_expires_at: datetime | None
    created_at: datetime
    contact_name: str
    instant: bool
    answer_by: datetime | None
    accepted_at: datetime | None
    message: str

    @property
    def nights(self) -> int:
        """How many."""
        return (self.check_out - self.check_in).days

    @property
    def check_in_time(self) -> time:
        """From when the guest may come in, at the place, as it was agreed; the host's setting may be another by now."""
        return self.check_in_at.astimezone(ZoneInfo(self.time_zone)).time()

    @property
    def check_out_time(self) -> time:
        """Until when the guest has to leave, likewise."""
        return self.check_out_at.astimezone(ZoneInfo(self.time_zone)).time()

    @property
    def is_accepted(self) -> bool:
        """Whether the host said yes to a request and the money is still to come."""
        return self.accepted_at is not None and self.status in ("held", "paying", "requested")

    @property
    def was_never_paid(self) -> bool:
        """Whether it was cancelled before any money was taken: a request that its guest took back."""
        return self.status == "cancelled" and self.refund is None

    @property
    def status_label(self) -> str:
        """The state in the reader's language."""
        return str(LABELS[Status(self.status)])


def trip_behind(reservation: Reservation) -> Trip | None:
    """The view's row that this copy of a reservation was made from; None for the record itself."""
    trip: Trip | None = getattr(reservation, "trip", None)
    return trip


def row_of(reservation: Reservation, *, at: datetime | None = None) -> TripRow:
    """The row; with ``at``, a hold or request that is over by then is shown as expired, swept or not."""
    trip = trip_behind(reservation)
    over = at is not None and (reservation.hold_is_over(at) or reservation.answer_is_over(at))
    return TripRow(
        code=reservation.code,
        status=str(Status.EXPIRED) if over else str(reservation.status),
        payment_status=payment_status(reservation, trip),
        guest_id=reservation.guest_id,
        host_id=reservation.host_id,
        room_id=reservation.room_id,
        room_code=reservation.room_code,
        room_slug=reservation.room_slug,
        room_title_i18n=reservation.room_title_i18n,
        room_cover=reservation.room_cover,
        check_in=reservation.check_in,
        check_out=reservation.check_out,
        check_in_at=reservation.check_in_at,
        check_out_at=reservation.check_out_at,
        time_zone=reservation.time_zone,
        guests=reservation.guests,
        total=reservation.total,
        host_payout=Money(reservation.host_payout_minor, reservation.currency),
        refund=refund_of(reservation, trip),
        hold_expires_at=reservation.hold_expires_at,
        created_at=reservation.created_at,
        contact_name=reservation.contact_name,
        instant=reservation.instant,
        answer_by=reservation.answer_by if reservation.is_open_request else None,
        accepted_at=reservation.accepted_at,
        message=reservation.message,
    )


def payment_status(reservation: Reservation, trip: Trip | None) -> str:
    """As the view knows it; worked out from the state where there is no view."""
    if trip is not None:
        return trip.payment_status
    if reservation.status in PAID or reservation.captured_minor:
        return "captured"
    if reservation.status == Status.REQUESTED:
        return "authorized"
    return "processing" if reservation.status == Status.PAYING else "none"


def refund_of(reservation: Reservation, trip: Trip | None) -> RefundShown | None:
    """The refund that is due and how far it is; also for money that came too late and was refused."""
    if reservation.status == Status.CANCELLED and reservation.captured_minor:
        due, rule = reservation.refund_due_minor, reservation.refund_rule
    elif trip is not None and trip.refused_minor and not reservation.captured_minor:
        due, rule = trip.refused_minor, "money_refused"
    else:
        return None
    sent = trip.refunded_minor - reservation.returned_minor if trip is not None else 0
    failed = trip is not None and trip.refund_failed
    status = "succeeded" if sent >= due else "failed" if failed else "pending"
    return RefundShown(Money(due, reservation.currency), status, rule)

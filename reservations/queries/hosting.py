"""The state of a host's lettings: who arrives, leaves, stays, what is full and what it earns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.conf import settings
from django.db.models import Count, Q, QuerySet, Sum

from airbnb import clock
from airbnb.money import Money
from reservations.models import Reservation, Trip
from reservations.queries import reading
from reservations.queries.rows import TripRow, row_of
from reservations.queries.trips import TripPage
from reservations.states import LIVE, PAID, Status


@dataclass(frozen=True, slots=True)
class BoardStay:
    """A stay on the board, with the name the guest gave."""

    row: TripRow
    guest_name: str


@dataclass(frozen=True, slots=True)
class BoardMoney:
    """``due``: the host's part of what stands and is not over; ``earned``: of what was completed, in the range."""

    due: Money
    earned: Money


@dataclass(frozen=True, slots=True)
class Board:
    """From ``first`` up to and including ``last``, dates of the rooms. ``taken`` counts nights by room id."""

    first: date
    last: date
    arrivals: list[BoardStay]
    departures: list[BoardStay]
    in_stay: list[BoardStay]
    upcoming: list[BoardStay]
    holds: list[BoardStay]
    recently_changed: list[BoardStay]
    requests: list[BoardStay]
    taken: dict[int, int]
    money: list[BoardMoney]

    def occupancy_bp(self, rooms: int) -> int:
        """Nights sold of those that ``rooms`` rooms have in the range, in basis points."""
        nights = rooms * ((self.last - self.first).days + 1)
        return sum(self.taken.values()) * 10_000 // nights if nights else 0


def board(host_id: int, first: date, last: date) -> Board:
    """The board of one host in seven statements, whatever the number of rooms."""
    reading.be_up_to_date(host_id)
    mine = Trip.objects.filter(host_id=host_id)
    standing = _stays(mine.filter(status__in=LIVE, check_in__lte=last, check_out__gte=first))
    sold = [each for each in standing if each.row.status in ("confirmed", "in_stay")]
    ahead = _stays(mine.filter(status=Status.CONFIRMED, check_in__gt=last), limit=20)
    over = _stays(mine.filter(status=Status.COMPLETED, check_out__gte=first, check_out__lte=last), limit=200)
    changed = mine.filter(status=Status.CANCELLED).order_by("-cancelled_at")
    return Board(
        first=first,
        last=last,
        arrivals=[each for each in sold if first <= each.row.check_in <= last],
        departures=[each for each in sold + over if first <= each.row.check_out <= last],
        in_stay=[each for each in sold if each.row.status == "in_stay"],
        upcoming=ahead,
        holds=[each for each in standing if each not in sold and each.row.status != "requested"],
        requests=open_requests(host_id),
        recently_changed=_stays(changed, limit=5, ordered=True),
        taken=_nights_by_room(sold + over, first, last),
        money=_money(mine, first, last),
    )


def open_requests(host_id: int) -> list[BoardStay]:
    """What waits for this host's answer now, the soonest due first; beside a list that has just been read."""
    mine = Trip.objects.filter(host_id=host_id, status=Status.REQUESTED, accepted_at__isnull=True)
    still_open = mine.filter(answer_by__gt=clock.instant())
    return _stays(still_open.order_by("answer_by", "pk"), ordered=True)


@dataclass(frozen=True, slots=True)
class ResponseRate:
    """Of the requests that ended in the last year: how many the host answered in time."""

    asked: int
    answered: int

    @property
    def percent(self) -> int | None:
        """Whole per cent; None before there was any."""
        return round(100 * self.answered / self.asked) if self.asked else None


def response_rate(host_id: int) -> ResponseRate:
    """Accepted and declined requests were answered; those that ended for want of an answer were not.

    Requests that the guest took back, that are still open, or that an operator declined say nothing of the host.
    """
    since = clock.now() - timedelta(days=365)
    mine = Reservation.objects.filter(host_id=host_id, answer_by__gte=since)
    declined = Q(status=Status.DECLINED, changed_by="host")
    counts = mine.aggregate(
        answered=Count("pk", filter=Q(accepted_at__isnull=False) | declined),
        missed=Count("pk", filter=Q(status=Status.EXPIRED, accepted_at__isnull=True, changed_why="expired")),
    )
    return ResponseRate(asked=counts["answered"] + counts["missed"], answered=counts["answered"])


def host_board(host_id: int) -> Board:
    """Today's board, by the calendar of the product's own time zone."""
    today = clock.today_in(settings.TIME_ZONE)
    return board(host_id, today, today)


def stays_of_host(
    host_id: int, *, tab: str = "", room_id: int | None = None, query: str = "", offset: int = 0, limit: int = 20
) -> TripPage:
    """A host's reservations. ``tab``: upcoming, requests, in_stay, completed, cancelled, held or empty
    for all that was paid.
    """
    found = Trip.objects.filter(host_id=host_id).filter(_tab(tab))
    if room_id is not None:
        found = found.filter(room_id=room_id)
    if query:
        found = found.filter(
            Q(reservation_id=query.upper()) | Q(contact_name__icontains=query) | Q(guest__name__icontains=query)
        )
    newest_first = tab in ("", "completed", "cancelled")
    ordered = found.order_by("-check_in" if newest_first else "check_in", "pk")
    at = clock.now()
    rows = reading.trips(ordered, host_id, first=offset, limit=limit + 1)
    return TripPage([_named(each, row_of(each, at=at)) for each in rows[:limit]], len(rows) > limit)


def _tab(tab: str) -> Q:
    ended = Q(status=Status.EXPIRED, answer_by__isnull=False)
    by_tab = {
        "upcoming": Q(status=Status.CONFIRMED),
        "in_stay": Q(status=Status.IN_STAY),
        "completed": Q(status=Status.COMPLETED),
        "requests": Q(status=Status.REQUESTED),
        "cancelled": Q(status__in=[Status.CANCELLED, Status.DECLINED]) | ended,
        "held": Q(status__in=[Status.HELD, Status.PAYING]),
    }
    return by_tab.get(tab, Q(status__in=[*PAID, Status.CANCELLED]))


def _stays(found: QuerySet[Trip], *, limit: int = 500, ordered: bool = False) -> list[BoardStay]:
    rows = found.select_related("guest") if ordered else found.select_related("guest").order_by("check_in", "pk")
    copies = [each.standing() for each in rows[:limit]]
    return [BoardStay(row_of(each), each.contact_name or each.guest.shown_name) for each in copies]


def _named(reservation: Reservation, row: TripRow) -> TripRow:
    return row if row.contact_name else replace(row, contact_name=reservation.guest.shown_name)


def _nights_by_room(stays: list[BoardStay], first: date, last: date) -> dict[int, int]:
    end = last + timedelta(days=1)
    taken: dict[int, int] = {}
    for stay in stays:
        nights = (min(stay.row.check_out, end) - max(stay.row.check_in, first)).days
        taken[stay.row.room_id] = taken.get(stay.row.room_id, 0) + max(0, nights)
    return taken


def _money(mine: QuerySet[Trip], first: date, last: date) -> list[BoardMoney]:
    """One entry per currency."""
    standing = Q(status__in=[Status.CONFIRMED, Status.IN_STAY])
    done = Q(status=Status.COMPLETED, check_out__gte=first, check_out__lte=last)
    sums = (
        mine.filter(standing | done)
        .values("currency")
        .annotate(
            due=Sum("host_payout_minor", filter=standing, default=0),
            earned=Sum("host_payout_minor", filter=done, default=0),
            count=Count("pk"),
        )
        .order_by("currency")
    )
    return [
        BoardMoney(Money(int(each["due"]), each["currency"]), Money(int(each["earned"]), each["currency"]))
        for each in sums
    ]

"""The state of a host's lettings, read from RoomView, the stays that events told, and the nights."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from airbnb.clock import today_in
from airbnb.errors import NotFound
from airbnb.money import Money
from airbnb.stays import Stay
from rooms.models import DayRule, Night, Room, RoomStay, RoomView
from rooms.pricing import Rates, night_price
from rooms.texts import Texts, both


@dataclass(frozen=True, slots=True)
class HostRoom:
    """A room in its host's list, with the state that RoomView tells."""

    id: int
    code: str
    slug: str
    title_i18n: Texts
    cover: dict[str, str]
    kind: str
    city: str
    status: str
    base_price: Money
    state: str
    current_reservation: str
    next_reservation: str
    next_check_in: date | None
    reservation: str
    reservation_status: str
    payment_status: str
    review_count: int
    rating: float | None


@dataclass(frozen=True, slots=True)
class NightCell:
    """One night of one room: ``state`` is free, held, reserved, blocked, imported or preparation."""

    date: date
    state: str
    reservation: str
    price: Money
    note: str


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A room on the board: its state, its nights between the dates, and who arrives and leaves."""

    room: HostRoom
    nights: list[NightCell]
    stays: list[StayOnBoard]
    occupancy: float


@dataclass(frozen=True, slots=True)
class StayOnBoard:
    """A live stay that touches the dates, as events told it."""

    reservation: str
    guest_id: int | None
    check_in: date
    check_out: date
    guests: int
    total: Money
    status: str
    payment_status: str
    answer_by: datetime | None


def room_state(room_id: int) -> HostRoom:
    """The Roomview of one room, whoever asks; raises NotFound."""
    room = Room.objects.filter(pk=room_id).prefetch_related("photos").first()
    if room is None:
        raise NotFound()
    return _host_room(room, _view(room))


def host_rooms(host_id: int) -> list[HostRoom]:
    """A host's rooms that were not taken down, newest first, in three statements."""
    rooms = list(Room.objects.of_host(host_id).prefetch_related("photos"))
    views = RoomView.objects.in_bulk([room.pk for room in rooms])
    return [_host_room(room, views.get(room.pk) or RoomView(room_id=room.pk)) for room in rooms]


def host_room(host_id: int, slug: str) -> HostRoom:
    """One of the host's rooms by slug; raises NotFound for anyone else's."""
    room = Room.objects.of_host(host_id).filter(slug=slug).prefetch_related("photos").first()
    if room is None:
        raise NotFound()
    return _host_room(room, _view(room))


def board(host_id: int, first: date | None = None, last: date | None = None) -> list[BoardRow]:
    """Every room of the host with its nights from ``first`` (default: today) up to and without ``last`` (31 days).

    Six statements, however many rooms and days.
    """
    rooms = list(Room.objects.of_host(host_id).prefetch_related("photos"))
    begin = first or today_in(rooms[0].time_zone if rooms else "Asia/Seoul")
    span = Stay(begin, last or begin + timedelta(days=31))
    ids = [room.pk for room in rooms]
    views = RoomView.objects.in_bulk(ids)
    nights, rules, stays = _nights(ids, span), _rules(ids, span), _stays(ids, span)
    return [_row(room, views.get(room.pk) or RoomView(room_id=room.pk), span, nights, rules, stays) for room in rooms]


def requests(host_id: int) -> list[tuple[str, StayOnBoard]]:
    """What waits for this host's answer, whatever its dates: the room's code and the stay, the soonest due first."""
    rows = RoomStay.objects.filter(host_id=host_id, status="requested", answer_by__isnull=False).order_by(
        "answer_by", "pk"
    )
    codes = dict(Room.objects.of_host(host_id).values_list("pk", "code"))
    return [
        (codes[row.room_id], _stay(row, row.check_in, row.check_out))
        for row in rows
        if row.room_id in codes and row.check_in and row.check_out
    ]


def _view(room: Room) -> RoomView:
    return RoomView.objects.filter(pk=room.pk).first() or RoomView(room_id=room.pk)


def _nights(ids: list[int], span: Stay) -> dict[tuple[int, date], Night]:
    rows = Night.objects.filter(room_id__in=ids, night__gte=span.check_in, night__lt=span.check_out)
    return {(row.room_id, row.night): row for row in rows}


def _rules(ids: list[int], span: Stay) -> dict[int, list[DayRule]]:
    found: dict[int, list[DayRule]] = {}
    rows = DayRule.objects.between(span.check_in, span.check_out).filter(room_id__in=ids, price_minor__isnull=False)
    for row in rows:
        found.setdefault(row.room_id, []).append(row)
    return found


def _stays(ids: list[int], span: Stay) -> dict[int, list[StayOnBoard]]:
    found: dict[int, list[StayOnBoard]] = {}
    rows = RoomStay.objects.live().filter(room_id__in=ids, check_in__lte=span.check_out, check_out__gte=span.check_in)
    for row in rows.order_by("check_in", "pk"):
        if row.room_id and row.check_in and row.check_out:
            found.setdefault(row.room_id, []).append(_stay(row, row.check_in, row.check_out))
    return found


def _stay(row: RoomStay, check_in: date, check_out: date) -> StayOnBoard:
    price = Money(row.total_minor, row.currency)
    answer_by = row.answer_by if row.status == "requested" else None
    return StayOnBoard(row.pk, row.guest_id, check_in, check_out, row.guests, price, row.status, row.payment, answer_by)


def _row(
    room: Room,
    view: RoomView,
    span: Stay,
    nights: dict[tuple[int, date], Night],
    rules: dict[int, list[DayRule]],
    stays: dict[int, list[StayOnBoard]],
) -> BoardRow:
    rates = _rates(room, rules.get(room.pk, []))
    row = [_night(rates, nights.get((room.pk, day)), day) for day in span.nights]
    sold = sum(cell.state == "reserved" for cell in row)
    return BoardRow(_host_room(room, view), row, stays.get(room.pk, []), round(sold / len(row), 3))


def _rates(room: Room, rules: list[DayRule]) -> Rates:
    return Rates(
        currency=room.currency,
        base_minor=room.base_price_minor,
        weekend_minor=room.weekend_price_minor,
        date_prices={each.day: each.price_minor or 0 for each in rules if each.kind == DayRule.Kind.DATE},
        season_prices={each.day: each.price_minor or 0 for each in rules if each.kind == DayRule.Kind.SEASON},
    )


def _night(rates: Rates, taken: Night | None, day: date) -> NightCell:
    price = Money(night_price(rates, day)[0], rates.currency)
    if taken is None:
        return NightCell(day, "free", "", price, "")
    held = taken.kind == Night.Kind.RESERVED and not taken.settled
    return NightCell(day, "held" if held else taken.kind, taken.reservation, price, taken.note)


def _host_room(room: Room, view: RoomView) -> HostRoom:
    return HostRoom(
        id=room.pk,
        code=room.code,
        slug=room.slug,
        title_i18n=both(room.title_i18n),
        cover=room.cover,
        kind=room.kind,
        city=room.city,
        status=room.status,
        base_price=Money(room.base_price_minor, room.currency),
        state=view.state,
        current_reservation=view.current_reservation,
        next_reservation=view.next_reservation,
        next_check_in=view.next_check_in,
        reservation=view.shown_reservation,
        reservation_status=view.shown_status,
        payment_status=view.shown_payment,
        review_count=view.review_count,
        rating=view.rating,
    )

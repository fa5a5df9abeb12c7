"""Take and free nights: the only writer of the calendar, called by other contexts inside their own transaction.

Order of locks: the room's row of the search index first, then its nights. The index row is the one lock of a room's
calendar: whoever writes nights has it from their first statement here to the end of the transaction, so calls may
follow each other in any order and number and no two transactions can each hold what the other waits for.
:func:`settle_nights` alone goes without it: it frees and takes nothing and wants nothing afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from airbnb.db import require_transaction
from airbnb.errors import Conflict
from airbnb.events.bus import publish
from airbnb.stays import Stay
from rooms.events import RoomCancelled, RoomReserved
from rooms.models import Night, Room, SearchIndex

_LOOK = """
    SELECT room.status, ARRAY(
        SELECT night FROM rooms_night
        WHERE room_id = room.id AND night >= %(first)s AND night < %(last)s ORDER BY night)
    FROM rooms_room AS room JOIN rooms_searchindex AS entry ON entry.room_id = room.id
    WHERE room.id = %(room)s FOR KEY SHARE OF room FOR NO KEY UPDATE OF entry
"""


class NightsTaken(Conflict):
    """Some of the nights are already taken; ``facts["nights"]`` names them."""

    code = "nights_taken"
    title = _("These nights have just been taken")


class RoomGone(Conflict):
    """The host has taken the room down."""

    code = "room_gone"
    title = _("This room is no longer let")


class NightsReserved(Conflict):
    """The host wants to close nights that a reservation has; ``facts["nights"]`` names them."""

    code = "nights_reserved"
    title = _("Some of these nights are reserved")


def take_nights(room_id: int, stay: Stay, *, reservation: str) -> None:
    """Take every night of the stay for a reservation, or none of them.

    The primary key of ``Night`` decides between callers at the same moment: the later one waits for the earlier
    transaction to end. Raises :class:`NightsTaken` or :class:`RoomGone`.
    """
    require_transaction()
    if taken := _look(room_id, stay):
        raise NightsTaken(nights=_listed(taken))
    won = Night.objects.take_and_mark(room_id, stay, reservation=reservation)
    if len(won) < stay.length:
        _give_back(room_id, won, reservation)
        raise NightsTaken(nights=_listed(set(stay.nights) - set(won)))


def take_more_nights(room_id: int, nights: Iterable[date], *, holder: str) -> None:
    """Take these nights, which need not follow each other, under ``holder`` (an alteration's code), or none of them.

    Raises :class:`NightsTaken` with all that others have, or :class:`RoomGone`.
    """
    require_transaction()
    runs = _runs(nights)
    if not runs:
        return
    if lost := [night for run in runs for night in _look(room_id, run)]:
        raise NightsTaken(nights=_listed(lost))
    with transaction.atomic():
        for run in runs:
            take_nights(room_id, run, reservation=holder)


def alter_nights(reservation: str, stay: Stay, *, holder: str) -> None:
    """The reservation has these nights from now on: those it keeps, and those that ``holder`` kept for it.

    Nights of neither stay are freed in the same step, so that it never has none and never two sets. Publishes
    RoomReserved with the new dates where they differ. Raises :class:`NightsTaken` when a night of the new stay is
    neither its own nor the holder's, with nothing changed.
    """
    require_transaction()
    held = _locked(reservation)
    mine = Night.objects.held_by(reservation, holder)
    nights = {night.night for night in mine.select_for_update()}
    if missing := set(stay.nights) - nights:
        raise NightsTaken(nights=_listed(missing))
    mine.filter(night__gte=stay.check_in, night__lt=stay.check_out).update(reservation=reservation, settled=True)
    Night.objects.held_by(reservation, holder).exclude(night__gte=stay.check_in, night__lt=stay.check_out).delete()
    SearchIndex.objects.redraw_locked([held[0].room_id])
    if {night.night for night in held} != set(stay.nights):
        _tell_reserved(held[0].room_id, reservation, stay)


def settle_nights(reservation: str) -> None:
    """The reservation's nights are taken for good: publishes RoomReserved once, again does nothing."""
    require_transaction()
    held = Night.objects.held_by(reservation)
    if not held.settle():
        return
    nights = list(held.values_list("night", flat=True))
    _tell_reserved(held[0].room_id, reservation, Stay(nights[0], nights[-1] + timedelta(days=1)))


def free_nights(reservation: str, *, keep_blocked: bool = False) -> None:
    """Let a reservation's nights go, or keep them closed for the host; with none left, does nothing.

    Publishes RoomCancelled if they had been taken for good.
    """
    require_transaction()
    held = _locked(reservation)
    if not held:
        return
    rows = Night.objects.held_by(reservation)
    if keep_blocked:
        rows.close(reservation)
    else:
        rows.delete()
        SearchIndex.objects.redraw_locked([held[0].room_id])
    if any(night.settled for night in held):
        _tell_cancelled(held, reservation, keep_blocked)


def end_nights(reservation: str) -> None:
    """The stay is over: its nights leave the calendar, and nobody is told that anything was cancelled."""
    require_transaction()
    if held := _locked(reservation):
        Night.objects.held_by(reservation).delete()
        SearchIndex.objects.redraw_locked([held[0].room_id])


def shift_nights(holders: Iterable[str], days: int) -> None:
    """Move the nights of a reservation and its alterations ``days`` later (earlier when negative), all at once.

    For `backdate_reservation` alone. Raises :class:`NightsTaken` when another holder has one of the new nights.
    """
    require_transaction()
    held = _locked(*holders)
    if not held or not days:
        return
    room_id, away = held[0].room_id, timedelta(days=days)
    settled = {each.reservation for each in held if each.settled}
    Night.objects.held_by(*holders).delete()
    for holder in {each.reservation for each in held}:
        take_more_nights(room_id, [each.night + away for each in held if each.reservation == holder], holder=holder)
    Night.objects.held_by(*settled).settle()
    SearchIndex.objects.redraw_locked([room_id])


def block(room_id: int, stay: Stay, note: str = "") -> None:
    """Close nights for the host; those that are closed already stay so. Raises :class:`NightsReserved`."""
    require_transaction()
    SearchIndex.objects.lock([room_id])
    _refuse_reserved(room_id, stay)
    Night.objects.take(room_id, stay, kind=Night.Kind.BLOCKED, note=note)
    SearchIndex.objects.mark_taken(room_id, stay)


def require_unreserved(room_id: int, stay: Stay) -> None:
    """Raise :class:`NightsReserved` if a reservation has one of the nights; until the commit none can take one."""
    require_transaction()
    SearchIndex.objects.lock([room_id])
    _refuse_reserved(room_id, stay)


def unblock(room_id: int, stay: Stay) -> None:
    """Open the nights that the host had closed; reserved and imported ones stay as they are."""
    require_transaction()
    SearchIndex.objects.lock([room_id])
    opened, _rows = Night.objects.of(room_id, stay).filter(kind=Night.Kind.BLOCKED).delete()
    if opened:
        SearchIndex.objects.redraw_locked([room_id])


def holders(room_id: int, stay: Stay) -> set[str]:
    """Codes of the reservations that have nights within these dates: whoever books may first expire stale holds."""
    return set(Night.objects.of(room_id, stay).filter(kind=Night.Kind.RESERVED).values_list("reservation", flat=True))


def _locked(*holders: str) -> list[Night]:
    """The nights of a reservation (or of several holders), with the lock of their room's calendar taken before."""
    held = Night.objects.held_by(*holders)
    SearchIndex.objects.lock(set(held.values_list("room_id", flat=True)))
    return list(held.select_for_update())


def _look(room_id: int, stay: Stay) -> list[date]:
    """The nights that are taken already, cheaply seen; raises :class:`RoomGone`.

    The room's lock is the one the nights' foreign key takes anyway; taken first, it waits for a host who is deleting.
    Then comes the calendar's. What was taken while it was waited for is not seen here but found by the insert.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, {"room": room_id, "first": stay.check_in, "last": stay.check_out})
        row = cursor.fetchone()
    if row is None or row[0] == Room.Status.ARCHIVED:
        raise RoomGone()
    return list(row[1])


def _give_back(room_id: int, nights: Iterable[date], reservation: str) -> None:
    """The losing caller's transaction holds none of the nights it asked for, even if it goes on."""
    Night.objects.filter(room_id=room_id, night__in=list(nights), reservation=reservation).delete()


def _refuse_reserved(room_id: int, stay: Stay) -> None:
    reserved = Night.objects.of(room_id, stay).filter(kind=Night.Kind.RESERVED).values_list("night", flat=True)
    if nights := list(reserved):
        raise NightsReserved(nights=_listed(nights))


def _listed(nights: Iterable[date]) -> list[str]:
    return [night.isoformat() for night in sorted(nights)]


def _runs(nights: Iterable[date]) -> list[Stay]:
    """The nights as stays, each as long as they follow each other."""
    runs: list[Stay] = []
    for night in sorted(set(nights)):
        after = night + timedelta(days=1)
        if runs and runs[-1].check_out == night:
            runs[-1] = Stay(runs[-1].check_in, after)
        else:
            runs.append(Stay(night, after))
    return runs


def _tell_reserved(room_id: int, reservation: str, stay: Stay) -> None:
    room = Room.objects.get(pk=room_id)
    publish(
        RoomReserved(
            room_id=room.pk,
            room_code=room.code,
            reservation=reservation,
            check_in=stay.check_in.isoformat(),
            check_out=stay.check_out.isoformat(),
        )
    )


def _tell_cancelled(held: list[Night], reservation: str, kept_blocked: bool) -> None:
    room = Room.objects.get(pk=held[0].room_id)
    publish(
        RoomCancelled(
            room_id=room.pk,
            room_code=room.code,
            reservation=reservation,
            check_in=held[0].night.isoformat(),
            check_out=(held[-1].night + timedelta(days=1)).isoformat(),
            kept_blocked=kept_blocked,
        )
    )

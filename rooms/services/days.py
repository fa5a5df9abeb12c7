"""Prices, least stays and closed nights of single days; seasons and discounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from airbnb.db import write
from airbnb.errors import Invalid
from airbnb.money import Money
from airbnb.stays import Stay
from rooms import calendar
from rooms.models import DayRule, DiscountRule, Room
from rooms.pricing import DISCOUNTS, Discount
from rooms.services.telling import locked_room, tell
from rooms.services.terms import refused_sum
from rooms.texts import Texts

MOST_DAYS = 731


class _Keep:
    """The value of a field that is not to be touched; None means "take it away"."""

    def __repr__(self) -> str:
        return "KEEP"


KEEP: Any = _Keep()


@dataclass(frozen=True, slots=True)
class DayChange:
    """What a host sets for a run of nights; ``KEEP`` leaves a thing as it is, None takes it away."""

    nights: Stay
    blocked: bool | None = None
    price: Money | None = KEEP
    min_nights: int | None = KEEP
    note: str = ""

    @property
    def fields(self) -> list[str]:
        """The columns of a day rule that this change sets."""
        given = {"price_minor": self.price, "min_nights": self.min_nights}
        return [name for name, value in given.items() if value is not KEEP]

    def rule(self, room: Room, kind: str, night: Any, season: Texts | None = None) -> DayRule:
        """The row for one night."""
        price = self.price if isinstance(self.price, Money) else None
        least = None if self.min_nights is KEEP else self.min_nights
        return DayRule(
            room=room,
            day=night,
            kind=kind,
            price_minor=None if price is None else price.amount_minor,
            min_nights=least,
            season_i18n=season or {},
        )


def set_days(*, room_id: int, host_id: int, changes: Sequence[DayChange], over_reserved: bool = True) -> None:
    """Apply all changes of a host's calendar or none; the same again does nothing more.

    Closing a night that a reservation has raises NightsReserved. Its price may change, since what was agreed is
    frozen with the reservation; with ``over_reserved`` off (the HTTP contract) every change there is refused.
    Raises Invalid, NotFound.
    """
    with write():
        room = locked_room(room_id, host_id)
        _check(room, changes)
        for change in changes:
            if not over_reserved:
                calendar.require_unreserved(room.pk, change.nights)
            _apply_block(room, change)
            _lay(room, change, DayRule.Kind.DATE)
        if any(change.fields for change in changes):
            room.edit({})
            tell(room)


def block_nights(*, room_id: int, host_id: int, nights: Stay, note: str = "") -> None:
    """Close nights of the host's room. Raises NightsReserved, NotFound."""
    set_days(room_id=room_id, host_id=host_id, changes=[DayChange(nights, blocked=True, note=note)])


def unblock_nights(*, room_id: int, host_id: int, nights: Stay) -> None:
    """Open nights that the host had closed; reserved ones stay as they are. Raises NotFound."""
    set_days(room_id=room_id, host_id=host_id, changes=[DayChange(nights, blocked=False)])


def set_season(
    *, room_id: int, host_id: int, name_i18n: Texts, nights: Stay, price: Money, min_nights: int | None = None
) -> None:
    """Give a run of nights a season's price and least stay; single dates set by hand still go before it."""
    change = DayChange(nights, price=price, min_nights=min_nights)
    with write():
        room = locked_room(room_id, host_id)
        _check(room, [change])
        _lay(room, change, DayRule.Kind.SEASON, name_i18n)
        room.edit({})
        tell(room)


def clear_season(*, room_id: int, host_id: int, nights: Stay) -> None:
    """Take the season off these nights."""
    with write():
        room = locked_room(room_id, host_id)
        rules = room.day_rules.between(nights.check_in, nights.check_out).filter(kind=DayRule.Kind.SEASON)
        if rules.delete()[0]:
            room.edit({})
            tell(room)


def set_discounts(*, room_id: int, host_id: int, discounts: Sequence[Discount]) -> None:
    """Replace the room's discounts; nothing happens when they are the same. Raises Invalid, NotFound."""
    for each in discounts:
        if each.kind not in DISCOUNTS or each.threshold < 0 or not 1 <= each.share_bp <= 9000:
            raise Invalid({"discounts": [_("A discount takes from 1 to 90 % off")]})
    with write():
        room = locked_room(room_id, host_id)
        before = {each.rule() for each in room.discounts.all()}
        if before == set(discounts):
            return
        room.discounts.all().delete()
        DiscountRule.objects.bulk_create(
            DiscountRule(room=room, kind=each.kind, threshold=each.threshold, share_bp=each.share_bp)
            for each in set(discounts)
        )
        room.edit({})
        tell(room)


def _check(room: Room, changes: Sequence[DayChange]) -> None:
    for index, change in enumerate(changes):
        if change.nights.length > MOST_DAYS:
            raise Invalid({f"{index}.to": [_("At most two years at a time")]})
        price = change.price
        if isinstance(price, Money) and price.currency != room.currency:
            raise Invalid({f"{index}.price": [_("All sums of a room are in one currency")]})
        if isinstance(price, Money) and (wrong := refused_sum(price, nightly=True)):
            raise Invalid({f"{index}.price": [wrong]})
        least = change.min_nights
        if least is not KEEP and least is not None and not 1 <= least <= room.max_nights:
            raise Invalid({f"{index}.min_nights": [_("From one night to the most that the room allows")]})


def _apply_block(room: Room, change: DayChange) -> None:
    if change.blocked is None:
        return
    if change.blocked:
        calendar.block(room.pk, change.nights, change.note)
    else:
        calendar.unblock(room.pk, change.nights)


def _lay(room: Room, change: DayChange, kind: str, season: Texts | None = None) -> None:
    if not change.fields:
        return
    fields = [*change.fields, "season_i18n"] if season else change.fields
    rules = [change.rule(room, kind, night, season) for night in change.nights.nights]
    room.day_rules.lay(rules, fields)

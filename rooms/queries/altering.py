"""What an altered stay costs and whether it may be: the same terms as a quote, and what was agreed kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings

from airbnb.money import Money, total
from airbnb.stays import Stay
from rooms.models import Night
from rooms.pricing import Line, host_payout
from rooms.queries.terms import Terms, stay_terms
from rooms.quotes import StayRefused
from rooms.repricing import Agreed, line_of, one_discount, reprice
from rooms.stay_rules import reason, refusals_of_change


@dataclass(frozen=True, slots=True)
class AlteredQuote:
    """An altered stay: its lines sum to ``total``. ``added`` nights it has more, ``dropped`` it has no longer.

    ``discount_lost``: the old stay had a discount and the new one earns none.
    """

    stay: Stay
    guests: int
    lines: list[Line]
    total: Money
    host_payout: Money
    added: list[date]
    dropped: list[date]
    discount_lost: bool
    check_in_from: str
    check_out_until: str


@dataclass(frozen=True, slots=True)
class Booked:
    """The reservation that is to be altered: frozen ``lines`` as JSON; ``holders`` are the codes its nights go by."""

    room_id: int
    stay: Stay
    guests: int
    lines: list[dict[str, Any]]
    currency: str
    booked_on: date
    holders: tuple[str, ...]
    begun: bool = False


def altered_quote(
    booked: Booked, stay: Stay, guests: int, *, by_host: bool = False, taking: bool = False
) -> AlteredQuote:
    """The bill of the altered stay by what was agreed and today's terms; writes and takes nothing.

    Raises :class:`StayRefused` with every reason, also when others have an added night, or NotFound. ``by_host``: the
    room's own rules on length, notice and window do not bind its host. ``taking``: the caller takes the nights next,
    and that decides whether they are free.
    """
    known = stay_terms(booked.room_id, stay)
    added = [night for night in stay.nights if night not in booked.stay.nights]
    broken = refusals_of_change(
        known.rules, booked.stay, stay, guests, today=known.today, begun=booked.begun, by_host=by_host
    )
    if known.rates.currency != booked.currency:
        broken.append(reason("not_listed"))
    if not taking and _others_have(booked, added):
        broken.append(reason("taken"))
    if broken:
        raise StayRefused(broken)
    return _priced(booked, known, stay, guests, added)


def _priced(booked: Booked, known: Terms, stay: Stay, guests: int, added: list[date]) -> AlteredQuote:
    house = settings.BINBANG
    lines = tuple(line_of(line) for line in booked.lines)
    agreed = Agreed(booked.stay, booked.guests, lines, booked.booked_on, booked.currency)
    new = reprice(agreed, known.rates, stay, guests, guest_fee_bp=house["GUEST_FEE_BP"])
    return AlteredQuote(
        stay=stay,
        guests=guests,
        lines=new,
        total=total([line.amount for line in new], booked.currency),
        host_payout=host_payout(new, house["HOST_FEE_BP"]),
        added=added,
        dropped=[night for night in booked.stay.nights if night not in stay.nights],
        discount_lost=bool(agreed.of("discount")) and one_discount(agreed, known.rates, stay) is None,
        check_in_from=known.room.check_in_from.strftime("%H:%M"),
        check_out_until=known.room.check_out_until.strftime("%H:%M"),
    )


def _others_have(booked: Booked, nights: list[date]) -> bool:
    taken = Night.objects.filter(room_id=booked.room_id, night__in=nights)
    return bool(nights) and taken.exclude(reservation__in=booked.holders).exists()

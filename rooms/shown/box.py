"""The price box: what the chosen dates cost, or why they cannot be had and what can."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from airbnb.stays import Stay
from rooms import queries
from rooms.asking import room_url
from rooms.forms import StayForm
from rooms.queries import Alternative, Quote, RoomFacts, StayRefused
from rooms.shown.days import Chosen
from rooms.texts import in_language


@dataclass(frozen=True, slots=True)
class Instead:
    """An alternative with the address that leads to it."""

    stay: Alternative
    url: str
    same_room: bool


@dataclass(frozen=True, slots=True)
class PriceBox:
    """Either a quote with the steps of its refund, or reasons with alternatives, or neither: dates are missing."""

    form: StayForm
    chosen: Chosen
    quote: Quote | None = None
    steps: list[Any] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    alternatives: list[Instead] = field(default_factory=list)

    @property
    def nights(self) -> int:
        """How many nights are chosen."""
        check_in, check_out = self.chosen.check_in, self.chosen.check_out
        return (check_out - check_in).days if check_in and check_out else 0

    @property
    def url_params(self) -> tuple[date | None, date | None, int]:
        """Dates and guests, for addresses."""
        return self.chosen.check_in, self.chosen.check_out, self.chosen.guests


def chosen_by(form: StayForm) -> Chosen:
    """The reader's choice; nothing of it where the form has mistakes."""
    if not form.is_valid():
        return Chosen(None, None, form.party)
    return Chosen(form.cleaned_data["check_in"], form.cleaned_data["check_out"], form.party)


def price_box(room: RoomFacts, form: StayForm) -> PriceBox:
    """The box for what the form asks; a form with mistakes shows them and no price."""
    chosen = chosen_by(form)
    if not (chosen.check_in and chosen.check_out):
        return PriceBox(form, chosen)
    stay = Stay(chosen.check_in, chosen.check_out)
    try:
        quote = queries.quote(room.id, stay, chosen.guests)
    except StayRefused as refused:
        return PriceBox(
            form,
            chosen,
            reasons=[in_language(reason.text_i18n) for reason in refused.reasons],
            alternatives=alternatives_of(room, stay, chosen.guests),
        )
    return PriceBox(form, chosen, quote=quote, steps=refund_steps(room, quote))


def alternatives_of(room: RoomFacts, stay: Stay, guests: int) -> list[Instead]:
    """What can be booked instead, with addresses."""
    return [
        Instead(each, room_url(each.slug, each.check_in, each.check_out, guests), each.slug == room.slug)
        for each in queries.alternatives(room.id, stay, guests)
    ]


def refund_steps(room: RoomFacts, quote: Quote) -> list[Any]:
    """What would come back until when, if the stay were booked now.

    Refunds are worked out where reservations live, which this context must not import: the function's name is a
    setting, as for every port.
    """
    explain: Callable[..., list[Any]] = import_string(settings.BINBANG["REFUND_STEPS"])
    return explain(
        policy=quote.cancellation_policy,
        stay=quote.stay,
        check_in_from=room.check_in_from,
        time_zone=room.time_zone,
        lines=[line.as_json() for line in quote.lines],
        currency=quote.currency,
    )

"""A quote: what a stay costs, line by line, signed so that the price shown is the price paid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core import signing
from django.utils.translation import gettext_lazy as _

from airbnb import clock
from airbnb.errors import Conflict, DomainError
from airbnb.money import Money, total
from airbnb.stays import Stay
from rooms.pricing import Line
from rooms.stay_rules import Reason
from rooms.texts import in_language

_SALT = "rooms.quote"


class StayRefused(Conflict):
    """The stay breaks a rule of the room; ``reasons`` has every one of them."""

    code = "stay_refused"
    title = _("This stay cannot be booked")

    def __init__(self, reasons: list[Reason]) -> None:
        self.reasons = reasons
        shown = [{"code": each.code, "text": in_language(each.text_i18n)} for each in reasons]
        super().__init__(" · ".join(each["text"] for each in shown), reasons=shown)


class QuoteInvalid(DomainError):
    """The token was not made here, or was changed."""

    code = "quote_invalid"
    status = 422
    title = _("This is not one of our quotes")


class QuoteExpired(Conflict):
    """The quote's time is up; ask for a new one. ``quote`` is what was shown."""

    code = "quote_expired"
    title = _("This price was held for 15 minutes and has to be asked for again")

    def __init__(self, quote: Quote) -> None:
        self.quote = quote
        super().__init__()


@dataclass(frozen=True, slots=True)
class Quote:
    """The lines sum to ``total`` exactly; ``token`` is good until ``expires_at``."""

    room_id: int
    room_code: str
    check_in: date
    check_out: date
    guests: int
    currency: str
    lines: list[Line]
    total: Money
    host_payout: Money
    token: str
    expires_at: datetime
    cancellation_policy: str
    room_version: int
    instant_book: bool = True

    @property
    def stay(self) -> Stay:
        """Its dates."""
        return Stay(self.check_in, self.check_out)


def sign(quote: Quote) -> str:
    """The token that carries a whole quote, lines included."""
    return signing.dumps(
        {
            "r": [quote.room_id, quote.room_code, quote.room_version],
            "s": [quote.check_in.isoformat(), quote.check_out.isoformat(), quote.guests],
            "c": quote.currency,
            "l": [_packed(line) for line in quote.lines],
            "h": quote.host_payout.amount_minor,
            "p": quote.cancellation_policy,
            "x": quote.expires_at.isoformat(),
            "i": quote.instant_book,
        },
        salt=_SALT,
        compress=True,
    )


def read(token: str) -> Quote:
    """The quote of a token; raises :class:`QuoteInvalid` or, by the database's clock, :class:`QuoteExpired`."""
    try:
        data = signing.loads(token, salt=_SALT)
    except signing.BadSignature as error:
        raise QuoteInvalid() from error
    quote = _unpacked(data, token)
    if quote.expires_at <= clock.now():
        raise QuoteExpired(quote)
    return quote


def _packed(line: Line) -> list[Any]:
    return [line.kind, line.amount.amount_minor, line.reason, line.date.isoformat() if line.date else None]


def _unpacked(data: dict[str, Any], token: str) -> Quote:
    currency = data["c"]
    lines = [
        Line(kind, Money(amount, currency), reason, date.fromisoformat(night) if night else None)
        for kind, amount, reason, night in data["l"]
    ]
    room_id, room_code, room_version = data["r"]
    check_in, check_out, guests = data["s"]
    return Quote(
        room_id=room_id,
        room_code=room_code,
        check_in=date.fromisoformat(check_in),
        check_out=date.fromisoformat(check_out),
        guests=guests,
        currency=currency,
        lines=lines,
        total=total([line.amount for line in lines], currency),
        host_payout=Money(data["h"], currency),
        token=token,
        expires_at=datetime.fromisoformat(data["x"]),
        cancellation_policy=data["p"],
        room_version=room_version,
        # Quotes of before there were requests to book do not say it.
        instant_book=data.get("i", True),
    )

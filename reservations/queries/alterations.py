"""Alterations as their two parties see them: old and new side by side, and what the reader may do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from airbnb import clock
from airbnb.errors import NotFound
from airbnb.money import Money, total
from airbnb.stays import Stay
from payments import queries as payments
from reservations.models import Alteration, AlterationStatus, Reservation
from reservations.models.alteration import ALTERATION_LABELS, WAITING


@dataclass(frozen=True, slots=True)
class Terms:
    """One side of a comparison; ``lines`` as frozen JSON."""

    stay: Stay
    guests: int
    lines: list[dict[str, Any]]
    total: Money
    host_payout: Money


@dataclass(frozen=True, slots=True)
class AlterationView:
    """A proposal; ``by`` is the reader's side (guest or host), ``proposed_by`` whose idea it was.

    For the guest alone: ``pay_later`` says that they wanted to pay while payments were down and are written to when
    they are back, ``action_url`` where their bank, or the gateway's window, waits for them.
    """

    code: str
    reservation: str
    status: str
    by: str
    proposed_by: str
    message: str
    old: Terms
    new: Terms
    difference: Money
    discount_lost: bool
    created_at: datetime
    expires_at: datetime
    accepted_at: datetime | None
    decided_at: datetime | None
    closed_by: str
    time_zone: str
    payment_id: str | None
    pay_later: bool
    action_url: str
    version: int

    @property
    def label(self) -> str:
        """Where it stands, in the reader's language."""
        return str(ALTERATION_LABELS[AlterationStatus(self.status)])

    @property
    def is_open(self) -> bool:
        """Whether it may yet come true."""
        return self.status in ("proposed", "accepted", "paying")

    @property
    def costs_more(self) -> bool:
        """Whether the guest has to pay for it."""
        return self.difference.amount_minor > 0

    @property
    def may_answer(self) -> bool:
        """Whether yes or no is the reader's to say."""
        return self.status == "proposed" and self.by != self.proposed_by

    @property
    def may_withdraw(self) -> bool:
        """Whether the reader may take it back."""
        return self.by == self.proposed_by and (
            self.status == "proposed" or (self.status == "accepted" and self.by == "guest")
        )

    @property
    def must_pay(self) -> bool:
        """Whether it waits for the reader's money, the host having agreed."""
        return self.status == "accepted" and self.by == "guest"

    @property
    def rows(self) -> list[ComparedLine]:
        """Line by line, what it was and what it would be."""
        return compared(self.old.lines, self.new.lines, self.difference.currency)


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """``kind`` kept (nights that stay), added, dropped, or a kind of line; a side that has none reads None."""

    kind: str
    night: date | None
    count: int
    old: Money | None
    new: Money | None

    @property
    def difference(self) -> Money:
        """New less old."""
        some = self.old or self.new
        assert some is not None
        zero = Money.zero(some.currency)
        return (self.new or zero) - (self.old or zero)


OTHERS = ("discount", "cleaning", "extra_guest", "service", "tax")


def compared(old: list[dict[str, Any]], new: list[dict[str, Any]], currency: str) -> list[ComparedLine]:
    """Nights that stay in one row, added and dropped ones by date, then every other kind that either bill has."""
    before, after = _nights(old), _nights(new)
    kept = sorted(before.keys() & after.keys())
    rows = []
    if kept:
        sums = [total([nights[day] for day in kept], currency) for nights in (before, after)]
        rows.append(ComparedLine("kept", None, len(kept), *sums))
    for day in sorted(before.keys() ^ after.keys()):
        rows.append(ComparedLine("added" if day in after else "dropped", day, 1, before.get(day), after.get(day)))
    for kind in OTHERS:
        sides = [_of(lines, kind, currency) for lines in (old, new)]
        if sides[0] is not None or sides[1] is not None:
            rows.append(ComparedLine(kind, None, 1, *sides))
    return rows


def alterations_of(code: str, user_id: int) -> list[AlterationView]:
    """All proposals for a reservation, newest first, for its guest or host; anybody else: NotFound."""
    reservation, by = _seen(code, user_id)
    found = reservation.alterations.as_read().order_by("-created_at", "-pk")
    return [_view(each, reservation, by) for each in found]


def alteration_of(code: str, alteration: str, user_id: int) -> AlterationView:
    """One of them; raises NotFound."""
    reservation, by = _seen(code, user_id)
    found = reservation.alterations.as_read().filter(code=alteration).first()
    if found is None:
        raise NotFound()
    return _view(found, reservation, by, action_url=_action_url(found, reservation) if by == "guest" else "")


def why_unpaid(view: AlterationView) -> str | None:
    """Why the last payment for this change came to nothing, as a code; None when nobody has tried to pay."""
    payment = _last_payment(view.reservation, f"alteration:{view.code}")
    return None if payment is None else payment.failure_code or "refused"


def open_alteration_of(code: str, by: str) -> AlterationView | None:
    """The proposal that waits, as this side (guest or host) sees it, in one statement; none whose time is over."""
    standing = Alteration.objects.open().filter(reservation__code=code)
    found = standing.as_read().select_related("reservation").first()
    view = _view(found, found.reservation, by) if found is not None else None
    return view if view is not None and view.is_open else None


def _seen(code: str, user_id: int) -> tuple[Reservation, str]:
    reservation = Reservation.objects.of_party(user_id).filter(code=code).first()
    if reservation is None:
        raise NotFound()
    return reservation, "guest" if reservation.guest_id == user_id else "host"


def _action_url(found: Alteration, reservation: Reservation) -> str:
    if found.status != AlterationStatus.PAYING:
        return ""
    payment = _last_payment(reservation.code, found.purpose)
    return payment.action_url if payment is not None and payment.status == "requires_action" else ""


def _last_payment(code: str, purpose: str) -> payments.PaymentFacts | None:
    return next((each for each in payments.payments_of(code) if each.purpose == purpose), None)


def _waits(found: Alteration) -> bool:
    wait = getattr(found, "wait", None)
    return wait is not None and wait.asked_at is None and found.status in WAITING


def _view(found: Any, reservation: Reservation, by: str, *, action_url: str = "") -> AlterationView:
    """``found`` as it was read, with the instant: a proposal is dead at its time, even where the timer is late."""
    currency, over = found.currency, found.is_over(clock.override() or found.read_at)
    return AlterationView(
        code=found.code,
        reservation=reservation.code,
        status=AlterationStatus.EXPIRED.value if over else found.status,
        by=by,
        proposed_by=found.proposed_by,
        message=found.message,
        old=Terms(
            found.old_stay,
            found.old_guests,
            found.old_lines,
            Money(found.old_total_minor, currency),
            Money(found.old_host_payout_minor, currency),
        ),
        new=Terms(
            found.stay,
            found.guests,
            found.lines,
            Money(found.total_minor, currency),
            Money(found.host_payout_minor, currency),
        ),
        difference=found.difference,
        discount_lost=found.discount_lost,
        created_at=found.created_at,
        expires_at=found.expires_at,
        accepted_at=found.accepted_at,
        decided_at=found.decided_at,
        closed_by=found.closed_by,
        time_zone=reservation.time_zone,
        payment_id=str(found.payment_id) if found.payment_id else None,
        pay_later=by == "guest" and not over and _waits(found),
        action_url=action_url,
        version=found.version,
    )


def _nights(lines: list[dict[str, Any]]) -> dict[date, Money]:
    nights = [line for line in lines if line["kind"] == "night"]
    return {date.fromisoformat(line["date"]): Money.from_json(line["amount"]) for line in nights}


def _of(lines: list[dict[str, Any]], kind: str, currency: str) -> Money | None:
    found = [Money.from_json(line["amount"]) for line in lines if line["kind"] == kind]
    return total(found, currency) if found else None

"""Fees, settlements and top-ups that a gateway told: each is kept and booked once, however often it is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

from airbnb import clock, db
from payments import ledger
from payments.gateways.port import FeeFor, Moved, Movement
from payments.models import BankMovement, GatewayFee, Payment
from payments.services.posting import post

POSTINGS = {Moved.FEE: ledger.fee_kept, Moved.SETTLED: ledger.settled, Moved.TOPPED_UP: ledger.topped_up}
Row = GatewayFee | BankMovement
CHUNK = 500


class Learnt(StrEnum):
    """``differs``: it is booked otherwise. ``strange``: a fee on a payment that is not ours."""

    NEW = "new"
    KNOWN = "known"
    DIFFERS = "differs"
    STRANGE = "strange"


def unbooked(gateway: str, told: Sequence[Movement]) -> Iterator[Movement]:
    """Those of which nothing is booked yet, or something else; most of a week is known, by one question."""
    for first in range(0, len(told), CHUNK):
        some = told[first : first + CHUNK]
        known: dict[str, Row] = {}
        for model in (GatewayFee, BankMovement):
            rows = model.objects.filter(gateway=gateway, gateway_id__in=[each.gateway_id for each in some])
            known |= {row.gateway_id: row for row in rows}
        for each in some:
            mine = known.get(each.gateway_id)
            if mine is None or _beside(mine, each)[0] != Learnt.KNOWN:
                yield each


def record_movement(*, gateway: str, told: Movement) -> tuple[Learnt, int]:
    """Keep and book one movement; with what came of it, what was booked for it before, in minor units.

    What is booked stays: a movement that is told otherwise later is for an operator to explain. A fee on a payment that
    is not ours is left out as its payment is. Takes the reservation lock for a fee on one of our payments.
    """
    if (known := _known(gateway, told, None)) is not None:
        return _beside(known, told)
    payment = _payment_of(gateway, told)
    if payment is None and told.kind == Moved.FEE and told.fee_for != FeeFor.OTHER:
        return Learnt.STRANGE, 0
    reservation = payment.reservation if payment is not None else ""
    with db.write():
        db.lock(f"reservation:{reservation}" if reservation else f"movements:{gateway}")
        if (known := _known(gateway, told, payment)) is not None:
            return _beside(known, told)
        made = _keep(gateway, told, payment)
        source = "fee" if told.kind == Moved.FEE else "bank"
        entries = POSTINGS[told.kind](told.amount, gateway)
        post(source_type=source, source_id=str(made.pk), reservation=reservation, entries=entries)
        return Learnt.NEW, 0


def _keep(gateway: str, told: Movement, payment: Payment | None) -> Row:
    same: dict[str, Any] = {
        "gateway": gateway,
        "gateway_id": told.gateway_id,
        "amount_minor": told.amount.amount_minor,
        "currency": told.amount.currency,
        "at": told.at,
        "created_at": clock.now(),
    }
    if told.kind == Moved.FEE:
        return GatewayFee.objects.create(about=told.fee_for.value, payment=payment, **same)
    return BankMovement.objects.create(direction=told.kind.value, **same)


def _known(gateway: str, told: Movement, payment: Payment | None) -> Row | None:
    """The row of this movement; of a fee, also another one for the taking of the same payment: that is paid once."""
    if told.kind != Moved.FEE:
        return BankMovement.objects.filter(gateway=gateway, gateway_id=told.gateway_id).first()
    fees = GatewayFee.objects.all()
    known = fees.filter(gateway=gateway, gateway_id=told.gateway_id).first()
    if known is None and payment is not None and told.fee_for == FeeFor.PAYMENT:
        known = fees.filter(payment=payment, about=GatewayFee.About.PAYMENT).first()
    return known


def _beside(known: Row, told: Movement) -> tuple[Learnt, int]:
    """Whether it is told as it is booked."""
    same = (known.gateway_id, known.amount) == (told.gateway_id, told.amount)
    if isinstance(known, BankMovement):
        same = same and known.direction == told.kind
    return (Learnt.KNOWN if same else Learnt.DIFFERS), known.amount_minor


def _payment_of(gateway: str, told: Movement) -> Payment | None:
    """The payment that a fee is on, by our own reference, else by the gateway's."""
    if told.kind != Moved.FEE or told.fee_for == FeeFor.OTHER:
        return None
    mine = Payment.objects.filter(gateway=gateway)
    try:
        return mine.get(pk=UUID(told.payment_id))
    except (ValueError, Payment.DoesNotExist):
        return mine.filter(gateway_ref=told.gateway_ref).first() if told.gateway_ref else None

"""The daily full comparison of our payments with a gateway's own books.

It finds what nothing else would: a charge whose answer, webhook and every question were lost, or that a restored
backup has forgotten. What can be settled is settled by the usual service; what is left is listed for an operator.
And it brings the gateway's fees and what went to or came from the house's bank into our books.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import structlog
from django.db.models import Q

from airbnb import db
from payments import asking, charging, gateways
from payments.clearing import clearings
from payments.gateways.port import Booked, Capability, Movement, Unanswered
from payments.models import BooksComparison, Payment
from payments.services import (
    begin_comparison,
    drop_comparison,
    finish_comparison,
    movements_since,
    record_movement,
    unbooked,
)
from payments.services.movements import Learnt
from payments.states import PAID

log = structlog.get_logger(__name__)
MOST_LISTED = 200


def due() -> list[str]:
    """The gateways to be compared now and then."""
    return gateways.in_use()


def compare(gateway: str) -> int:
    """Compare one gateway unless it was done within a day; returns how many differences are left.

    No transaction may be open. A gateway that does not answer is asked again by the next run; where only its fees and
    bank movements cannot be had, by the next comparison, from where the last one was told.
    """
    db.forbid_transaction("a comparison of the books")
    comparison = begin_comparison(gateway)
    if comparison is None:
        return 0
    try:
        theirs = list(gateways.named(gateway).books(comparison.since, comparison.until))
    except Unanswered as problem:
        log.warning("books_not_compared", gateway=gateway, error=str(problem))
        drop_comparison(comparison.pk)
        return 0
    settled = _settle(theirs) + _settle_refunds(theirs)
    found = [*_theirs_not_ours(comparison, theirs), *_ours_not_theirs(comparison, theirs)]
    moved = _movements(comparison)
    booked, otherwise = _book(gateway, moved or [])
    differences = [*found, *otherwise][:MOST_LISTED]
    finish_comparison(
        comparison.pk,
        compared=len(theirs),
        settled=settled,
        movements=booked if moved is not None else None,
        differences=differences,
    )
    for each in clearings():
        if each.gateway == gateway and each.short:
            log.warning("gateway_must_be_topped_up", gateway=gateway, short=each.short.as_json())
    return len(differences)


def _movements(comparison: BooksComparison) -> list[Movement] | None:
    """The gateway's fees and bank movements; None when it did not tell, none when it never does."""
    gateway = gateways.named(comparison.gateway)
    if Capability.MOVEMENTS not in gateway.capabilities:
        return []
    try:
        return list(gateway.movements(movements_since(comparison), comparison.until))
    except Unanswered as problem:
        log.warning("movements_not_told", gateway=comparison.gateway, error=str(problem))
        return None


def _book(gateway: str, moved: list[Movement]) -> tuple[int, list[dict[str, Any]]]:
    """Keep and book what is new; returns how many, and what is booked otherwise than it is told."""
    booked, otherwise = 0, []
    for each in unbooked(gateway, moved):
        try:
            learnt, ours = record_movement(gateway=gateway, told=each)
        except Exception:  # a row that is locked too long delays no other; it is told again tomorrow
            log.exception("movement_not_booked", gateway=gateway, id=each.gateway_id)
            continue
        booked += learnt == Learnt.NEW
        if learnt == Learnt.DIFFERS:
            otherwise.append(_difference(each.gateway_id, each.kind.value, ours, each.amount.amount_minor))
    return booked, otherwise


def _settle(theirs: list[Booked]) -> int:
    """Have the outcome of every payment found out that they have taken money for and we have not booked."""
    wanted = [key for each in theirs if each.captured_minor and (key := _uuid(each.payment_id)) is not None]
    open_ones = Payment.objects.filter(pk__in=wanted).exclude(status__in=PAID).values_list("pk", flat=True)
    settled = 0
    for payment_id in list(open_ones):
        try:
            settled += charging.settle(str(payment_id), may_send=False).status == "approved"
        except Exception:  # it is listed as a difference, and the others are settled
            log.exception("payment_not_settled", id=str(payment_id))
    return settled


def _settle_refunds(theirs: list[Booked]) -> int:
    """Have the refunds asked about of every payment of which they gave back another sum than we have booked."""
    sums = {key: each.refunded_minor for each in theirs if (key := _uuid(each.payment_id)) is not None}
    ours = Payment.objects.filter(pk__in=sums).values_list("pk", "refunded_minor")
    return asking.ask_about_refunds_of(pk for pk, minor in ours if minor != sums[pk])


def _theirs_not_ours(comparison: BooksComparison, theirs: list[Booked]) -> Iterable[dict[str, Any]]:
    keys = [key for each in theirs if (key := _uuid(each.payment_id)) is not None]
    ours = {str(each.pk): each for each in Payment.objects.filter(pk__in=keys)}
    moving = _moving(comparison)
    for each in theirs:
        if each.payment_id in moving:
            continue
        mine = ours.get(each.payment_id)
        if mine is None:
            if each.captured_minor > each.refunded_minor:
                yield _difference(each.payment_id, "unknown_to_us", 0, each.captured_minor - each.refunded_minor)
        elif mine.captured_minor != each.captured_minor or mine.currency != each.currency:
            yield _difference(each.payment_id, "captured", mine.captured_minor, each.captured_minor)
        elif not mine.refunded_minor <= each.refunded_minor <= mine.promised_minor:
            yield _difference(each.payment_id, "refunded", mine.refunded_minor, each.refunded_minor)


def _ours_not_theirs(comparison: BooksComparison, theirs: list[Booked]) -> Iterable[dict[str, Any]]:
    known = {each.payment_id for each in theirs}
    paid = Payment.objects.filter(gateway=comparison.gateway, status__in=PAID)
    # For so long after it was made a payment may have been sent, so at both ends it may be theirs outside of this time.
    first, last = comparison.since + charging.RESEND_FOR, comparison.until - charging.RESEND_FOR
    within = paid.filter(created_at__gte=first, created_at__lt=last).exclude(pk__in=_moving(comparison))
    for payment in within.exclude(pk__in=[key for each in known if (key := _uuid(each)) is not None]):
        yield _difference(str(payment.pk), "unknown_to_them", payment.captured_minor, 0)


def _moving(comparison: BooksComparison) -> set[str]:
    """Payments whose money moved since the comparison began: their two books were read at two instants."""
    mine = Payment.objects.filter(gateway=comparison.gateway)
    since = comparison.begun_at
    moved = mine.filter(Q(decided_at__gte=since) | Q(refunds__done_at__gte=since) | Q(refunds__created_at__gte=since))
    return {str(pk) for pk in moved.values_list("pk", flat=True)}


def _difference(payment: str, what: str, ours: int, theirs: int) -> dict[str, Any]:
    return {"payment": payment, "what": what, "ours": ours, "theirs": theirs}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None

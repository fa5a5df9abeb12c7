"""The daily full comparison of our payments with a gateway's own books.

It finds what nothing else would: a charge whose answer, webhook and every question were lost, or that a restored
backup has forgotten. What can be settled is settled by the usual service; what is left is listed for an operator.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import structlog

from airbnb import db
from payments import charging, gateways
from payments.gateways.port import Booked, Unanswered
from payments.models import BooksComparison, Payment
from payments.services import begin_comparison, finish_comparison
from payments.states import PAID

log = structlog.get_logger(__name__)
MOST_LISTED = 200


def due() -> list[str]:
    """The gateways to be compared now and then."""
    return gateways.in_use()


def compare(gateway: str) -> int:
    """Compare one gateway unless it was done within a day; returns how many differences are left.

    No transaction may be open. A gateway that does not answer is asked again by the next run.
    """
    db.forbid_transaction("a comparison of the books")
    comparison = begin_comparison(gateway)
    if comparison is None:
        return 0
    try:
        theirs = list(gateways.named(gateway).books(comparison.since, comparison.until))
    except Unanswered as problem:
        log.warning("books_not_compared", gateway=gateway, error=str(problem))
        return 0
    settled = _settle(theirs)
    differences = [*_theirs_not_ours(theirs), *_ours_not_theirs(comparison, theirs)][:MOST_LISTED]
    finish_comparison(comparison.pk, compared=len(theirs), settled=settled, differences=differences)
    return len(differences)


def _settle(theirs: list[Booked]) -> int:
    """Have the outcome of every payment found out that they have taken money for and we have not booked."""
    wanted = [key for each in theirs if each.captured_minor and (key := _uuid(each.payment_id)) is not None]
    open_ones = Payment.objects.filter(pk__in=wanted).exclude(status__in=PAID).values_list("pk", flat=True)
    settled = 0
    for payment_id in list(open_ones):
        settled += charging.settle(str(payment_id), may_send=False).status == "approved"
    return settled


def _theirs_not_ours(theirs: list[Booked]) -> Iterable[dict[str, Any]]:
    keys = [key for each in theirs if (key := _uuid(each.payment_id)) is not None]
    ours = {str(each.pk): each for each in Payment.objects.filter(pk__in=keys)}
    for each in theirs:
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
    within = paid.filter(created_at__gte=comparison.since + charging.RESEND_FOR, created_at__lt=comparison.until)
    for payment in within.exclude(pk__in=[key for each in known if (key := _uuid(each)) is not None]):
        yield _difference(str(payment.pk), "unknown_to_them", payment.captured_minor, 0)


def _difference(payment: str, what: str, ours: int, theirs: int) -> dict[str, Any]:
    return {"payment": payment, "what": what, "ours": ours, "theirs": theirs}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None

"""What a comparison with a gateway's books found, on record."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import structlog

from airbnb import clock, db
from payments.models import BooksComparison

log = structlog.get_logger(__name__)

EVERY = timedelta(days=1)
# The newest charges are left to the next comparison: their outcome may be on its way.
SETTLING = timedelta(minutes=15)
# The first comparison, or one after a long silence, looks back this far at most.
FURTHEST = timedelta(days=35)
# Every comparison begins this much before the end of the last: refunds and late captures of earlier days.
OVERLAP = timedelta(days=2)
# Fees and bank movements may be told days after they happened; what is known already costs one question.
TOLD_LATE = timedelta(days=7)
# A comparison that has not finished after this long has died: longer than its task may take.
LEASE = timedelta(minutes=35)


def begin_comparison(gateway: str) -> BooksComparison | None:
    """Record that a comparison begins; None when one was made within a day, or runs."""
    with db.write():
        db.lock(f"books:{gateway}")
        at = clock.now()
        mine = BooksComparison.objects.filter(gateway=gateway)
        last = mine.filter(finished_at__isnull=False).order_by("-until").first()
        if last is not None and last.until > at - SETTLING - EVERY:
            return None
        if mine.filter(finished_at__isnull=True, begun_at__gt=at - LEASE).exists():
            return None
        since = max(last.until - OVERLAP, at - FURTHEST) if last is not None else at - FURTHEST
        return BooksComparison.objects.create(gateway=gateway, since=since, until=at - SETTLING, begun_at=at)


def drop_comparison(pk: int) -> None:
    """The gateway did not tell its books: nothing was compared, and the next run begins anew."""
    BooksComparison.objects.filter(pk=pk, finished_at__isnull=True).delete()


def movements_since(comparison: BooksComparison) -> datetime:
    """From when on fees and bank movements are asked for: well before the end of the last comparison that was told."""
    told = BooksComparison.objects.filter(
        gateway=comparison.gateway, finished_at__isnull=False, movements__isnull=False, until__lt=comparison.until
    )
    last = told.order_by("-until").first()
    furthest = comparison.begun_at - FURTHEST
    return max(last.until - TOLD_LATE, furthest) if last is not None else furthest


def finish_comparison(
    pk: int, *, compared: int, settled: int, movements: int | None, differences: list[dict[str, Any]]
) -> None:
    """Keep what was found; differences are an error for an operator to look into."""
    with db.write():
        found = BooksComparison.objects.select_for_update().get(pk=pk)
        at = clock.now()
        found.finish(compared=compared, settled=settled, movements=movements, differences=differences, at=at)
        found.save()
    if differences:
        log.error("books_differ", gateway=found.gateway, differences=len(differences), comparison=pk)

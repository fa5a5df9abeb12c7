"""What was given back and sent is taken on to be asked about again, by one run alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from airbnb import clock, db
from payments.models import Payout, Refund

# One that was not answered is taken on again after so long.
LEASE = timedelta(hours=1)
# What is no longer asked about is out of the way of those that are.
NEVER = timedelta(days=36_500)


def refunds_to_ask_about(most: int) -> list[str]:
    """The ids of at most so many refunds that are due to be asked about; another run gets others."""
    return _taken_on(Refund.objects, most)


def payouts_to_ask_about(most: int) -> list[str]:
    """The same for payouts."""
    return _taken_on(Payout.objects, most)


def _taken_on(every: Any, most: int) -> list[str]:
    with db.write():
        at = clock.now()
        _move(every.for_good(at), most, at + NEVER)
        return [str(pk) for pk in _move(every.to_ask_again(at), most, at + LEASE)]


def _move(due: Any, most: int, to: datetime) -> list[Any]:
    free = due.select_for_update(skip_locked=True, of=("self",)).order_by("next_attempt_at")
    ids = list(free.values_list("pk", flat=True)[:most])
    due.model.objects.filter(pk__in=ids).update(next_attempt_at=to)
    return ids

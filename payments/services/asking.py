"""What was given back and sent is taken on to be asked about again, by one run alone."""

from __future__ import annotations

from datetime import timedelta

from airbnb import clock, db
from payments.models import Payout, Refund

# One that was not answered is taken on again after so long.
LEASE = timedelta(hours=1)


def refunds_to_ask_about(most: int) -> list[str]:
    """The ids of at most so many refunds that are due to be asked about; another run gets others."""
    with db.write():
        at = clock.now()
        due = Refund.objects.to_ask_again(at).select_for_update(skip_locked=True, of=("self",))
        ids = list(due.order_by("next_attempt_at").values_list("pk", flat=True)[:most])
        Refund.objects.filter(pk__in=ids).update(next_attempt_at=at + LEASE)
        return [str(pk) for pk in ids]


def payouts_to_ask_about(most: int) -> list[str]:
    """The same for payouts."""
    with db.write():
        at = clock.now()
        due = Payout.objects.to_ask_again(at).select_for_update(skip_locked=True, of=("self",))
        ids = list(due.order_by("next_attempt_at").values_list("pk", flat=True)[:most])
        Payout.objects.filter(pk__in=ids).update(next_attempt_at=at + LEASE)
        return [str(pk) for pk in ids]

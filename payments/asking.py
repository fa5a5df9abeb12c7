"""Gateways are asked once a day what became of refunds and payouts that are done: both may come back weeks later.

So no message of a gateway is needed to notice it. What is found goes the way that the message would have gone.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import structlog
from django.db.models import Q

from airbnb import db
from payments import paying_out, refunding
from payments.models import Refund
from payments.services import payouts_to_ask_about, refunds_to_ask_about
from payments.states import RefundStatus

log = structlog.get_logger(__name__)


def ask_again(*, most: int, seconds: float) -> int:
    """Ask about at most so many refunds and as many payouts, for at most ``seconds``; returns how many that were.

    Each has a time of its own, a day after it was done or last asked about, so that they are spread over the day. No
    transaction may be open.
    """
    db.forbid_transaction("asking again")
    ends = time.monotonic() + seconds
    asked = 0
    for ask, ids in ((refunding.settle, refunds_to_ask_about(most)), (paying_out.settle, payouts_to_ask_about(most))):
        for each in ids:
            if time.monotonic() > ends:
                return asked
            try:
                ask(each)
            except Exception:  # whatever is wrong with one keeps nobody from asking about the others
                log.exception("not_asked_again", id=each)
            asked += 1
    return asked


def ask_about_refunds_of(payments: Iterable[Any]) -> int:
    """Ask about every refund of these payments that was sent; returns how many stand otherwise than before."""
    sent = Q(status=RefundStatus.SUCCEEDED) | Q(status=RefundStatus.PENDING, attempts__gt=0)
    known = dict(Refund.objects.filter(sent, payment_id__in=list(payments)).values_list("pk", "status"))
    changed = 0
    for pk, before in known.items():
        try:
            changed += refunding.settle(str(pk)).status != before
        except Exception:  # as above
            log.exception("not_asked_again", id=str(pk))
    return changed

"""Our books against the gateway's own (I14, I23): what every storm, sweep and simulation asks at its end."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import Sum

from payments.models import LedgerEntry, Payment
from payments.states import PAID, RefundStatus

CLEARING = "gateway_clearing"


def differences(books: dict[str, Any], *, gateway: str = "stripe", settled: bool = True) -> list[str]:
    """Everything in which our tables and the gateway's books (``_ledger`` of its sandbox) differ, in words.

    ``settled=False`` forgives what is still on its way: undecided payments and refunds that were not sent yet.
    Doubled charges, money for nobody and sums that differ are never forgiven.
    """
    return [
        *_doubled(books),
        *_charges(books, gateway, settled),
        *_refunds(books, gateway, settled),
        *(_balances(books, gateway) if settled else ()),
    ]


def assert_equal(books: dict[str, Any], *, gateway: str = "stripe", settled: bool = True) -> None:
    """Fail with every difference."""
    found = differences(books, gateway=gateway, settled=settled)
    assert found == [], "\n".join(found)


def _doubled(books: dict[str, Any]) -> Iterable[str]:
    """Two charges for one payment, two refunds for one refund: the worst that can happen."""
    taken = Counter(_payment_of(each) for each in books["charges"] if each["captured"])
    for payment, count in taken.items():
        if count > 1:
            yield f"payment {payment} was charged {count} times"
    sent = Counter(each["metadata"].get("refund") for each in books["refunds"] if each["status"] != "failed")
    for refund, count in sent.items():
        if refund and count > 1:
            yield f"refund {refund} was sent {count} times"


def _charges(books: dict[str, Any], gateway: str, settled: bool) -> Iterable[str]:
    theirs = {_payment_of(each): each for each in books["charges"] if each["captured"]}
    ours = {str(each.pk): each for each in Payment.objects.filter(gateway=gateway)}
    for payment_id, charge in theirs.items():
        mine = ours.get(payment_id)
        if mine is None:
            yield f"the gateway took {charge['captured']} for payment {payment_id}, which we do not know"
        elif mine.status in PAID:
            if (mine.captured_minor, mine.currency) != (charge["captured"], charge["currency"]):
                yield f"payment {payment_id}: we booked {mine.captured_minor}, they took {charge['captured']}"
        elif settled:
            yield f"payment {payment_id}: they took {charge['captured']}, ours is {mine.status}"
    for payment_id, mine in ours.items():
        if mine.captured_minor and payment_id not in theirs:
            yield f"payment {payment_id}: we booked {mine.captured_minor}, they took nothing"
    if settled:
        yield from _left_set_aside(books, ours)


def _left_set_aside(books: dict[str, Any], ours: dict[str, Payment]) -> Iterable[str]:
    for each in books["charges"]:
        mine = ours.get(_payment_of(each))
        if each["status"] == "requires_capture" and (mine is None or mine.status != "authorized"):
            yield f"they keep {each['amount']} aside for payment {_payment_of(each)}, which nobody wants"


def _refunds(books: dict[str, Any], gateway: str, settled: bool) -> Iterable[str]:
    sent: dict[str, int] = defaultdict(int)
    for each in books["refunds"]:
        if each["status"] != "failed":
            sent[_payment_of(each)] += each["amount"]
    for payment in Payment.objects.filter(gateway=gateway, captured_minor__gt=0).prefetch_related("refunds"):
        theirs = sent.pop(str(payment.pk), 0)
        done = sum(each.amount_minor for each in payment.refunds.all() if each.status == RefundStatus.SUCCEEDED)
        if theirs != done and (settled or not done <= theirs <= payment.promised_minor):
            yield f"payment {payment.pk}: we sent {done} back, they {theirs}, of {payment.promised_minor} promised"
    for payment_id, theirs in sent.items():
        yield f"they sent {theirs} back of payment {payment_id}, of which we have nothing"


def _balances(books: dict[str, Any], gateway: str) -> Iterable[str]:
    """The gateway's balance is what it took less what it gave back and paid out (I23)."""
    theirs: dict[str, int] = defaultdict(int)
    for each in books["charges"]:
        theirs[each["currency"]] += each["captured"]
    for each in books["refunds"]:
        theirs[each["currency"]] -= each["amount"] if each["status"] != "failed" else 0
    for each in books["transfers"]:
        theirs[each["currency"]] -= each["amount"] - each["amount_reversed"]
    entries = LedgerEntry.objects.filter(account__kind=CLEARING, account__owner=gateway)
    ours = dict(entries.values_list("account__currency").annotate(total=Sum("amount_minor")))
    for currency in theirs.keys() | ours.keys():
        if theirs.get(currency, 0) != ours.get(currency, 0):
            yield f"{currency}: the books say {ours.get(currency, 0)}, the gateway has {theirs.get(currency, 0)}"


def _payment_of(record: dict[str, Any]) -> str:
    """Our own id of the payment, as the adapter writes it into the gateway's metadata."""
    return str(record["metadata"].get("payment", ""))

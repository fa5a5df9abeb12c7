"""Our books against the gateways' own (I14, I23): what every storm, sweep and simulation asks at its end."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import Sum

from payments.models import BankMovement, GatewayFee, LedgerEntry, Payment
from payments.states import PAID, RefundStatus

CLEARING = "gateway_clearing"
GATEWAYS = ("stripe", "toss")
# What a movement at the bank takes out of the gateway's balance, or brings.
WAYS = {"settled": 1, "topped_up": -1}


def differences(books: dict[str, Any], *, settled: bool = True, told: bool = False) -> list[str]:
    """Everything in which our tables and the gateways' books (``_ledger`` of the sandbox) differ, in words.

    ``settled=False`` forgives what is still on its way: undecided payments and refunds that were not sent yet.
    Doubled charges, money for nobody and sums that differ are never forgiven. ``told``: the daily comparison has been
    made since, so every fee and every movement at the bank is booked.
    """
    return [
        *_doubled(books),
        *_charges(books, settled),
        *_refunds(books, settled),
        *(each for gateway in GATEWAYS for each in _movements(books, gateway, told)),
        *(each for gateway in GATEWAYS if settled for each in _balances(books, gateway)),
    ]


def assert_equal(books: dict[str, Any], *, settled: bool = True, told: bool = False) -> None:
    """Fail with every difference."""
    found = differences(books, settled=settled, told=told)
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


def _charges(books: dict[str, Any], settled: bool) -> Iterable[str]:
    theirs = {_payment_of(each): each for each in books["charges"] if each["captured"]}
    ours = {str(each.pk): each for each in Payment.objects.all()}
    for payment_id, charge in theirs.items():
        mine = ours.get(payment_id)
        if mine is None:
            yield f"the gateway took {charge['captured']} for payment {payment_id}, which we do not know"
        elif mine.gateway != _gateway_of(charge):
            yield f"payment {payment_id}: {_gateway_of(charge)} took {charge['captured']}, which is for {mine.gateway}"
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


def _refunds(books: dict[str, Any], settled: bool) -> Iterable[str]:
    sent: dict[str, int] = defaultdict(int)
    for each in books["refunds"]:
        if each["status"] != "failed":
            sent[_payment_of(each)] += each["amount"]
    for payment in Payment.objects.filter(captured_minor__gt=0).prefetch_related("refunds"):
        theirs = sent.pop(str(payment.pk), 0)
        done = sum(each.amount_minor for each in payment.refunds.all() if each.status == RefundStatus.SUCCEEDED)
        if theirs != done and (settled or not done <= theirs <= payment.promised_minor):
            yield f"payment {payment.pk}: we sent {done} back, they {theirs}, of {payment.promised_minor} promised"
    for payment_id, theirs in sent.items():
        yield f"they sent {theirs} back of payment {payment_id}, of which we have nothing"


def _movements(books: dict[str, Any], gateway: str, told: bool) -> Iterable[str]:
    """Every fee and every movement at the bank that we booked is theirs, with its sum; once told, theirs are ours."""
    for name, theirs, ours in _moved(books, gateway):
        for key, minor in ours.items():
            if theirs.get(key) != minor:
                yield f"{name} {key}: we booked {minor}, they say {theirs.get(key)}"
        for key in theirs.keys() - ours.keys() if told else ():
            yield f"{name} {key}: {theirs[key]} is not booked"


Signed = dict[str, tuple[int, str]]


def _moved(books: dict[str, Any], gateway: str) -> list[tuple[str, Signed, Signed]]:
    """Fees and bank movements, theirs and ours, as (what leaves the gateway's balance, currency) by their names."""
    fees, bank = GatewayFee.objects.filter(gateway=gateway), BankMovement.objects.filter(gateway=gateway)
    return [
        (
            "fee",
            {each["id"]: (each["amount"], each["currency"]) for each in _of(books["fees"], gateway)},
            {each.gateway_id: (each.amount_minor, each.currency) for each in fees},
        ),
        (
            "bank movement",
            {
                each["id"]: (each["amount"] * WAYS[each["direction"]], each["currency"])
                for each in _of(books["bank"], gateway)
            },
            {each.gateway_id: (each.amount_minor * WAYS[each.direction], each.currency) for each in bank},
        ),
    ]


def _of(rows: list[dict[str, Any]], gateway: str) -> list[dict[str, Any]]:
    return [each for each in rows if _gateway_of(each) == gateway]


def _gateway_of(record: dict[str, Any]) -> str:
    return str(record.get("gateway", "stripe"))


def _balances(books: dict[str, Any], gateway: str) -> Iterable[str]:
    """The gateway's balance is what it took less what it gave back, paid out, kept and moved to the bank (I23).

    Of fees and bank movements those that it has told: the daily comparison brings the others.
    """
    theirs: dict[str, int] = defaultdict(int)
    for each in _of(books["charges"], gateway):
        theirs[each["currency"]] += each["captured"]
    for each in _of(books["refunds"], gateway):
        theirs[each["currency"]] -= each["amount"] if each["status"] != "failed" else 0
    for each in _of(books["transfers"], gateway):
        theirs[each["currency"]] -= each["amount"] - each["amount_reversed"]
    for _name, moved, known in _moved(books, gateway):
        for key, (minor, currency) in moved.items():
            theirs[currency] -= minor if key in known else 0
    entries = LedgerEntry.objects.filter(account__kind=CLEARING, account__owner=gateway)
    ours = dict(entries.values_list("account__currency").annotate(total=Sum("amount_minor")))
    for currency in theirs.keys() | ours.keys():
        booked, held = ours.get(currency, 0), theirs.get(currency, 0)
        if booked != held:
            yield f"{gateway} {currency}: the books say {booked}, the gateway has {held}"


def _payment_of(record: dict[str, Any]) -> str:
    """Our own id of the payment, as the adapter writes it into the gateway's metadata."""
    return str(record["metadata"].get("payment", ""))

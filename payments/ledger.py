"""What each movement of money means in double entry (pure): debits are positive, credits negative, sum zero.

Source of the table: the postings of the ledger's design (capture, refund promised, settled and failed). Money that
was only authorised is no entry.
"""

from __future__ import annotations

from dataclasses import dataclass

from airbnb.money import Money

GATEWAY_CLEARING = "gateway_clearing"
GUEST_FUNDS_HELD = "guest_funds_held"
HOST_PAYABLE = "host_payable"
PLATFORM_REVENUE = "platform_revenue"
TAX_PAYABLE = "tax_payable"
FEE_EXPENSE = "fee_expense"
REFUNDS_PAYABLE = "refunds_payable"
PAYOUT_IN_TRANSIT = "payout_in_transit"
DISPUTES_OPEN = "disputes_open"

ACCOUNT_KINDS = (
    GATEWAY_CLEARING,
    GUEST_FUNDS_HELD,
    HOST_PAYABLE,
    PLATFORM_REVENUE,
    TAX_PAYABLE,
    FEE_EXPENSE,
    REFUNDS_PAYABLE,
    PAYOUT_IN_TRANSIT,
    DISPUTES_OPEN,
)


class Unbalanced(ValueError):
    """Entries that do not sum to zero were to be posted."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One side of a movement: an account by kind and owner, and a signed sum."""

    account: str
    amount: Money
    owner: str = ""


def moved(amount: Money, *, debit: str, credit: str, debit_owner: str = "", credit_owner: str = "") -> list[Entry]:
    """``amount`` from the account ``credit`` to the account ``debit``. ValueError unless it is above zero."""
    if amount.amount_minor <= 0:
        raise ValueError("only a sum above zero can be moved")
    return balanced([Entry(debit, amount, debit_owner), Entry(credit, -amount, credit_owner)])


def balanced(entries: list[Entry]) -> list[Entry]:
    """The entries, if they sum to zero in every currency; raises :class:`Unbalanced` otherwise."""
    sums: dict[str, int] = {}
    for each in entries:
        sums[each.amount.currency] = sums.get(each.amount.currency, 0) + each.amount.amount_minor
    if any(sums.values()) or not entries:
        raise Unbalanced(f"entries sum to {sums}")
    return entries


def captured(total: Money, gateway: str) -> list[Entry]:
    """The guest's money arrived at the gateway and is held for the stay."""
    return moved(total, debit=GATEWAY_CLEARING, debit_owner=gateway, credit=GUEST_FUNDS_HELD)


def refund_promised(amount: Money) -> list[Entry]:
    """Part of what is held is owed to the guest again."""
    return moved(amount, debit=GUEST_FUNDS_HELD, credit=REFUNDS_PAYABLE)


def refund_settled(amount: Money, gateway: str) -> list[Entry]:
    """The gateway sent the money back to the guest."""
    return moved(amount, debit=REFUNDS_PAYABLE, credit=GATEWAY_CLEARING, credit_owner=gateway)


def refund_returned(amount: Money, gateway: str) -> list[Entry]:
    """A refund that had been sent came back: it is owed again."""
    return moved(amount, debit=GATEWAY_CLEARING, debit_owner=gateway, credit=REFUNDS_PAYABLE)

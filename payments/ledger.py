"""What each movement of money means in double entry (pure): debits are positive, credits negative, sum zero.

Source of the table: the postings of the ledger's design (capture, fee, release to the host, payout, refund, and what
moves between a gateway and the house's bank). Money that was only authorised is no entry. A host's account is owned by
:func:`host_owner`, a gateway's by its name.
"""

from __future__ import annotations

from dataclasses import dataclass

from airbnb.money import Money
from payments.schedules import Split

GATEWAY_CLEARING = "gateway_clearing"
GUEST_FUNDS_HELD = "guest_funds_held"
HOST_PAYABLE = "host_payable"
PLATFORM_REVENUE = "platform_revenue"
TAX_PAYABLE = "tax_payable"
FEE_EXPENSE = "fee_expense"
REFUNDS_PAYABLE = "refunds_payable"
PAYOUT_IN_TRANSIT = "payout_in_transit"
DISPUTES_OPEN = "disputes_open"
BANK = "bank"

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
    BANK,
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


def fee_kept(amount: Money, gateway: str) -> list[Entry]:
    """The gateway has kept its fee, or, where ``amount`` is negative, given some of one back. ValueError for none."""
    if amount.amount_minor < 0:
        debit, credit, amount = GATEWAY_CLEARING, FEE_EXPENSE, -amount
    else:
        debit, credit = FEE_EXPENSE, GATEWAY_CLEARING
    return moved(amount, debit=debit, debit_owner=gateway, credit=credit, credit_owner=gateway)


def settled(amount: Money, gateway: str) -> list[Entry]:
    """The gateway has paid what it held out to the house's own bank account."""
    return moved(amount, debit=BANK, credit=GATEWAY_CLEARING, credit_owner=gateway)


def topped_up(amount: Money, gateway: str) -> list[Entry]:
    """The gateway has got money from the house's own bank account."""
    return moved(amount, debit=GATEWAY_CLEARING, debit_owner=gateway, credit=BANK)


def host_owner(host_id: int) -> str:
    """Whose account of a kind it is, for a host."""
    return f"host:{host_id}"


def released(held: Money, part: Split, host_id: int) -> list[Entry]:
    """24 hours after check-in: of what is held, the host's share and the tax are owed on, the rest is the house's.

    ``held`` is the part's gross, or less where some of it has gone back by grace: then the house bears the difference.
    """
    kept = held.amount_minor - part.host - part.tax
    return _of(
        held.currency,
        (GUEST_FUNDS_HELD, "", held.amount_minor),
        (HOST_PAYABLE, host_owner(host_id), -part.host),
        (TAX_PAYABLE, "", -part.tax),
        (PLATFORM_REVENUE, "", -kept),
    )


def refund_promised(amount: Money, *, back: Split | None = None, host_id: int = 0) -> list[Entry]:
    """Part of what is held is owed to the guest again.

    ``back`` is the part of it that is held no longer, because it was released: it is taken from the host, the tax
    and the house. ValueError unless the amount is above zero.
    """
    if amount.amount_minor <= 0:
        raise ValueError("only a sum above zero can be promised")
    back = back or Split()
    return _of(
        amount.currency,
        (GUEST_FUNDS_HELD, "", amount.amount_minor - back.gross),
        (HOST_PAYABLE, host_owner(host_id), back.host),
        (TAX_PAYABLE, "", back.tax),
        (PLATFORM_REVENUE, "", back.fees),
        (REFUNDS_PAYABLE, "", -amount.amount_minor),
    )


def payout_begun(amount: Money, host_id: int) -> list[Entry]:
    """It may be on its way to the host from now on."""
    return moved(amount, debit=HOST_PAYABLE, debit_owner=host_owner(host_id), credit=PAYOUT_IN_TRANSIT)


def payout_settled(amount: Money, gateway: str) -> list[Entry]:
    """The gateway has sent it."""
    return moved(amount, debit=PAYOUT_IN_TRANSIT, credit=GATEWAY_CLEARING, credit_owner=gateway)


def payout_failed(amount: Money, host_id: int) -> list[Entry]:
    """It came to nothing: the host is owed it again."""
    return moved(amount, debit=PAYOUT_IN_TRANSIT, credit=HOST_PAYABLE, credit_owner=host_owner(host_id))


def payout_returned(amount: Money, gateway: str, host_id: int) -> list[Entry]:
    """What had arrived came back: the gateway has it again, and the host is owed it."""
    owner = host_owner(host_id)
    return moved(amount, debit=GATEWAY_CLEARING, debit_owner=gateway, credit=HOST_PAYABLE, credit_owner=owner)


def _of(currency: str, *sides: tuple[str, str, int]) -> list[Entry]:
    """Entries of the sides (account, owner, signed minor units) that are not zero."""
    return balanced([Entry(account, Money(minor, currency), owner) for account, owner, minor in sides if minor])


def refund_settled(amount: Money, gateway: str) -> list[Entry]:
    """The gateway sent the money back to the guest."""
    return moved(amount, debit=REFUNDS_PAYABLE, credit=GATEWAY_CLEARING, credit_owner=gateway)


def refund_returned(amount: Money, gateway: str) -> list[Entry]:
    """A refund that had been sent came back: it is owed again."""
    return moved(amount, debit=GATEWAY_CLEARING, debit_owner=gateway, credit=REFUNDS_PAYABLE)

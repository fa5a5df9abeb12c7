"""Writing to the ledger: each movement once, in the transaction that makes it true."""

from __future__ import annotations

from airbnb import clock, correlation, db
from payments.ledger import Entry, balanced
from payments.models import LedgerAccount, LedgerEntry, LedgerTransaction


def post(*, source_type: str, source_id: str, reservation: str, entries: list[Entry]) -> bool:
    """Post the entries; False when this source was posted before. Raises Unbalanced.

    Runs in the caller's transaction, under the reservation lock.
    """
    db.require_transaction()
    balanced(entries)
    transaction, made = LedgerTransaction.objects.get_or_create(
        source_type=source_type,
        source_id=source_id,
        defaults={
            "reservation": reservation,
            "occurred_at": clock.now(),
            "correlation_id": correlation.current(),
        },
    )
    if made:
        LedgerEntry.objects.bulk_create(
            LedgerEntry(transaction=transaction, account=_account(each), amount_minor=each.amount.amount_minor)
            for each in entries
        )
    return made


def _account(entry: Entry) -> LedgerAccount:
    """The account of an entry, opened with its first use; two openers at once both find it."""
    account, _made = LedgerAccount.objects.get_or_create(
        kind=entry.account, owner=entry.owner, currency=entry.amount.currency
    )
    return account

"""What tests read: published events and the balances of the ledger."""

from __future__ import annotations

from typing import Any

from django.db.models import Sum

from airbnb.events.models import StoredEvent
from payments.models import LedgerEntry


def events(name: str) -> list[dict[str, Any]]:
    """The fields of all published events of a name, in order."""
    return list(StoredEvent.objects.filter(name=name).order_by("occurred_at", "id").values_list("payload", flat=True))


def balances(reservation: str) -> dict[str, int]:
    """The balance of every account that a reservation's money touched."""
    rows = LedgerEntry.objects.filter(transaction__reservation=reservation)
    return dict(rows.values_list("account__kind").annotate(sum=Sum("amount_minor")))

"""The ledger: append-only double entry. The database itself refuses changes and sums that are not zero."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from payments.ledger import ACCOUNT_KINDS


class LedgerAccount(models.Model):
    """An account of one kind, owner (a gateway, a host, or empty) and currency."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=24, choices=[(kind, kind) for kind in ACCOUNT_KINDS])
    owner = models.CharField(max_length=64, blank=True)
    currency = models.CharField(max_length=3)

    class Meta:
        verbose_name = _("ledger account")
        verbose_name_plural = _("ledger accounts")
        constraints = [models.UniqueConstraint(fields=["kind", "owner", "currency"], name="ledger_account_once")]

    def __str__(self) -> str:
        return ":".join(filter(None, (self.kind, self.owner, self.currency)))


class LedgerTransaction(models.Model):
    """One movement of money, once per source."""

    id = models.BigAutoField(primary_key=True)
    source_type = models.CharField(max_length=24)
    source_id = models.CharField(max_length=64)
    reservation = models.CharField(max_length=24, db_index=True)
    occurred_at = models.DateTimeField()
    correlation_id = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("ledger transaction")
        verbose_name_plural = _("ledger transactions")
        constraints = [models.UniqueConstraint(fields=["source_type", "source_id"], name="ledger_source_once")]

    def __str__(self) -> str:
        return f"{self.source_type} {self.source_id}"


class LedgerEntry(models.Model):
    """One side of a movement: a debit is positive, a credit negative, in minor units of the account's currency."""

    id = models.BigAutoField(primary_key=True)
    transaction = models.ForeignKey(LedgerTransaction, on_delete=models.PROTECT, related_name="entries")
    account = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="entries")
    amount_minor = models.BigIntegerField()

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        constraints = [
            models.CheckConstraint(name="ledger_entry_not_zero", condition=~models.Q(amount_minor=0)),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.amount_minor:+d}"

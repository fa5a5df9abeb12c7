"""The daily comparison of our payments with a gateway's own books."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class BooksComparison(models.Model):
    """One comparison of what was charged from ``since`` to ``until``.

    ``settled`` counts payments whose outcome was found out by it, ``movements`` the fees and bank movements that were
    booked by it (null: the gateway did not tell). ``differences`` lists what is left to explain: each with ``payment``
    (of a movement: the gateway's name for it), ``what`` and both sums in minor units. ``finished_at`` is null while it
    runs, or if it died.
    """

    gateway = models.CharField(_("gateway"), max_length=20)
    since = models.DateTimeField(_("from"))
    until = models.DateTimeField(_("until"))
    compared = models.PositiveIntegerField(_("compared"), default=0)
    settled = models.PositiveIntegerField(_("settled"), default=0)
    movements = models.PositiveIntegerField(_("fees and bank movements booked"), null=True, blank=True)
    differences = models.JSONField(_("differences"), default=list, blank=True)
    begun_at = models.DateTimeField(_("begun"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("comparison with the gateway's books")
        verbose_name_plural = _("comparisons with the gateways' books")
        indexes = [models.Index(fields=["gateway", "-until"], name="comparison_latest")]

    def __str__(self) -> str:
        return f"{self.gateway} {self.until:%Y-%m-%d}"

    def finish(
        self,
        *,
        compared: int,
        settled: int,
        movements: int | None,
        differences: list[dict[str, Any]],
        at: datetime,
    ) -> None:
        """What came of it."""
        self.compared, self.settled, self.movements = compared, settled, movements
        self.differences, self.finished_at = differences, at

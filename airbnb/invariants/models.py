"""What the running checks found: one row a run, and one for each invariant that was ever broken."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class CheckRun(models.Model):
    """One check of everything; ``finished_at`` is null while it runs, and stays so when its process died."""

    begun_at = models.DateTimeField(_("begun"))
    finished_at = models.DateTimeField(_("finished"), null=True)
    seconds = models.FloatField(_("seconds"), default=0)
    checked = models.PositiveSmallIntegerField(_("checked"), default=0)
    broken = models.PositiveSmallIntegerField(_("broken"), default=0)
    unanswered = models.PositiveSmallIntegerField(_("not answered"), default=0)

    class Meta:
        verbose_name = _("check of the invariants")
        verbose_name_plural = _("checks of the invariants")
        indexes = (models.Index(fields=["-begun_at"], name="check_run_latest"),)

    def __str__(self) -> str:
        return f"{self.begun_at:%Y-%m-%d %H:%M:%S}"

    def finish(self, *, at: datetime, seconds: float, checked: int, broken: int, unanswered: int) -> None:
        """What came of it."""
        self.finished_at, self.seconds = at, seconds
        self.checked, self.broken, self.unanswered = checked, broken, unanswered
        self.save()


class StandingFinding(models.Model):
    """A broken invariant from the check that saw it first to the one that found it whole again (``gone_at``).

    ``rows`` are the first few offenders of the latest check, ``count`` all of them; -1 when it could not be asked.
    """

    name = models.CharField(_("invariant"), max_length=80)
    says = models.CharField(_("what must hold"), max_length=300)
    count = models.IntegerField(_("rows"))
    rows = models.JSONField(_("first rows"), default=list)
    first_seen_at = models.DateTimeField(_("first seen"))
    last_seen_at = models.DateTimeField(_("last seen"))
    gone_at = models.DateTimeField(_("gone"), null=True)

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        ordering = ("-last_seen_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(gone_at__isnull=True), name="finding_stands_once"
            ),
        )

    def __str__(self) -> str:
        return self.name

    def see(self, *, count: int, rows: list[dict[str, Any]], at: datetime) -> None:
        """It is still so."""
        self.count, self.rows, self.last_seen_at = count, rows, at
        self.save(update_fields=["count", "rows", "last_seen_at"])

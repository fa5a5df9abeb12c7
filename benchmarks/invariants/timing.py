"""The two checks as they are really run, each once and never before, against the time that is promised for it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from io import StringIO

# What the timer starts every five minutes, and what an operator may start at any time.
SERVICE_LIMIT_S, WHOLE_LIMIT_S = 5.0, 20.0


@dataclass(frozen=True)
class Timed:
    """One run of all invariants: ``wrong`` names what is broken or went without an answer."""

    how: str
    seconds: float
    limit_s: float
    checked: int
    wrong: list[str]

    @property
    def good(self) -> bool:
        """Everything was asked, nothing is broken, and it was done in time."""
        return bool(self.checked) and not self.wrong and self.seconds <= self.limit_s

    def __str__(self) -> str:
        return (
            f"{self.how}: {self.checked} invariants in {self.seconds:.2f} s (limit {self.limit_s:.0f} s),"
            f" {len(self.wrong)} wrong: {'good' if self.good else 'BAD'}"
        )


def in_service() -> Timed:
    """What the timer calls: with its look-back, its limits and its tables of runs and findings."""
    from airbnb.invariants.models import CheckRun, StandingFinding
    from airbnb.invariants.tasks import check_all

    seconds = _cold(check_all)
    run = CheckRun.objects.latest("pk")
    wrong = [f"{each.name}: {each.count} rows" for each in StandingFinding.objects.filter(gone_at__isnull=True)]
    if run.unanswered and len(wrong) < run.broken + run.unanswered:
        wrong.append(f"{run.unanswered} without an answer")
    return Timed("as in service", seconds, SERVICE_LIMIT_S, run.checked, wrong)


def whole() -> Timed:
    """The command without ``--days``."""
    from django.core.management import call_command

    said = StringIO()

    def command() -> None:
        with suppress(SystemExit):  # its exit code says no more than what it printed
            call_command("check_invariants", "--json", stdout=said)

    seconds = _cold(command)
    told = json.loads(said.getvalue())
    wrong = [f"{each['name']}: {each['count']} rows, first {each['rows'][0]}" for each in told["broken"]]
    return Timed("everything", seconds, WHOLE_LIMIT_S, told["checked"], wrong)


def _cold(work: Callable[[], object]) -> float:
    """Seconds by the clock of one run over a connection that has asked nothing before."""
    from django.db import connection

    if not connection.in_atomic_block:  # in a test's transaction there is no other connection to be had
        connection.close()
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun

"""The two checks as they are really run, each once and never before, against the time that is promised for it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

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
    processor_s: float = 0.0  # of the session in the database: where others are at work, it says more than the clock

    @property
    def good(self) -> bool:
        """Everything was asked, nothing is broken, and it was done in time."""
        return bool(self.checked) and not self.wrong and self.seconds <= self.limit_s

    def __str__(self) -> str:
        return (
            f"{self.how}: {self.checked} invariants in {self.seconds:.2f} s (limit {self.limit_s:.0f} s),"
            f" {self.processor_s:.2f} s of processor time, {len(self.wrong)} wrong: {'good' if self.good else 'BAD'}"
        )


def in_service() -> Timed:
    """What the timer calls: with its look-back, its limits and its tables of runs and findings."""
    from airbnb.invariants.models import CheckRun, StandingFinding
    from airbnb.invariants.tasks import check_all

    seconds, used = _cold(check_all)
    run = CheckRun.objects.latest("pk")
    wrong = [f"{each.name}: {each.count} rows" for each in StandingFinding.objects.filter(gone_at__isnull=True)]
    if run.unanswered and len(wrong) < run.broken + run.unanswered:
        wrong.append(f"{run.unanswered} without an answer")
    return Timed("as in service", seconds, SERVICE_LIMIT_S, run.checked, wrong, used)


def whole() -> Timed:
    """The command without ``--days``."""
    from django.core.management import call_command

    said = StringIO()

    def command() -> None:
        with suppress(SystemExit):  # its exit code says no more than what it printed
            call_command("check_invariants", "--json", stdout=said)

    seconds, used = _cold(command)
    told = json.loads(said.getvalue())
    wrong = [f"{each['name']}: {each['count']} rows, first {each['rows'][0]}" for each in told["broken"]]
    return Timed("everything", seconds, WHOLE_LIMIT_S, told["checked"], wrong, used)


def _cold(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of one run by the clock and by the processor, over a connection that has asked nothing before."""
    from django.db import connection

    if not connection.in_atomic_block:  # in a test's transaction there is no other connection to be had
        connection.close()
    used, begun = _processor_s(), time.perf_counter()
    work()
    return time.perf_counter() - begun, _processor_s() - used


def _processor_s() -> float:
    """Seconds of processor time that our session's own process in the database has used; 0 where it is not ours."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / float(os.sysconf("SC_CLK_TCK"))

"""The check in service: everything is asked, what is new is logged as an error once, and what is gone is closed."""

from __future__ import annotations

import time
from datetime import timedelta

import structlog
from django.db import DatabaseError

from airbnb import clock, db
from airbnb.invariants import Finding, all_invariants, asking, look
from airbnb.invariants.models import CheckRun, StandingFinding

log = structlog.get_logger(__name__)

# A question that takes longer than this is given up and counts as unanswered: a check never becomes the fault itself.
STATEMENT_LIMIT_S = 10.0
# After this long a run asks nothing more.
BUDGET_S = 45.0
KEPT = timedelta(days=14)
# What is only ever added (events, diaries, messages) is looked at for this long after it was written.
RECENT = timedelta(days=3)
# A run that has not finished after this long has died with its process.
LEASE = timedelta(minutes=3)
UNANSWERED = -1


def run() -> CheckRun | None:
    """One check of all invariants; None when another run is on its way. Needs no transaction, and takes no locks.

    What cannot change any more is looked at while it is new (RECENT); the command looks at everything. Every question
    is a statement of its own, so each sees one consistent state of the database.
    """
    begun = time.monotonic()
    current = _begin()
    if current is None:
        return None
    asked, found = 0, []
    for invariant in all_invariants():
        if time.monotonic() - begun > BUDGET_S:
            break
        asked += 1
        try:
            with asking(STATEMENT_LIMIT_S):
                finding = look(invariant, current.begun_at, current.begun_at - RECENT)
        except DatabaseError as error:
            finding = Finding(invariant, UNANSWERED, [{"error": str(error)[:300]}])
        if finding is not None:
            found.append(finding)
    left_out = len(all_invariants()) - asked
    _finish(current, found, seconds=time.monotonic() - begun, checked=asked, left_out=left_out)
    return current


def _begin() -> CheckRun | None:
    with db.write():
        db.lock("invariants")
        at = clock.now()
        if CheckRun.objects.filter(finished_at__isnull=True, begun_at__gt=at - LEASE).exists():
            return None
        CheckRun.objects.filter(begun_at__lt=at - KEPT).delete()
        return CheckRun.objects.create(begun_at=at)


def _finish(current: CheckRun, found: list[Finding], *, seconds: float, checked: int, left_out: int) -> None:
    with db.write():
        db.lock("invariants")
        at = clock.now()
        standing = {each.name: each for each in StandingFinding.objects.filter(gone_at__isnull=True)}
        for finding in found:
            _keep(finding, standing.pop(finding.invariant.name, None), current)
        if not left_out:  # what was not asked may be as broken as before
            StandingFinding.objects.filter(pk__in=[each.pk for each in standing.values()]).update(gone_at=at)
        unanswered = sum(each.count == UNANSWERED for each in found) + left_out
        broken = sum(each.count != UNANSWERED for each in found)
        current.finish(at=at, seconds=round(seconds, 3), checked=checked, broken=broken, unanswered=unanswered)
    for name in standing:
        log.info("invariant_holds_again", invariant=name)


def _keep(finding: Finding, known: StandingFinding | None, current: CheckRun) -> None:
    """A finding that stands already is brought up to date in silence; a new one is an error, told once."""
    if known is not None:
        known.see(count=finding.count, rows=finding.rows, at=current.begun_at)
        return
    StandingFinding.objects.create(
        name=finding.invariant.name,
        says=finding.invariant.says,
        count=finding.count,
        rows=finding.rows,
        first_seen_at=current.begun_at,
        last_seen_at=current.begun_at,
    )
    log.error("invariant_broken", invariant=finding.invariant.name, count=finding.count, rows=finding.rows)

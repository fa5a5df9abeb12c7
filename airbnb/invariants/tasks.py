"""The timer of the checks, on a queue of its own: a long question never delays a booking's work."""

from __future__ import annotations

from celery import shared_task

from airbnb.invariants import running


@shared_task(name="invariants.check", soft_time_limit=60, time_limit=75)
def check_all() -> int:
    """Check everything; returns how many invariants are broken (-1: another run is on its way).

    Workers with a pool of threads know no time limits; there each statement's own limit and the run's budget hold.
    """
    done = running.run()
    return -1 if done is None else done.broken

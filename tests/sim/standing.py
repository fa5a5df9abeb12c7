"""Long runs outside pytest: a test database for each worker process, and jobs shared out among them."""

from __future__ import annotations

import logging
import multiprocessing
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import django

import tests.servers  # noqa: F401  (before Django reads its settings: servers and an environment of the tests' own)

django.setup()
logging.disable(logging.CRITICAL)  # what goes wrong on purpose would fill the screen


@contextmanager
def workers() -> Iterator[Callable[[Callable[[Any], Any], list[Any]], Iterator[Any]]]:
    """``run(work, jobs)``: the answers of ``work(job)`` as they come, from ``WORKERS`` processes (two unless told)."""
    from django.db import connections
    from django.test.utils import setup_databases, setup_test_environment, teardown_databases

    count = int(os.environ.get("WORKERS") or 2)
    setup_test_environment()
    databases = setup_databases(verbosity=0, interactive=False, parallel=count)
    connections.close_all()
    context = multiprocessing.get_context("fork")
    try:
        with context.Pool(count, _begin, [context.Value("i", 0)] if count > 1 else [None]) as pool:
            yield lambda work, jobs: pool.imap_unordered(work, jobs)
    finally:
        teardown_databases(databases, verbosity=0)


def _begin(counter: Any) -> None:
    from django.db import connection

    if counter is None:  # the only worker takes the only database
        return
    with counter.get_lock():
        counter.value += 1
        number = counter.value
    connection.creation.setup_worker_connection(number)

"""The pool of database connections: whoever comes after a restart of the database does not notice it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError, connection

from airbnb import postgres
from airbnb.postgres.base import DatabaseWrapper

SIZE = 6


@pytest.fixture
def pooled(db: None) -> Iterator[list[DatabaseWrapper]]:
    """Connections of one pool, all in use once, as in a busy web process, and given back."""
    facts = connection.settings_dict | postgres.limits(statement_ms=0, idle_ms=0, pool=SIZE)
    those = [DatabaseWrapper(facts) for _ in range(SIZE)]
    for each in those:
        ask(each)
    for each in those:
        each.close()
    yield those
    for each in those:
        each.close()
    those[0].close_pool()


def ask(who: DatabaseWrapper) -> Any:
    with who.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def pids(pooled: list[DatabaseWrapper]) -> list[int]:
    found = [ask(each) for each in pooled]
    for each in pooled:
        each.close()
    return found


def cut(pids: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid, 5000) FROM unnest(%s::int[]) AS pid", [pids])
        assert all(done for (done,) in cursor.fetchall())


def test_after_a_restart_nobody_meets_a_connection_that_was_cut(pooled: list[DatabaseWrapper]) -> None:
    before = pids(pooled)
    assert len(set(before)) == SIZE
    cut(before)
    after = [pids(pooled[:1])[0] for _ in range(3 * SIZE)]
    assert not set(after) & set(before)


def test_what_is_whole_is_kept(pooled: list[DatabaseWrapper]) -> None:
    first = set(pids(pooled))
    for _ in range(3):
        assert set(pids(pooled)) == first


def test_without_looking_each_cut_connection_fails_once(
    pooled: list[DatabaseWrapper], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: it is the look at the socket that spares the requests."""
    monkeypatch.setattr(DatabaseWrapper, "_is_cut", lambda self, connection: False)
    cut(pids(pooled))
    with pytest.raises(OperationalError):
        ask(pooled[0])

"""Transactions and locks: one way to write, one order of locks, and no network while a transaction is open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from django.db import connection, transaction

# The depth of transactions that a test's own frame holds open; zero outside tests.
tolerated_depth: ContextVar[int] = ContextVar("tolerated_transaction_depth", default=0)


class NetworkInTransaction(RuntimeError):
    """Somebody tried to talk to the outside while holding a transaction open."""


class NoTransaction(RuntimeError):
    """Work that must be all-or-nothing was tried outside a transaction."""


Result = TypeVar("Result")
# What has to be done first is found again only where somebody makes more of it meanwhile.
FIRST_ROUNDS = 5


class FirstThis(RuntimeError):
    """Raised in a transaction: all of it is rolled back, ``work`` is done, and then it is tried again.

    For a reaction that finds something in its way which must end in a transaction of its own.
    """

    def __init__(self, work: Callable[[], None]) -> None:
        self.work = work
        super().__init__("something else must be done first")


@contextmanager
def write() -> Iterator[None]:
    """One transaction for one write; a lock is waited for as long as ``lock_timeout`` in the settings allows."""
    with transaction.atomic():
        yield


def write_after(act: Callable[[], Result]) -> Result:
    """``act`` in one transaction; what it says must be done first (:class:`FirstThis`) is done outside of it."""
    for last in (False,) * (FIRST_ROUNDS - 1) + (True,):
        try:
            with write():
                return act()
        except FirstThis as first:
            if last:
                raise
            first.work()
    raise AssertionError("the last round returns or raises")


def lock(*names: str) -> None:
    """Take exclusive advisory locks until the transaction ends, always in the same order.

    Names are sorted first, so two callers that want the same set can never wait for each other.
    """
    require_transaction()
    with connection.cursor() as cursor:
        for name in sorted(set(names)):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def reservation_lock(code: str) -> None:
    """The first statement of every transaction that changes a reservation, its payment or its ledger.

    One lock for all three makes the order reservation, payment, ledger hold by construction.
    """
    lock(f"reservation:{code}")


def depth() -> int:
    """How many nested transactions and savepoints are open here, not counting a test's own."""
    blocks = len(connection.savepoint_ids) + (1 if connection.in_atomic_block else 0)
    return max(0, blocks - tolerated_depth.get())


def require_transaction() -> None:
    """Raise :class:`NoTransaction` unless a transaction is open."""
    if not connection.in_atomic_block:
        raise NoTransaction("this must run inside a transaction")


def forbid_transaction(what: str) -> None:
    """Raise :class:`NetworkInTransaction` when ``what`` would go out while a transaction is open."""
    if depth():
        raise NetworkInTransaction(f"{what} inside a database transaction")

"""A process that is killed: at a statement, at a commit whose answer never comes, or on the way to a gateway.

Inside one process the kill is an exception that nobody may catch: whatever the dying code still tries (``finally``,
``except``, a hook after commit) is refused at the first statement, gateway call or message, so nothing of it lasts.
``tests/sweep`` proves on samples that what is left is what a forked process leaves that ends by ``os._exit``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

_NUMBERED = re.compile(r'"s\d+_x\d+"')  # Django's names for savepoints


class Killed(BaseException):
    """The process is gone."""


class Executioner:
    """Counts the points that a run passes, and kills it at the one it was told (from 1); 0 only counts."""

    def __init__(self, at: int = 0, *, kill: Callable[[], None] | None = None) -> None:
        self.at, self.points, self.dead = at, [], False  # type: tuple[int, list[str], bool]
        self._kill = kill

    def point(self, name: str) -> None:
        """The run passes here; it may be its end."""
        if self.dead:
            raise Killed(name)
        self.points.append(name)
        if len(self.points) == self.at:
            self.dead = True
            if self._kill is not None:
                self._kill()
            raise Killed(name)

    def statement(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        """For ``connection.execute_wrapper``: killed before the statement is sent."""
        self.point(f"sql: {_short(sql)}")
        return execute(sql, params, many, context)

    @contextmanager
    def watching(self) -> Iterator[Executioner]:
        """Everything inside passes the points; a kill ends the block quietly, with ``dead`` set."""
        commit = connection._commit

        def killed_around_the_commit() -> None:
            try:
                self.point("commit: not sent")
            except Killed:
                connection._rollback()  # as the server does when its client is gone
                raise
            commit()
            self.point("commit: done, its answer withheld")

        connection._commit = killed_around_the_commit  # type: ignore[method-assign]
        try:
            with connection.execute_wrapper(self.statement):
                yield self
        except BaseException:
            if not self.dead:
                raise
        finally:
            connection._commit = commit  # type: ignore[method-assign]
            if self.dead:
                connection.close()  # the server undoes what was not committed; no hook after commit is left


def _short(sql: Any) -> str:
    """What the trace shows, the same in every run."""
    return " ".join(_NUMBERED.sub("", str(sql)).split())[:90]

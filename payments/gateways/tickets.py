"""The bulkhead: how many threads of this process may be inside calls to a gateway at one time.

What a slow gateway uses up are the threads of a process, so the tickets are each process's own: half of its threads
stay free whatever the others do, a killed process leaves no ticket behind, and no Redis is needed to take one.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from threading import Condition


class Tickets:
    """``total`` tickets, of which work that no guest waits for may hold ``in_background``: half, but always one."""

    def __init__(self, total: int, *, in_background: int | None = None) -> None:
        self.total, self.background_total = total, in_background or max(1, total // 2)
        self._taken = self._in_background = 0
        self._withheld: list[float] = []  # until when
        self._changed = Condition()

    @contextmanager
    def taken(self, *, background: bool, wait_s: float) -> Iterator[bool]:
        """Hold a ticket inside; False when there was none within ``wait_s`` seconds."""
        got = self._take(background, wait_s)
        try:
            yield got
        finally:
            if got:
                self._give_back(background)

    @property
    def in_use(self) -> int:
        """How many are held now."""
        return self._taken

    def withhold(self, seconds: float) -> None:
        """Give one ticket less for so long: the next should not wait where somebody has just waited in vain."""
        with self._changed:
            self._withheld.append(time.monotonic() + seconds)

    def _take(self, background: bool, wait_s: float) -> bool:
        ends = time.monotonic() + wait_s
        with self._changed:
            while not self._free(background):
                left = ends - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    return False
            self._taken += 1
            self._in_background += background
            return True

    def _free(self, background: bool) -> bool:
        if background and self._in_background >= self.background_total:
            return False
        at = time.monotonic()
        self._withheld = [until for until in self._withheld if until > at]
        return self._taken + len(self._withheld) < self.total

    def _give_back(self, background: bool) -> None:
        with self._changed:
            self._taken -= 1
            self._in_background -= background
            self._changed.notify_all()


@contextmanager
def taken(all_of: Sequence[Tickets], *, background: bool, wait_s: float) -> Iterator[bool]:
    """Hold a ticket of each inside, taken in this order; False when one was not to be had within ``wait_s`` seconds."""
    ends = time.monotonic() + wait_s
    with ExitStack() as held:
        yield all(
            held.enter_context(each.taken(background=background, wait_s=max(0.0, ends - time.monotonic())))
            for each in all_of
        )

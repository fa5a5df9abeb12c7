"""What a storm counts, what it says at its end, and how it is judged: the same for all of them."""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError, connection, connections

from airbnb.errors import DomainError
from airbnb.invariants import check
from payments import tasks
from tests import gateway_books
from tests.stack import RunningStack, until
from tests.storms.people import Answer

PATIENCE_S = 60
LONG = os.environ.get("STORM_SIZE") == "long"


def size(short: int, long: int) -> int:
    """How much of something, in the short or the long form."""
    return long if LONG else short


def seconds(short: float, long: float) -> float:
    """How long; STORM_SECONDS says otherwise for the long form, ten minutes at most."""
    return min(float(os.environ.get("STORM_SECONDS", long)), 600) if LONG else short


class Storm:
    """One run: a seed, counts of what became of each attempt, the times of refusals, and complaints."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.seed = int(os.environ.get("STORM_SEED") or random.SystemRandom().randrange(10**6))
        self.random = random.Random(self.seed)
        self.counts: Counter[str] = Counter()
        self.refused_ms: list[float] = []
        self.answered_ms: list[float] = []
        self.complaints: list[str] = []
        self.begun = time.monotonic()
        self._lock = threading.Lock()

    def complain(self, what: str) -> None:
        """Something that must not be."""
        with self._lock:
            self.complaints.append(what)

    def expect(self, holds: bool, what: str) -> None:
        """Complain unless it holds."""
        if not holds:
            self.complain(what)

    def attempt(self, kind: str, work: Callable[[], Any]) -> Any:
        """Do it and count what came of it: done, refused by a rule, or a fault. Returns what came back, or None.

        Only refusals that the rules foresee are forgiven. A deadlock or a serialisation failure that reaches the
        caller is a fault; waiting too long for a lock (55P03) is answered by the site with 503 and counted apart.
        """
        begun = time.monotonic()
        try:
            result = work()
        except DomainError as refused:
            with self._lock:
                self.refused_ms.append((time.monotonic() - begun) * 1000)
                self.counts[f"{kind}: {refused.code}"] += 1
            return None
        except OperationalError as error:
            state = getattr(error.__cause__, "sqlstate", "") or ""
            if state == "55P03":
                self._count(f"{kind}: waited too long")
            else:
                self.complain(f"{kind}: {state} {error}")
            return None
        except Exception as error:  # whatever it is, it is what the storm looks for
            self.complain(f"{kind}: {type(error).__name__} {error}")
            return None
        self._count(f"{kind}: done")
        return result

    def happened(self, kind: str) -> None:
        """Count something that came of other things."""
        self._count(f"{kind}: done")

    def answered(self, kind: str, answer: Answer) -> None:
        """Count what came back over HTTP, and how long it took."""
        self._count(f"{kind}: {answer.status or 'no answer'}")
        self.answered_ms.append(answer.ms)

    def _count(self, what: str) -> None:
        with self._lock:
            self.counts[what] += 1

    def has_done(self, *kinds: str) -> bool:
        """Whether each of these came through at least once."""
        return all(self.counts[f"{kind}: done"] for kind in kinds)

    @property
    def attempts(self) -> int:
        """How many there were."""
        return sum(self.counts.values())

    def percentile(self, rank: int) -> float:
        """Within how many ms this share of the answers over HTTP came."""
        return _percentile(self.answered_ms, rank)

    def refused_p95(self) -> float:
        """The 95th percentile of refusals in ms; 0 without any."""
        return _percentile(self.refused_ms, 95)

    def end(self, books: dict[str, Any] | None = None, *, settled: bool = True) -> None:
        """Check every invariant and, given the gateway's books, compare them with ours."""
        for finding in check():
            self.complain(f"{finding.invariant.name}: {finding.count} rows, first {finding.rows[0]}")
        if books is not None:
            self.complaints += gateway_books.differences(books, settled=settled)

    def all_holds_on(self, stack: RunningStack) -> None:
        """The same for a running stack, whose background is given half a minute to finish."""
        said = [""]

        def asked() -> bool:
            said[0] = stack.manage("check_invariants", "--json", fails=True)
            return '"ok": true' in said[0]

        try:
            until(asked, "every invariant holds")
        except AssertionError:
            self.complain(said[0])

    @property
    def verdict(self) -> str:
        """One line with everything that is needed to run it again."""
        counts = ", ".join(f"{count} {what}" for what, count in sorted(self.counts.items()))
        outcome = "RED" if self.complaints else "green"
        took = time.monotonic() - self.begun
        times = f", refusals p95 {self.refused_p95():.0f} ms" if self.refused_ms else ""
        if self.answered_ms:
            times += ", answers " + ", ".join(f"p{rank} {self.percentile(rank):.0f} ms" for rank in (50, 95, 99))
        return (
            f"storm {self.name} seed {self.seed}: {self.attempts} attempts in {took:.1f} s ({counts}){times}: {outcome}"
        )

    def must_be_green(self) -> None:
        """Say it, and fail with every complaint."""
        print(f"\n{self.verdict}")
        assert not self.complaints, self.verdict + "\n" + "\n".join(self.complaints[:20])

    def must_be_red(self, *about: str) -> None:
        """The control: with the guard off there are complaints, and they are of this kind."""
        print(f"\n{self.verdict} (control)")
        assert self.complaints, f"{self.verdict}: the guard was off and nobody noticed"
        assert any(word in line for word in about for line in self.complaints), "\n".join(self.complaints[:20])


def _percentile(times: list[float], rank: int) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) * rank // 100, len(ordered) - 1)] if ordered else 0.0


def crowd(*jobs: Callable[[], None], seconds: float = 900) -> None:
    """Run the jobs in threads that start together, each with a connection of its own that is closed in the end."""
    barrier = threading.Barrier(len(jobs))

    def run(job: Callable[[], None]) -> None:
        try:
            barrier.wait(timeout=60)
            job()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(job,), daemon=True) for job in jobs]
    for thread in threads:
        thread.start()
    ends = time.monotonic() + seconds
    for thread in threads:
        thread.join(timeout=max(ends - time.monotonic(), 0))
    assert not any(thread.is_alive() for thread in threads), "somebody in the crowd never came back"


def settle_everything(rounds: int = 100) -> None:
    """The background alone: deliveries, undecided payments, refunds, messages, until nothing is left to do."""
    from airbnb.events.bus import deliver_pending

    for _round in range(rounds):
        make_due()
        done = deliver_pending() + tasks.settle_unknown() + tasks.send_refunds() + tasks.work_webhooks()
        if not done:
            return


def make_due() -> None:
    """What waits for its next try is tried now: storms do not wait for pauses."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE payments_payment SET next_look_at = now() WHERE status IN ('processing', 'unknown')"
            " OR void_wanted OR capture_wanted"
        )
        cursor.execute("UPDATE payments_refund SET next_attempt_at = now() WHERE status = 'pending'")
        cursor.execute("UPDATE payments_webhookmessage SET next_attempt_at = now() WHERE state = 'waiting'")


@contextmanager
def until_the_end(length: float, enough: Callable[[], bool] = lambda: True) -> Iterator[Callable[[], bool]]:
    """``while going():`` for this many seconds, and on until it is ``enough``: a minute more at most."""
    ends = time.monotonic() + length

    def going() -> bool:
        now = time.monotonic()
        return now < ends or (now < ends + PATIENCE_S and not enough())

    yield going

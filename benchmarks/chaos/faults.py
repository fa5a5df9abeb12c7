"""What is broken: processes by their id, the broker's data, connections, and the gateway's manners."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psycopg
import redis

from benchmarks.chaos.journal import Journal
from tests.stack import ROOT, RunningStack

DATABASE_BACK_S = 30.0


class Breaker:
    """Breaks one thing at a time in a running stack; everything it starts or stops for a while it also undoes."""

    def __init__(self, stack: RunningStack, journal: Journal, dice: random.Random) -> None:
        self.stack, self.journal, self.dice = stack, journal, dice
        self.worker_kills = 0
        self.undo: list[Callable[[], None]] = []
        self.kinds: dict[str, Callable[[], None]] = {
            "web server killed": lambda: self._kill("granian", parents=True),
            "process of a web server killed": lambda: self._kill("granian", parents=False),
            "worker killed": self._kill_worker,
            "beat killed": lambda: self._kill("airbnb beat", parents=True),
            "redis killed": lambda: self._kill("valkey-server", parents=True),
            "redis flushed": self._flush,
            "postgres stopped at once": self._stop_postgres,
            "connections cut": self._cut_connections,
            "sandbox killed": lambda: self._kill("airbnb.embedded.sandbox", parents=True),
            "gateway misbehaves": self._misbehave,
            "webhooks disturbed": self._disturb_webhooks,
            "worker frozen": self._freeze,
            "workers one to six to one": self._more_workers,
        }

    def run(self, over: threading.Event, *, every: tuple[float, float]) -> None:
        """Break something every few seconds until ``over``; every kind comes up before one is repeated."""
        bag: list[str] = []
        while not over.wait(self.dice.uniform(*every)):
            if not bag:
                bag = sorted(self.kinds)
                self.dice.shuffle(bag)
            kind = bag.pop()
            try:
                self.kinds[kind]()
            except (OSError, psycopg.Error, redis.RedisError, httpx.HTTPError) as problem:
                self.journal.count(f"fault missed: {kind}: {type(problem).__name__}")
            else:
                self.journal.fault(kind)

    def heal(self) -> None:
        """End everything that lasts."""
        while self.undo:
            self.undo.pop()()
        self._sandbox({"mode": "none", "webhooks": "normal"})

    # ------------------------------------------------------------------------------------------ processes
    def processes(self, what: str) -> list[tuple[int, int]]:
        """(pid, parent) of this stack's processes whose command line has ``what``."""
        mine = f"DATA_DIR={self.stack.env['DATA_DIR']}".encode()
        folder = self.stack.env["DATA_DIR"].encode()
        broker = self.stack.env["REDIS_URL"].rpartition(":")[2].partition("/")[0]
        broker_title = f"valkey-server 127.0.0.1:{broker}".encode()
        found = []
        for each in Path("/proc").iterdir():
            if not each.name.isdigit():
                continue
            try:
                command = (each / "cmdline").read_bytes().replace(b"\0", b" ")
                owned = (
                    folder in command
                    or command.strip().endswith(broker_title)
                    or mine in (each / "environ").read_bytes().split(b"\0")
                )
                parent = int((each / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, ValueError, IndexError):  # it has ended meanwhile
                continue
            if owned and what.encode() in command and b"embedded run" not in command:
                found.append((int(each.name), parent))
        return found

    def _kill(self, what: str, *, parents: bool) -> None:
        found = self.processes(what)
        pids = {pid for pid, _parent in found}
        chosen = [pid for pid, parent in found if (parent not in pids) == parents]
        if not chosen:
            raise OSError(f"no {what}")
        os.kill(self.dice.choice(chosen), signal.SIGKILL)

    def _kill_worker(self) -> None:
        os.kill(self.dice.choice(self.processes("airbnb worker"))[0], signal.SIGKILL)
        self.worker_kills += 1

    def _freeze(self) -> None:
        pid = self.dice.choice(self.processes("airbnb worker"))[0]
        os.kill(pid, signal.SIGSTOP)
        self._later(12, lambda: os.kill(pid, signal.SIGCONT))
        self.worker_kills += 1  # its lease may pass to another, like a dead one's

    def _more_workers(self) -> None:
        queues = "rooms,reservations,payments,events,reviews,notifications"
        command = [sys.executable, "-m", "celery", "-A", "airbnb", "worker", "--queues", queues]
        command += ["--pool", "threads", "--concurrency", "2", "--without-gossip", "--without-mingle"]
        more = [
            subprocess.Popen(
                [*command, "--hostname", f"more-{number}-{self.stack.port}@%h"],
                cwd=ROOT,
                env=self.stack.environment | self.stack.env,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            for number in range(5)
        ]

        def stop() -> None:
            for each in more:
                each.terminate() if self.dice.random() < 0.5 else each.kill()
            for each in more:
                try:
                    each.wait(15)
                except subprocess.TimeoutExpired:
                    each.kill()
                    each.wait(5)

        self.worker_kills += len(more)
        self._later(20, stop)

    # -------------------------------------------------------------------------------------------- services
    def _stop_postgres(self) -> None:
        data = Path(self.stack.env["DATA_DIR"]) / "postgres"
        pid_file = next(data.rglob("postmaster.pid"))
        began = self.journal.second()
        os.kill(int(pid_file.read_text().split()[0]), signal.SIGQUIT)
        threading.Thread(target=self._await_postgres, args=(began,), daemon=True).start()

    def _await_postgres(self, began: float) -> None:
        """Write down how long there was no database: nobody can be shown a page meanwhile."""
        ends = time.monotonic() + DATABASE_BACK_S
        while time.monotonic() < ends:
            time.sleep(0.05)
            try:
                psycopg.connect(self.stack.env["DATABASE_URL"], connect_timeout=2).close()
            except psycopg.OperationalError:
                continue
            self.journal.outage(began)
            return
        self.journal.count("the database did not come back")

    def _cut_connections(self) -> None:
        with psycopg.connect(self.stack.env["DATABASE_URL"], autocommit=True, connect_timeout=3) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND random() < 0.6"
            )

    def _flush(self) -> None:
        redis.Redis.from_url(self.stack.env["REDIS_URL"], socket_timeout=3).flushall()

    def _misbehave(self) -> None:
        mode = self.dice.choice(("drop_after", "drop_before", "error_after", "error", "slow", "timeout"))
        self._sandbox({"mode": mode, "rate": 0.5, "latency_ms": 2500})
        self._later(12, lambda: self._sandbox({"mode": "none"}))

    def _disturb_webhooks(self) -> None:
        self._sandbox({"webhooks": self.dice.choice(("off", "duplicate", "shuffle", "delay", "early"))})
        self._later(20, lambda: self._sandbox({"webhooks": "normal"}))

    def _sandbox(self, faults: dict[str, object]) -> None:
        httpx.post(f"{self.stack.env['PAYMENT_SANDBOX_URL']}/_faults", json=faults, timeout=5).raise_for_status()

    def _later(self, seconds: float, undo: Callable[[], None]) -> None:
        """Undo after a while, or at the end, whichever comes first; once."""
        once = threading.Lock()

        def do() -> None:
            if once.acquire(blocking=False):
                try:
                    undo()
                except (OSError, httpx.HTTPError):
                    self.journal.count("already gone when it was to be undone")

        timer = threading.Timer(seconds, do)
        timer.daemon = True
        timer.start()
        self.undo.append(do)

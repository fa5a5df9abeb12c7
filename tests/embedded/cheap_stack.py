"""A supervisor in a process of its own, with children that cost nothing; it prints their process ids."""

from __future__ import annotations

import sys
from pathlib import Path

from airbnb.embedded.postgres import Postgres
from airbnb.embedded.processes import interruption_of_parent, spawn
from airbnb.embedded.supervision import Child, GaveUp, Patience, StopAsked, Supervisor
from airbnb.embedded.valkey import Valkey


def main(kind: str, folder: Path) -> int:
    """Supervise two sleepers, one that ignores TERM, one that cannot start, or real servers."""
    log = folder / "child.log"
    must_stop = interruption_of_parent()
    supervisor = Supervisor(lambda text: print(text, flush=True), Patience(first_pause=0.01), must_stop=must_stop)
    commands = {
        "quiet": [["sh", "-c", "echo up; exec sleep 600"], ["sh", "-c", "sleep 600 & echo up; sleep 600"]],
        "stubborn": [["sh", "-c", "trap '' TERM INT; echo up; while :; do sleep 0.1; done"]],
        "broken": [["sh", "-c", "echo the disk is full; exit 3"]],
        "servers": [],
    }[kind]
    with supervisor.signals():
        try:
            for number, argv in enumerate(commands):
                child = Child(f"child-{number}", lambda argv=argv: spawn(argv, log=log), log, grace=0.5)  # type: ignore[misc]
                supervisor.start(child)
            supervisor.wait_until(lambda: lines_of(log) >= len(commands), "the first line of each child", 10)
            if kind == "servers":
                _start_servers(supervisor, folder)
            print("pids", *[child.process.pid for child in supervisor.children if child.process], flush=True)
            supervisor.watch()
        except StopAsked:
            return 0
        except GaveUp as problem:
            print(problem, flush=True)
            return 1
        finally:
            supervisor.stop_all()
    return 2


def lines_of(log: Path) -> int:
    return len(log.read_text().splitlines()) if log.exists() else 0


def _start_servers(supervisor: Supervisor, folder: Path) -> None:
    postgres = Postgres(folder / "postgres", durable=False).start()
    valkey = Valkey(folder / "valkey", durable=False).start()
    for name, server in (("postgres", postgres), ("valkey", valkey)):
        assert server.process is not None
        supervisor.adopt(Child(name, server.spawn, folder / "log"), server.process)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
